"""How a file is read: its metadata, its sections, and what the operator should look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag import limits
from rag.errors import BulletinUnreadable, CorrectionUnusable, one_line
from rag.ingest.corrections import sidecar
from rag.ingest.parse import parse
from rag.ingest.pipeline import CorrectedBulletin, correct
from rag.ingest.propose_corrections import section_label
from rag.models import Correction

if TYPE_CHECKING:
    from rag.library.reader import Library

OPENING_CHARS = 200


@dataclass(frozen=True, slots=True)
class EditableSection:
    """A section whose districts can be corrected; ``key`` is what corrections know it by, None for the lead."""

    key: str | None
    heading: str | None
    districts: tuple[str, ...]
    opening: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What is read from a file, with its corrections; ``problem`` says why nothing is.

    ``parts`` are those of its ``sections`` that can be corrected here, ``opening`` are its first words, ``body`` is
    the same in all copies of a text, ``file_sha256`` and ``corrections_digest`` are of the file and its corrections.
    """

    name: str
    problem: str = ""
    title: str | None = None
    date: dt.date | None = None
    source: str | None = None
    url: str | None = None
    districts: tuple[str, ...] = ()
    parts: tuple[EditableSection, ...] = ()
    sections: int = 0
    opening: str = ""
    corrections: tuple[Correction, ...] = ()
    notes: tuple[str, ...] = ()
    body: str = ""
    file_sha256: str = ""
    corrections_digest: str = ""


def preview(path: Path, name: str) -> Preview:
    """Reads the file, anew only when it or its corrections have changed."""
    return _read(path, name, _state(path), _state(sidecar.path_of(path)))


def warnings(shown: Preview, library: Library | None) -> tuple[str, ...]:
    """Returns what the operator should look at before the file is published."""
    if shown.problem:
        return ()
    lines = [*shown.notes]
    if shown.title is None:
        lines.append("No title was found.")
    if shown.date is None:
        lines.append("No date was found.")
    elif shown.date > dt.date.today():
        lines.append("Its date lies in the future.")
    if not shown.districts:
        lines.append("No district heads any of its sections.")
    if library:
        if (old := library.by_name.get(shown.name)) and old.file_sha256 != shown.file_sha256:
            lines.append("It takes the place of the bulletin of this name, whose text is kept.")
        copies = [name for name in library.copies.get(shown.body, ()) if name != shown.name]
        if copies:
            lines.append(f"It has the same words as {', '.join(map(one_line, copies))}.")
    return tuple(lines)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def read_for_readers(path: Path, name: str) -> CorrectedBulletin | None:
    """The bulletin as it would be published, with the corrections that can be used; None where it can't be read."""
    try:
        return correct(parse(path, name=name), sidecar.read(path))
    except CorrectionUnusable:
        return correct(parse(path, name=name))
    except BulletinUnreadable:
        return None


@lru_cache(maxsize=600)
def _read(path: Path, name: str, *state: object) -> Preview:
    try:
        bulletin = parse(path, name=name)
    except BulletinUnreadable as error:
        return Preview(name, problem=f"{error.what}. {error.remedy}".removesuffix(". "))
    notes: list[str] = []
    try:
        wanted = sidecar.read(path)
    except CorrectionUnusable as error:
        wanted = ()
        notes.append(f"Its corrections can't be used: {error.what}.")
    read = correct(bulletin, wanted)
    text = read.bulletin.text
    events = [section for section in read.sections if section.role == "event"]
    parts = tuple(
        EditableSection(section_label(section) or None, section.heading, section.districts, _opening(section.of(text)))
        for section in events[: limits.MAX_EDITABLE_SECTIONS]
    )
    districts = tuple(dict.fromkeys(district for section in events for district in section.districts))
    first = next((paragraph for section in read.sections for paragraph in section.paragraphs), None)
    return Preview(
        name,
        title=read.bulletin.title,
        date=read.bulletin.date,
        source=read.bulletin.source,
        url=read.bulletin.url,
        districts=districts,
        parts=parts,
        sections=len(events),
        opening=_opening(first.of(text)) if first else "",
        corrections=read.corrections,
        notes=(*notes, *read.notes),
        body=read.to_stored().body,
        file_sha256=bulletin.file_sha256,
        corrections_digest=sidecar.digest(path),
    )


def _opening(words: str) -> str:
    words = one_line(words)
    return words if len(words) <= OPENING_CHARS else f"{words[:OPENING_CHARS].rsplit(' ', 1)[0]} …"
