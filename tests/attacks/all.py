"""``python -m tests.attacks.all``: every attack, tried for long; what came of each is printed as it is done."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.attacks import (
    addresses,
    confinement,
    cookies,
    crowds,
    guesses,
    instructions,
    lookalikes,
    markup,
    models,
    offline,
    origins,
    paths,
    pattern_growth,
    patterns,
    work,
)
from tests.faults.fault import Fault, tell
from tests.faults.table import Table
from tests.support.paths import ROOT

ATTACKS = {
    "markup": Fault(markup, {"every": 12}, {"every": 1}),
    "paths": Fault(paths, {"every": 29}, {"every": 1}),
    "addresses": Fault(addresses),
    "confinement": Fault(confinement, {"bulletins": 0}, {"bulletins": 1_000}),
    "text": Fault(instructions),
    "lookalikes": Fault(lookalikes, {"every": 4}, {"every": 1}),
    "models": Fault(models, {"every": 4}, {"every": 1}),
    "patterns": Fault(patterns, {"every": 13}, {"every": 1}),
    "growth": Fault(pattern_growth, {"texts": 4, "characters": 4, "ends": 1}, {"texts": 60}),
    "work": Fault(work, {"bulletins": 10, "seconds": 0, "drafts": False}, {"bulletins": 1_000, "seconds": 60}),
    "guesses": Fault(guesses, {"tries": 30}, {"tries": 100}),
    "cookies": Fault(cookies),
    "origins": Fault(origins),
    "crowds": Fault(crowds, {"streams": 60, "readers": 0}, {"streams": 250, "readers": 40}),
    "offline": Fault(offline, {"model": False}, {"model": True}),
}
TABLE = Table(ROOT / "docs" / "security.json", ROOT / "docs" / "security.md", "make attacks", "What is tried", ATTACKS)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status is 1 where a duty wasn't done."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.all", description="Tries every attack for long.")
    parser.add_argument("--only", choices=ATTACKS, nargs="+", metavar="NAME", help=f"of {', '.join(ATTACKS)} (all)")
    parser.add_argument("--short", action="store_true", help="as much as in make test")
    parser.add_argument("--save", action="store_true", help="write docs/security.json and the table beside it")
    args = parser.parse_args(argv)
    failed = 0
    for name in args.only or ATTACKS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
            outcome = ATTACKS[name].run(Path(folder), short=args.short)
        tell(name, outcome, time.monotonic() - began)
        failed += outcome.failed
        if args.save:
            TABLE.keep(name, outcome)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
