"""A bulletin's file is deleted, and the folder indexed by another process, while readers ask all the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rag import settings
from rag.answer.assistant import Assistant
from rag.library import archive
from rag.models import Quote
from rag.web.loader import Loader
from rag.web.service import Service
from tests.faults.acts import index
from tests.faults.bulletins import bulletins, path_of
from tests.faults.children import alone
from tests.faults.outcome import Outcome, failures
from tests.support.hashing_encoder import HashingEncoder

FAULT = "a bulletin is deleted while readers ask"
DUTY = "every question is answered, each from one generation; gone once indexed; its old quote opens as withdrawn"
_READERS = 4
_PATIENCE = 60.0  # seconds for the desk to change over


@dataclass(slots=True)
class _Readers:
    """Ask a desk as its pages do, one question after another; what isn't right stands in ``problems``."""

    desk: Service
    questions: tuple[str, ...]
    asked: int = 0
    quotes: dict[str, Quote] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        while not self.over.is_set():
            for question in self.questions:
                try:
                    self._ask(question)
                except Exception as error:  # noqa: BLE001
                    self.problems.append(f"“{question}” met {error!r}")
                self.asked += 1

    def _ask(self, question: str) -> None:
        serving = self.desk.serving
        assert serving is not None
        assert serving.assistant is not None
        answer = serving.assistant.ask(question)
        for quote in answer.quotes:
            held = serving.library.by_name.get(quote.bulletin)
            if answer.generation != serving.library.generation or held is None or held.sha256 != quote.sha256:
                self.problems.append(f"“{question}” was answered from more than one generation")
            self.quotes[quote.bulletin] = quote


def run(folder: Path, *, times: int) -> Outcome:
    """So many bulletins are deleted, one after another."""
    seeds, root = folder / "bulletins", folder / "library"
    bulletins(seeds, *range(times + 12))
    alone(index, seeds, root)
    desk = Service(settings.load(seeds=seeds, library=root), HashingEncoder())
    Loader(desk).start()
    if not desk.wait_until_settled(_PATIENCE) or desk.serving is None:
        raise RuntimeError(f"the desk didn't get ready: {desk.state.stage}")
    gone = [path_of(seeds, number).name for number in range(times)]
    readers = _Readers(desk, tuple(_about(seeds / name) for name in gone))
    threads = [threading.Thread(target=readers.read) for _ in range(_READERS)]
    for thread in threads:
        thread.start()
    problems, failed = [], 0
    try:
        _wait(lambda: readers.asked > _READERS * times, desk)
        for name in gone:
            found = _deleted(desk, readers, seeds / name)
            failed += bool(found)
            problems += found
    finally:
        readers.over.set()
        for thread in threads:
            thread.join()
        desk.draining.set()
    asked, unanswered = readers.asked, len(readers.problems)
    what = f"{_READERS} readers asked {asked:,} questions meanwhile: {unanswered} failed or mixed"
    details = {"asked": asked, "unanswered": unanswered} | failures(problems + readers.problems)
    return Outcome(FAULT, times, failed + (unanswered > 0), what, details)


def _deleted(desk: Service, readers: _Readers, path: Path) -> list[str]:
    assert desk.serving is not None
    before = desk.serving.library
    held = before.by_name[path.name]
    words = before.text(held.sha256)
    path.unlink()
    problems = []
    if before.text(held.sha256) != words or path.name not in desk.serving.library.by_name:
        problems.append("it was gone before the folder was indexed")
    ended = alone(index, path.parent, before.root)
    if ended.code or ended.error:
        return [f"indexing ended with {ended.code}, {ended.error}"]
    _wait(lambda: desk.serving is not None and path.name not in desk.serving.library.by_name, desk)
    now = desk.serving.library
    answers = [Assistant(now, HashingEncoder()).ask(question) for question in readers.questions]
    if any(quote.bulletin == path.name for answer in answers for quote in answer.quotes):
        problems.append("it is still quoted")
    kept = archive.find(now, held.sha256)
    if kept is None or (kept.state, kept.text, kept.bulletin) != ("withdrawn", words, held):
        problems.append(f"its text is kept as {kept}")
    quote = readers.quotes.get(path.name)
    if quote is None:
        problems.append("it was never quoted")
    elif kept and kept.text[quote.start : quote.end] != quote.text:
        problems.append("its old quote doesn't open")
    return problems


def _about(path: Path) -> str:
    """Words of its last paragraph but one, which nothing else has in this order."""
    return path.read_text(encoding="utf-8").split("\n\n")[-2].split(". ")[0][:200]


def _wait(done: Callable[[], bool], desk: Service) -> None:
    until = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > until:
            raise RuntimeError(f"nothing happens; the desk says {desk.state.stage}")
        time.sleep(0.02)
