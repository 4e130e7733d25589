"""What each retrieval signal is worth: a set asked with all of them, and with each taken away in turn.

python -m evals.ablation evals/dev evals/second        prints the tables of docs/ablation.md
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TypeVar

from rag.errors import RagError
from rag.evaluation import measures
from rag.evaluation.report import format_number, markdown_table
from rag.evaluation.run import Run

COLUMNS = ("hit@1", "hit@3", "mrr", "ndcg@10", "list recall", "list f1", "refusal recall", "refusal precision")
ALL = "all signals"

Weights = TypeVar("Weights")
"""A dataclass with a number for each signal."""


def without_each(weights: Weights) -> Iterator[tuple[str, Weights]]:
    """The weights as they are, then with each signal's weight at nothing."""
    yield ALL, weights
    for field in fields(weights):  # type: ignore[arg-type]  # a dataclass
        if getattr(weights, field.name):
            yield f"without {field.name}", replace(weights, **{field.name: 0.0})  # type: ignore[type-var]


def table(runs: Mapping[str, Run]) -> str:
    """A Markdown table: the first run's figures, and how each other's differ from them."""
    values = {name: measures.compute(run.outcomes).values() for name, run in runs.items()}
    first, *others = values
    rows = [(first, *(format_number(values[first][column]) for column in COLUMNS))]
    rows += [(name, *(_change(values[first][column], values[name][column]) for column in COLUMNS)) for name in others]
    return "\n".join(markdown_table(("", *COLUMNS), rows))


def main() -> int:
    """Prints a table for each set named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.ablation", description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET_DIR")
    try:
        for folder in parser.parse_args().sets:
            sys.stdout.write(_ablation(folder))
            sys.stdout.flush()
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    return 0


def _ablation(folder: Path) -> str:
    from embeddings.factory import load_encoder
    from rag import settings
    from rag.answer.assistant import Assistant
    from rag.evaluation import datasets, run
    from rag.search.config import DEFAULT

    chosen = settings.load()
    questions, encoder = datasets.read_question_set(folder), load_encoder(**chosen.encoder)
    with run.open_library(questions, encoder) as (library, _):
        runs = {
            name: run.ask_all(Assistant(library, encoder, config=replace(DEFAULT, signals=weights)), questions)
            for name, weights in without_each(DEFAULT.signals)
        }
    return f"## `{questions.name}`, {len(questions.questions)} questions\n\n{table(runs)}\n\n"


def _change(first: float | None, other: float | None) -> str:
    return "–" if first is None or other is None else f"{other - first:+.3f}"


if __name__ == "__main__":
    sys.exit(main())
