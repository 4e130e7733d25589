"""A desk whose every bulletin, file name and question is hostile, ready to be asked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag import settings
from rag.admin import saved_questions, staging, unanswered
from rag.admin.job_runner import JobRunner, Request
from rag.answer.assistant import Assistant
from rag.library.build import update
from rag.library.reader import Library
from rag.models import StoredBulletin
from rag.web.service import Service, Serving
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER

EVERYTHING = "What happened in Haidian District?"


@dataclass(frozen=True, slots=True)
class Hostile:
    """``held`` are the bulletins, each with the payload that it carries in title, source, heading, text and name."""

    desk: Service
    held: tuple[tuple[str, StoredBulletin], ...]

    def slice(self, one: StoredBulletin, payload: str) -> tuple[int, int]:
        """Where the text has it last, with the word before it."""
        library = self.desk.serving.library  # type: ignore[union-attr]
        end = library.text(one.sha256).rindex(payload) + len(payload)
        return end - len(payload) - len("wind "), end


def on_one_line(payload: str) -> str:
    return " ".join(payload.split())


def file_name(number: int, payload: str) -> str:
    """As much of the payload as a file's name can hold."""
    words = "".join(c for c in on_one_line(payload).replace("/", "") if c.isprintable() or ord(c) > 0xFFFF)
    return f"{number:02} {words[:60]}.txt"


def desk_of(folder: Path, payloads: Sequence[str]) -> Hostile:
    """Also with staged files, files that can't be read, saved and unanswered questions, and a generation that waits to
    be published."""
    seeds, root = folder / "seeds", folder / "library"
    seeds.mkdir(parents=True)
    for number, payload in enumerate(payloads):
        (seeds / file_name(number, payload)).write_text(_text(number, payload), encoding="utf-8")
        (seeds / f"bad {file_name(number, payload)}").write_bytes(b"\xff\xfe\xff")
    desk = Service(settings.load(seeds=seeds, library=root), ENCODER)
    update.update_library(desk.settings.folders, root, ENCODER)
    for number, payload in enumerate(payloads):
        if number < 40:
            saved_questions.add(root, f"kites {on_one_line(payload)}"[:300])
        unanswered.record(root, f"lions {on_one_line(payload)}"[:300], "nothing")
        name = "".join(c for c in file_name(number, payload) if c.isprintable())
        data = _text(number, payload).replace("Forty kites", "Ninety kites").encode()
        staging.stage(root, desk.settings.folders, name, io.BytesIO(data), {})
    JobRunner(desk.settings, ENCODER).run(Request("1", "prepare"))
    library = Library.open(root)
    examples = tuple(f"Tell of {payload}" for payload in payloads)
    desk.switch_to(Serving(library, examples, Assistant(library, ENCODER)))
    held = tuple((payload, library.by_name[file_name(number, payload)]) for number, payload in enumerate(payloads))
    return Hostile(desk, held)


def _text(number: int, payload: str) -> str:
    words = on_one_line(payload)
    return bulletin_text(
        f"2024-05-{number % 28 + 1:02}",
        "Haidian District",
        f"Kites number {number} {words}",
        f"Forty kites {payload} rose over lake {number} on May {number % 28 + 1}. The wind {payload}",
        title=f"Kites {words}",
        source=f"Office {words}\nURL: {words}",
    )
