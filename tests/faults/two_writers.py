"""Two processes index one library at once, each from a folder of its own, so that a mixture would show."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from tests.faults.acts import index
from tests.faults.bulletins import bulletins, damage, path_of, state, unfinished
from tests.faults.children import alone, start
from tests.faults.command import rag
from tests.faults.outcome import Outcome, failures

FAULT = "two processes index at once"
DUTY = "one after the other, or the second ends with status 1 and one line; the library is one of theirs, whole"
_BUSY = "another process is indexing. Wait until it is done\n"


def run(folder: Path, *, rounds: int) -> Outcome:
    """In each round both start at once, or the second a moment later, which may be after the first is done."""
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
        children = []
        for own in folders[:: 1 if number % 2 else -1]:
            children.append(start(rag, "index", "--allow-removal", "--seeds", str(own), "--library", str(root)))
            time.sleep(draw.uniform(0, 2 * seconds) if number % 4 else 0)
        ends = [child.ended() for child in children]
        found = [f"ended with {end.code}, {end.error}" for end in ends if end.code or end.error]
        for status, _, line in (end.returned for end in ends if end.returned):
            turned_away += status == 1
            if (status, line) not in ((0, ""), (1, f"{root}: {_BUSY}")):
                found.append(f"status {status}, {line!r}")
        if [end.returned and end.returned[0] for end in ends].count(1) == len(ends):
            found.append("both were turned away")
        seen = alone(state, root)
        if seen.returned not in wanted:
            found.append(f"the library is neither's: {seen.error}")
        found += [*damage(root), *unfinished(root)]
        shutil.rmtree(root)
        failed += bool(found)
        problems += found
    what = f"{turned_away} times the second was turned away, {rounds - turned_away} times they came one after the other"
    return Outcome(FAULT, rounds, failed, what, {"turned away": turned_away} | failures(problems))
