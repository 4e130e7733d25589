"""The power goes while the library is changed: the process stops at a step, and the disk has only what was synced.

A machine's power can't be cut here; what the disk need not have is taken from it instead (see ``Steps.cut_power``).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from tests.faults.acts import ACTS, broken_off, course
from tests.faults.outcome import Outcome, failures
from tests.faults.steps import lose_power

FAULT = "a power cut while the library is changed (what isn't synced is lost)"
DUTY = "as after kill -9"


def run(folder: Path, *, every: int = 1, acts: Collection[str] = ()) -> Outcome:
    """Every step of the acts, or every so many, is tried twice: all that isn't synced is lost, or of some folders some
    names alone.  ``acts`` are their names, none for all."""
    tried, torn, problems = 0, 0, []
    for act in ACTS:
        if acts and act.name not in acts:
            continue
        own = course(act, folder / act.name)
        for at in range(1, len(own.steps) + 1, every):
            for how, stop in (("all", lose_power), ("some", partial(lose_power, seed=at))):
                found = broken_off(own, at, stop)
                tried, torn = tried + 1, torn + bool(found)
                problems += [f"{act.name}, at {at} “{own.steps[at - 1]}”, {how} lost: {line}" for line in found]
    what = f"stopped at each step, what the disk need not have taken from it: {torn} torn libraries"
    return Outcome(FAULT, tried, torn, what, failures(problems))
