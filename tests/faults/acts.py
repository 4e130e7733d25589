"""What changes a library, each from a library of its own, and what a reader may see when it is broken off."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.admin.purge import purge
from rag.library import generations, publishing
from rag.library.build.update import prepare, update_library
from tests.faults.bulletins import (
    State,
    bulletins,
    change,
    damage,
    path_of,
    state_or_none,
    unfinished,
)
from tests.faults.children import Ended, alone, start
from tests.faults.steps import Steps, Stop
from tests.support.hashing_encoder import HashingEncoder

Place = tuple[Path, Path]
"""A folder of bulletins, and the library of it."""


@dataclass(frozen=True, slots=True)
class Act:
    """``ready`` makes the folder and the library that it is done to, ``done`` does it."""

    name: str
    ready: Callable[[Path, Path], None]
    done: Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True)
class Course:
    """An act, with what a reader sees before, after, and once the folder is indexed again; ``steps`` are what it does
    to the disk, and ``seconds`` how long it takes."""

    act: Act
    folder: Path
    root: Path
    before: State | None
    after: State
    indexed: State
    steps: tuple[str, ...]
    seconds: float


def index(folder: Path, root: Path) -> None:
    update_library(folder, root, HashingEncoder(), allow_removal=True)


def _built(folder: Path, root: Path) -> None:
    bulletins(folder, *range(5))
    index(folder, root)


def _to_add(folder: Path, root: Path) -> None:
    _built(folder, root)
    bulletins(folder, 5)


def _to_change(folder: Path, root: Path) -> None:
    _built(folder, root)
    change(folder, 2)


def _to_remove(folder: Path, root: Path) -> None:
    _built(folder, root)
    path_of(folder, 3).unlink()


def _to_merge(folder: Path, root: Path) -> None:
    """The eighth small segment is made one with the seven before."""
    _built(folder, root)
    for number in range(5, 11):
        bulletins(folder, number)
        index(folder, root)
    bulletins(folder, 11)


def _to_go_back(folder: Path, root: Path) -> None:
    _to_add(folder, root)
    index(folder, root)


def _prepared(folder: Path, root: Path) -> None:
    _to_add(folder, root)
    _prepare(folder, root)


def _prepare(folder: Path, root: Path) -> None:
    prepare(folder, root, HashingEncoder(), allow_removal=True)


def _prepared_one(root: Path) -> str:
    return next(one.generation for one in generations.list_generations(root) if one.state == "prepared")


def _to_purge(folder: Path, root: Path) -> None:
    _built(folder, root)
    path_of(folder, 0).unlink()
    index(folder, root)


def _nothing(folder: Path, root: Path) -> None:
    bulletins(folder, *range(5))
    root.mkdir()


def _go_back(folder: Path, root: Path) -> None:
    publishing.rollback(root)


def _publish(folder: Path, root: Path) -> None:
    publishing.publish(root, _prepared_one(root))


def _discard(folder: Path, root: Path) -> None:
    publishing.discard(root, _prepared_one(root))


def _purge(folder: Path, root: Path) -> None:
    purge(root, path_of(folder, 0).name)


ACTS = (
    Act("first index", _nothing, index),
    Act("one added", _to_add, index),
    Act("one changed", _to_change, index),
    Act("one removed", _to_remove, index),
    Act("segments merged", _to_merge, index),
    Act("gone back", _to_go_back, _go_back),
    Act("prepared", _to_add, _prepare),
    Act("published", _prepared, _publish),
    Act("discarded", _prepared, _discard),
    Act("text purged", _to_purge, _purge),
)


def course(act: Act, folder: Path) -> Course:
    """Makes what the act is done to, and does it once to a copy."""
    seeds, root, copy = folder / "bulletins", folder / "library", folder / "copy"
    seeds.mkdir(parents=True)
    _sound(alone(act.ready, seeds, root))
    shutil.copytree(root, copy)
    began = time.perf_counter()
    steps = _sound(alone(watched, act.name, seeds, copy, None, None))
    seconds = time.perf_counter() - began
    before, after = (_sound(alone(state_or_none, one)) for one in (root, copy))
    indexed = _sound(alone(_index_again, seeds, copy))
    shutil.rmtree(copy)
    return Course(act, seeds, root, before, after, indexed, tuple(steps), seconds)


def _sound(ended: Ended) -> Any:
    if ended.code or ended.error:
        raise RuntimeError(f"what isn't disturbed failed: {ended}")
    return ended.returned


def watched(name: str, folder: Path, root: Path, at: int | None, stop: Stop | None) -> list[str]:
    """Does the act, stopped at that step, if any; says which steps it took.  Run it in a child."""
    act = next(act for act in ACTS if act.name == name)
    steps = Steps(str(root), at, stop)
    steps.watch()
    act.done(folder, root)
    return list(steps.names)


def _index_again(folder: Path, root: Path) -> State | None:
    index(folder, root)
    return state_or_none(root)


def broken_off(course: Course, at: int, stop: Stop) -> list[str]:
    """What isn't right once the act was stopped at that step."""
    with _copy(course) as root:
        ended = alone(watched, course.act.name, course.folder, root, at, stop)
        return _looked_at(course, root) if ended.killed else [f"was not stopped: {ended}"]


def killed_after(course: Course, seconds: float) -> list[str]:
    """What isn't right once the act was killed that long after it began."""
    with _copy(course) as root:
        child = start(course.act.done, course.folder, root)
        child.begun()
        time.sleep(seconds)
        child.kill()
        child.ended()
        return _looked_at(course, root)


@contextmanager
def _copy(course: Course) -> Iterator[Path]:
    root = course.root.with_name("copy")
    shutil.copytree(course.root, root)
    try:
        yield root
    finally:
        shutil.rmtree(root)


def _looked_at(course: Course, root: Path) -> list[str]:
    ended = alone(wrong, course, root)
    if ended.code or ended.error:
        return [f"can't be read or indexed again: {ended.error or ended.code}"]
    found: list[str] = ended.returned
    return found


def wrong(course: Course, root: Path) -> list[str]:
    """What isn't right about a library whose act was broken off.  Run it in a child: a reader of its own."""
    problems = []
    if state_or_none(root) not in (course.before, course.after):
        problems.append("it is neither the one before nor the one after")
    problems += [f"damage: {line}" for line in damage(root)]
    if _index_again(course.folder, root) != course.indexed:
        problems.append("once indexed again it is another one")
    problems += [f"once indexed again, damage: {line}" for line in damage(root)]
    # what was broken off is cleared away as the next generation is published
    bulletins(course.folder, 20)
    try:
        index(course.folder, root)
    finally:
        path_of(course.folder, 20).unlink()
    return problems + [f"it keeps {left}" for left in unfinished(root)]
