"""How much a test tries: a little in ``make test``, much in ``make soak``."""

from __future__ import annotations

import os

LONG = "TEST_LONG" in os.environ


def effort(short: int, long: int) -> int:
    """The number of tries.  A test that uses it is marked ``soak``, so that ``make soak`` finds it."""
    return long if LONG else short
