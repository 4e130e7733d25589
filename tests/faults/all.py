"""All faults, each with how often it is tried: in ``make test``, and by ``make soak``."""

from __future__ import annotations

from tests.faults import (
    bad_input,
    clock,
    damage,
    deleted,
    full_disk,
    kills,
    load,
    power,
    two_writers,
    unmounted,
)
from tests.faults.fault import Fault
from tests.faults.table import Table
from tests.support.paths import ROOT

_QUICK = ("one added", "gone back")
FAULTS = {
    "kills": Fault(kills, {"every": 11, "moments": 3, "acts": _QUICK}, {"every": 1, "moments": 20}),
    "power": Fault(power, {"every": 16, "acts": _QUICK}, {"every": 2}),
    "disk": Fault(full_disk, {"every": 9}, {"every": 1}),
    "damage": Fault(damage, {"flips": 14, "cuts": 3, "lost": 3}, {"flips": 600, "cuts": 100, "lost": 100}),
    "writers": Fault(two_writers, {"rounds": 4}, {"rounds": 60}),
    "deleted": Fault(deleted, {"times": 2}, {"times": 25}),
    "clock": Fault(clock, {"times": 2}, {"times": 20}),
    "unmounted": Fault(unmounted, {"times": 1}, {"times": 5}),
    "input": Fault(bad_input, {"model": False}, {"model": True}),
    "load": Fault(
        load,
        {"model": False, "count": 20, "rate": 5, "seconds": 20, "every": 8, "search": False},
        {"model": True, "count": 1000, "rate": 20, "seconds": 600, "every": 30},
    ),
}
TABLE = Table(ROOT / "docs" / "soak.json", ROOT / "docs" / "reliability.md", "make soak", "What happens", FAULTS)
