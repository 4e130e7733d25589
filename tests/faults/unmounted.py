"""A folder of bulletins isn't mounted: it is empty, or it is gone; the only one, or one of two."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.bulletins import bulletins, state
from tests.faults.children import alone
from tests.faults.command import rag
from tests.faults.outcome import Outcome, failures

FAULT = "a folder of bulletins isn't mounted"
DUTY = "no file of the library changes; status 1 and one line that names the folder; mounted again, nothing is new"
_LARGE, _SMALL = 18, 2  # bulletins; the small folder has less than the fifth that may go unasked


def run(folder: Path, *, times: int) -> Outcome:
    """Every way, so many times."""
    tried, failed, problems = 0, 0, []
    for number in range(times):
        for name, folders, away in _ways(folder / str(number)):
            found = _tried(folder / str(number), folders, away)
            tried, failed = tried + 1, failed + bool(found)
            problems += [f"{name}: {line}" for line in found]
    what = f"{tried // times} ways: emptied or gone, the only folder, the larger or the smaller of two, or both"
    return Outcome(FAULT, tried, failed, what, failures(problems))


_Goes = tuple[Path, Callable[[Path], None]]
"""A folder that goes, and how."""


def _ways(folder: Path) -> list[tuple[str, list[Path], list[_Goes]]]:
    """Each with its folders, and those that go."""
    large, small = folder / "large", folder / "small"
    found: list[tuple[str, list[Path], list[_Goes]]] = []
    for how in (_emptied, _gone):
        found += [
            (f"the only one {how.__name__}", [large], [(large, how)]),
            (f"the larger {how.__name__}", [large, small], [(large, how)]),
            (f"the smaller {how.__name__}", [large, small], [(small, how)]),
            (f"both {how.__name__}", [large, small], [(large, how), (small, how)]),
        ]
    return found


def _emptied(folder: Path) -> None:
    folder.rename(folder.with_suffix(".away"))
    folder.mkdir()


def _gone(folder: Path) -> None:
    folder.rename(folder.with_suffix(".away"))


def _tried(folder: Path, folders: list[Path], away: list[_Goes]) -> list[str]:
    bulletins(folder / "large", *range(_LARGE))
    bulletins(folder / "small", *range(_LARGE, _LARGE + _SMALL))
    root, problems = folder / "library", []
    more = [word for own in folders[1:] for word in ("--more-seeds", str(own))]
    command = ("index", "--seeds", str(folders[0]), *more, "--library", str(root))
    alone(rag, *command)
    seen, files = state(root), _files(root)
    for own, goes in away:
        goes(own)
    status, out, line = alone(rag, *command).returned
    if status != 1 or out or line.count("\n") != 1 or not any(str(own) in line for own, _ in away):
        problems.append(f"status {status}, {line!r}")
    if _files(root) != files or state(root) != seen:
        problems.append("the library has changed")
    for own, _ in away:
        shutil.rmtree(own, ignore_errors=True)
        own.with_suffix(".away").rename(own)
    if alone(rag, *command).returned[0] or state(root) != seen:
        problems.append("mounted again, something is new")
    shutil.rmtree(folder)
    return problems


def _files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
