"""``python -m tests.faults.soak``: every fault, tried for long; what came of each is printed as it is done."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.all import FAULTS, TABLE
from tests.faults.fault import tell
from tests.support.paths import ROOT

CHART = ROOT / "docs" / "load.svg"
LIBRARY = Path(tempfile.gettempdir(), "bulletin-desk-soak")  # of the load's many bulletins, made once


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status is 1 where a duty wasn't done."""
    args = _parser().parse_args(argv)
    failed = 0
    for name in args.only or FAULTS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            where = LIBRARY if name == "load" and not args.short else Path(folder)
            outcome = FAULTS[name].run(where, short=args.short, **(_load(args) if name == "load" else {}))
        tell(name, outcome, time.monotonic() - began)
        failed += outcome.failed
        if args.save:
            TABLE.keep(name, outcome)
    return 1 if failed else 0


def _load(args: argparse.Namespace) -> dict[str, Any]:
    """What the options say of the load."""
    given = {"seconds": args.minutes and args.minutes * 60, "rate": args.rate, "count": args.bulletins}
    chart = {"chart": CHART} if args.save else {}
    return {key: value for key, value in given.items() if value} | chart


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description="Tries every fault for long.")
    parser.add_argument("--only", choices=FAULTS, nargs="+", metavar="NAME", help=f"of {', '.join(FAULTS)} (all)")
    parser.add_argument("--short", action="store_true", help="as often as in make test")
    parser.add_argument("--save", action="store_true", help="write docs/soak.json and the table in docs/reliability.md")
    parser.add_argument("--minutes", type=float, metavar="N", help="of load: how long (10)")
    parser.add_argument("--rate", type=float, metavar="N", help="of load: questions a second (20)")
    parser.add_argument("--bulletins", type=int, metavar="N", help="of load: how many there are (1000)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
