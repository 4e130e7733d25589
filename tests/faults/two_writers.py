"""Two processes index one library at once, each from a folder of its own, so that a mixture would show."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from rag.library.build.update import update_library
from tests.faults.acts import index
from tests.faults.bulletins import bulletins, damage, path_of, state, unfinished
from tests.faults.children import PATIENCE, Ended, alone, start
from tests.faults.command import rag
from tests.faults.outcome import Outcome, failures
from tests.support.hashing_encoder import HashingEncoder

FAULT = "two processes index at once"
DUTY = "one after the other, or the second ends with status 1 and one line; the library is one of theirs, whole"
_BUSY = "another process is indexing. Wait until it is done\n"


def run(folder: Path, *, rounds: int) -> Outcome:
    """In every other round the second comes while the first is encoding; in the rest both start at once, or the second
    a moment later, which may be after the first is done."""
    both, whole, root = folder / "both", folder / "whole", folder / "library"
    bulletins(both, *range(8))
    folders = [folder / "one", folder / "other"]
    for number, own in enumerate(folders):
        shutil.copytree(both, own)
        bulletins(own, 8 + number)
        path_of(own, number).unlink()
    alone(index, both, whole)
    wanted = []
    for own in folders:
        shutil.copytree(whole, root)
        began = time.perf_counter()
        alone(index, own, root)
        seconds = time.perf_counter() - began
        wanted.append(state(root))
        shutil.rmtree(root)
    draw = random.Random(7)
    failed, turned_away, problems = 0, 0, []
    for number in range(rounds):
        shutil.copytree(whole, root)
        first, second = folders[:: -1 if number % 4 < 2 else 1]
        if number % 2:
            ends = _while_encoding(first, second, root, folder)
        else:
            ends = _at_once(first, second, root, draw.uniform(0, 2 * seconds) if number % 8 else 0)
        found = [f"ended with {end.code}, {end.error}" for end in ends if end.code or end.error]
        said = [(status, line.removeprefix(f"{root}: ")) for status, _, line in (end.returned for end in ends)]
        away = sum(one == (1, _BUSY) for one in said)
        if sum(one == (0, "") for one in said) != 2 - away or away > 1:
            found.append(f"they ended with {said}")
        if number % 2 and said != [(0, ""), (1, _BUSY)]:
            found.append(f"the second was let in: {said}")
        seen = alone(state, root)
        if seen.returned not in wanted or (number % 2 and seen.returned != wanted[folders.index(first)]):
            found.append(f"the library is another one: {seen.error}")
        found += [*damage(root), *unfinished(root)]
        shutil.rmtree(root)
        failed, turned_away = failed + bool(found), turned_away + away
        problems += found
    what = f"{turned_away} times one was turned away, {rounds - turned_away} times they came one after the other"
    return Outcome(FAULT, rounds, failed, what, {"turned away": turned_away} | failures(problems))


def _while_encoding(first: Path, second: Path, root: Path, gates: Path) -> tuple[Ended, Ended]:
    """The first one's end, and that of the second, which came and went meanwhile."""
    inside, go = gates / "inside", gates / "go"
    child = start(encoding, first, root, inside, go)
    _wait(inside)
    turned_away = alone(rag, *_command(second, root))
    go.touch()
    ended = child.ended()
    for gate in (inside, go):
        gate.unlink()
    return ended, turned_away


def _at_once(first: Path, second: Path, root: Path, between: float) -> tuple[Ended, Ended]:
    one = start(rag, *_command(first, root))
    time.sleep(between)
    other = start(rag, *_command(second, root))
    return one.ended(), other.ended()


def _command(folder: Path, root: Path) -> tuple[str, ...]:
    return ("index", "--allow-removal", "--seeds", str(folder), "--library", str(root))


def encoding(folder: Path, root: Path, inside: Path, go: Path) -> tuple[int, str, str]:
    """Indexes, says when it is encoding, and waits there until it may go on."""

    def told(what: str, done: int, whole: int) -> None:
        if what == "Encoding":
            inside.touch()
            _wait(go)

    update_library(folder, root, HashingEncoder(), allow_removal=True, progress=told)
    return 0, "", ""


def _wait(gate: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not gate.exists() and time.monotonic() < until:
        time.sleep(0.002)
