"""The clock is set back between one indexing and the next."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from rag.library import archive, generations, publishing
from rag.library.reader import Library
from tests.faults.acts import index
from tests.faults.bulletins import bulletins, damage, path_of
from tests.faults.children import Ended, alone
from tests.faults.outcome import Outcome, failures

FAULT = "the clock is set back"
DUTY = "generations and the versions of a text keep their order; going back goes to the one that was in use before"
_BACK = (dt.timedelta(minutes=10), dt.timedelta(hours=1), dt.timedelta(days=400), dt.timedelta(days=20_000))


def run(folder: Path, *, times: int) -> Outcome:
    """So many libraries, each indexed four times with the clock set back by as much each time."""
    failed, problems = 0, []
    for number in range(times):
        found = _tried(folder / str(number), _BACK[number % len(_BACK)])
        failed += bool(found)
        problems += found
    what = "each indexed four times, by 10 minutes to 55 years earlier each time, and gone back through"
    return Outcome(FAULT, times, failed, what, failures(problems))


def _tried(folder: Path, back: dt.timedelta) -> list[str]:
    seeds, root = folder / "bulletins", folder / "library"
    bulletins(seeds, *range(3))
    names, texts = [], []
    for turn in range(4):
        path = path_of(seeds, 0)
        path.write_text(f"{path.read_text(encoding='utf-8')}\nThe hall was opened {turn} times.\n", encoding="utf-8")
        ended = alone(index_at, seeds, root, back * turn)
        if ended.code or ended.error:
            return [f"ended with {ended.code}, {ended.error}"]
        names.append(Library.open(root).generation)
        texts.append(Library.open(root).by_name[path.name].sha256)
    return alone_or_error(alone(wrong, root, names, texts))


def alone_or_error(ended: Ended) -> list[str]:
    found: list[str] = ended.returned
    return [f"ended with {ended.code}, {ended.error}"] if ended.code or ended.error else found


def index_at(folder: Path, root: Path, earlier: dt.timedelta) -> None:
    """With a clock that is so much behind, for what is written in files and for the files' own times.  Run it in a
    child: its clock stays."""

    class Earlier(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Earlier:
            return super().now(tz) - earlier

    before = {path for path in root.rglob("*") if path.is_file()}
    dt.datetime = Earlier  # type: ignore[misc]
    index(folder, root)
    for path in root.rglob("*"):
        if path.is_file() and path not in before:
            then = path.stat().st_mtime - earlier.total_seconds()
            os.utime(path, (then, then))


def wrong(root: Path, names: list[str], texts: list[str]) -> list[str]:
    """What isn't in the order in which it was made: ``names`` of generations, ``texts`` of the first bulletin."""
    problems = damage(root)
    library = Library.open(root)
    if [one.sha256 for one in archive.versions(library, path_of(Path(), 0).name)] != texts[::-1]:
        problems.append("the versions of a text are in another order")
    held = generations.list_generations(root)
    if [one.generation for one in held] != names[::-1] or [one.state for one in held] != ["current"] + ["previous"] * 3:
        problems.append(f"the generations are in another order: {held}")
    if not held[0].built_at < held[-1].built_at:
        problems.append("the clock wasn't set back")
    for name in names[-2::-1]:
        gone_to = publishing.rollback(root, None if name == names[-2] else name)
        if gone_to != name or Library.open(root).generation != name:
            problems.append(f"went back to {gone_to}, not to {name}")
    return problems + damage(root)
