"""A process that changes the library is killed: at each of its steps, once more with the file that it was writing only
half written, and at random moments."""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path

from tests.faults.acts import ACTS, broken_off, course, killed_after
from tests.faults.outcome import Outcome, failures
from tests.faults.steps import die, die_half_written

FAULT = "kill -9 while the library is changed"
DUTY = "the library is the one before or the one after, whole; `verify` finds nothing; the next indexing works"


def run(folder: Path, *, every: int = 1, moments: int = 20, acts: Collection[str] = ()) -> Outcome:
    """Every step of the acts is tried, or every so many; and so many random ``moments`` of each act.  ``acts`` are
    their names, none for all."""
    tried, torn, problems = 0, 0, []
    kinds: set[str] = set()
    draw = random.Random(5)
    for act in ACTS:
        if acts and act.name not in acts:
            continue
        own = course(act, folder / act.name)
        kinds |= set(own.steps)
        for at in range(1, len(own.steps) + 1, every):
            step = own.steps[at - 1]
            for stop in (die, die_half_written) if step.startswith("sync") else (die,):
                found = broken_off(own, at, stop)
                tried, torn = tried + 1, torn + bool(found)
                problems += [f"{act.name}, at {at} “{step}”: {line}" for line in found]
        for _ in range(moments):
            seconds = draw.uniform(0, own.seconds)
            found = killed_after(own, seconds)
            tried, torn = tried + 1, torn + bool(found)
            problems += [f"{act.name}, after {seconds:.3f} s: {line}" for line in found]
    what = f"killed before each of {len(kinds)} kinds of steps and at random moments: {torn} torn libraries"
    return Outcome(FAULT, tried, torn, what, {"steps": sorted(kinds)} | failures(problems))
