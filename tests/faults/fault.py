"""One thing that is tried, with how often, and how what came of it is told."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.faults.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Fault:
    """``room`` has FAULT (what happens), DUTY (what is promised then) and ``run``, which is given ``short`` or
    ``long``."""

    room: ModuleType
    short: dict[str, Any] = field(default_factory=dict)
    long: dict[str, Any] = field(default_factory=dict)

    @property
    def test(self) -> str:
        """The name of its test in ``make test``."""
        return f"test_{self.room.__name__.rpartition('.')[2]}"

    def run(self, folder: Path, *, short: bool, **other: Any) -> Outcome:
        outcome: Outcome = self.room.run(folder, **(self.short if short else self.long) | other)
        return outcome


def tell(name: str, outcome: Outcome, seconds: float) -> None:
    """A line on standard output; what failed on standard error."""
    print(f"{name:<10} tried {outcome.tried:>6,}  failed {outcome.failed:>3}  {seconds:>5.0f} s  {outcome.what}")
    for line in outcome.details.get("failures", ()):
        print(f"           {line}", file=sys.stderr)
    sys.stdout.flush()
