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
from collections.abc import Collection, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from types import ModuleType

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
            measure = COMPARISONS[args.what].run if args.what in COMPARISONS else _speed
            printed = measure(Path(folder), args)
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """A module with ``compare`` and ``as_rows``: ``key`` names in JSON what it measures, ``takes`` are the options that
    it goes by, ``numbers`` the columns of numbers in its table."""

    key: str
    module: ModuleType
    takes: tuple[str, ...]
    numbers: Collection[int] = range(1, 100)

    def run(self, folder: Path, args: argparse.Namespace) -> str:
        """Measures; returns the table, or JSON."""
        if missing := getattr(self.module, "left_out", list)():
            _print_progress(f"Left out, not installed here: {', '.join(missing)}")
        measured = self.module.compare(folder, *(getattr(args, option) for option in self.takes), _print_progress)
        if args.json:
            told = asdict(measured) if is_dataclass(measured) else [asdict(one) for one in measured]
            return json.dumps({"machine": machine(), self.key: told}, indent=1)
        return as_grid(machine(), self.module.as_rows(measured), self.numbers)


COMPARISONS = {
    "lexical": Comparison("engines", lexical, ("passages", "questions")),
    "peers": Comparison("peers", peers, ("bulletins", "questions")),
    "checks": Comparison("checks", checking, ("sizes",)),
    "publishing": Comparison("publishing", publishing, ("sizes",)),
    "overhead": Comparison("overhead", overhead, ("bulletins", "questions")),
    "costliest": Comparison("doors", costliest, ("bulletins", "seconds"), numbers=(1, 2)),
    "runtimes": Comparison("runtimes", runtimes, ("questions",), numbers=range(2, 100)),
    "attacked": Comparison("readers", attacked, ("bulletins", "questions", "seconds")),
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
    parser.add_argument(
        "what", nargs="?", choices=("speed", *COMPARISONS), default="speed", help="speed, or a comparison (speed)"
    )
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
