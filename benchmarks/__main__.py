"""python -m benchmarks: makes bulletins up, indexes them, asks, and prints how long it took.  Needs no network.

python -m benchmarks lexical compares engines for BM25; python -m benchmarks peers puts the desk beside txtai;
python -m benchmarks checks counts the quotations checked a second; python -m benchmarks publishing times a new
bulletin; python -m benchmarks overhead what limits, log and records cost a question; python -m benchmarks costliest
looks for the inputs that cost the desk most; python -m benchmarks runtimes puts what can run the model side by side;
python -m benchmarks attacked measures readers' waits while others ask for as much as they may.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from pathlib import Path

from benchmarks import attacked, checking, costliest, lexical, overhead, peers, publishing, runtimes
from benchmarks.asking import ask_beside_bare, first_answer, read_questions
from benchmarks.figures import Figure, figures
from benchmarks.generate import generate
from benchmarks.indexing import add_one, index_all, index_beside_bare
from benchmarks.machine import machine
from benchmarks.process import alone
from benchmarks.report import as_grid, as_json, as_table
from embeddings.errors import EmbeddingError
from rag.errors import RagError


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit status, which doesn't depend on the figures."""
    args = _parser().parse_args(argv)
    if args.what == "peers" and peers.missing():
        print(peers.HOW, file=sys.stderr)
        return 1
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            printed = WHAT[args.what](Path(folder), args)
    except (RagError, EmbeddingError, BrokenProcessPool, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(printed)
    return 0


def _speed(folder: Path, args: argparse.Namespace) -> str:
    measured = _measure(folder, args.bulletins, args.questions)
    return (as_json if args.json else as_table)(machine(), measured)


def _lexical(folder: Path, args: argparse.Namespace) -> str:
    if missing := lexical.left_out():
        _print_progress(f"Left out, not installed here: {', '.join(missing)}")
    measured = lexical.compare(folder, args.passages, args.questions, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "engines": [asdict(run) for run in measured]}, indent=1)
    rows = lexical.as_rows(measured)
    return as_grid(machine(), rows, range(1, len(rows[0])))


def _peers(folder: Path, args: argparse.Namespace) -> str:
    compared = peers.compare(folder, args.bulletins, args.questions, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "peers": asdict(compared)}, indent=1)
    return as_grid(machine(), peers.as_rows(compared), (1, 2, 3))


def _checks(folder: Path, args: argparse.Namespace) -> str:
    measured = checking.compare(folder, args.sizes, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "checks": [asdict(run) for run in measured]}, indent=1)
    rows = checking.as_rows(measured)
    return as_grid(machine(), rows, range(1, len(rows[0])))


def _publishing(folder: Path, args: argparse.Namespace) -> str:
    measured = publishing.compare(folder, args.sizes, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "publishing": [asdict(run) for run in measured]}, indent=1)
    rows = publishing.as_rows(measured)
    return as_grid(machine(), rows, range(1, len(rows[0])))


def _overhead(folder: Path, args: argparse.Namespace) -> str:
    measured = overhead.compare(folder, args.bulletins, args.questions, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "overhead": [asdict(run) for run in measured]}, indent=1)
    rows = overhead.as_rows(measured)
    return as_grid(machine(), rows, range(1, len(rows[0])))


def _costliest(folder: Path, args: argparse.Namespace) -> str:
    found = costliest.compare(folder, args.bulletins, args.seconds, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "doors": [asdict(one) for one in found]}, indent=1)
    return as_grid(machine(), costliest.as_rows(found), (1, 2))


def _runtimes(folder: Path, args: argparse.Namespace) -> str:
    if missing := runtimes.left_out():
        _print_progress(f"Left out, not installed here: {', '.join(missing)}")
    measured = runtimes.compare(folder, args.questions, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "runtimes": [asdict(run) for run in measured]}, indent=1)
    rows = runtimes.as_rows(measured)
    return as_grid(machine(), rows, range(2, len(rows[0])))


def _attacked(folder: Path, args: argparse.Namespace) -> str:
    measured = attacked.compare(folder, args.bulletins, args.questions, args.seconds, _print_progress)
    if args.json:
        return json.dumps({"machine": machine(), "readers": [asdict(run) for run in measured]}, indent=1)
    return as_grid(machine(), attacked.as_rows(measured), (1, 2))


WHAT = {
    "speed": _speed,
    "lexical": _lexical,
    "peers": _peers,
    "checks": _checks,
    "publishing": _publishing,
    "overhead": _overhead,
    "costliest": _costliest,
    "runtimes": _runtimes,
    "attacked": _attacked,
}


def _measure(folder: Path, bulletins: int, questions: int) -> tuple[Figure, ...]:
    seeds, library = folder / "seeds", folder / "library"
    generate(seeds, bulletins)
    asked = read_questions(questions)
    _print_progress(f"Indexing {bulletins:,} bulletins")
    whole = alone(index_all, seeds, library)
    _print_progress("Starting the desk and asking, several times")
    start = first_answer(library, asked)
    _print_progress(f"Asking {len(asked)} questions, in turns with the bare model")
    answers = alone(ask_beside_bare, library, asked)
    _print_progress("Adding one bulletin, several times")
    added = alone(add_one, seeds, library, bulletins)
    _print_progress("Indexing in turns with the bare model")
    beside = alone(index_beside_bare, folder / "rounds", bulletins)
    return figures(whole, beside, start, answers, added)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast is the desk on this machine?")
    parser.add_argument("what", nargs="?", choices=WHAT, default="speed", help="speed, or a comparison (speed)")
    parser.add_argument("--bulletins", type=_positive, default=1000, metavar="N", help="how many to make up (1000)")
    parser.add_argument("--questions", type=_positive, default=100, metavar="N", help="how many to ask, at most (100)")
    parser.add_argument(
        "--passages", type=_positive, nargs="+", default=lexical.SIZES, metavar="N", help="of lexical: how many"
    )
    parser.add_argument(
        "--sizes", type=_positive, nargs="+", default=checking.SIZES, metavar="N", help="of two: how many bulletins"
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="N", help="of two: how long to search each door, or to ask (60)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no number; write 1 or more")
    return int(value)


def _print_progress(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
