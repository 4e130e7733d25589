"""A run's figures, for a program and for a person."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from rag.evaluation import bootstrap, measures
from rag.evaluation.bootstrap import LEVEL, RESAMPLES, Interval
from rag.evaluation.run import Run

_KIND_COLUMNS = ("hit@1", "hit@3", "f1", "ndcg@10", "refused")
# A kind's number of questions as outside scoring counts it: those with one answer, lists and unanswerable ones apart.
_COUNTED_APART = ("hit@1", "recall", "refused")


def as_json(run: Run) -> dict[str, Any]:
    """Every figure under outside scoring's name, with ``intervals`` beside; the same ``by kind``."""
    whole = measures.table(run.outcomes)
    return {
        "set": run.set,
        "questions": len(run.outcomes),
        # Every question is asked here; outside scoring also meets files that lack some.
        "missing replies": 0,
        "quotes": sum(len(outcome.lengths) for outcome in run.outcomes),
        **whole.values(),
        "intervals": _intervals(whole),
        "by kind": {kind: _of_kind(table) for kind, table in measures.by_kind(run.outcomes, whole).items()},
        "seconds": round(sum(outcome.seconds for outcome in run.outcomes), 3),
        "generation": run.generation,
    }


def as_text(run: Run) -> str:
    """The same for a terminal, as two Markdown tables."""
    whole = measures.table(run.outcomes)
    counted, between = whole.counted(), _intervals(whole)
    rows = [
        (name, number(value) if counted[name] else "–", _written(between[name]), str(counted[name]))
        for name, value in whole.values().items()
    ]
    kinds = [
        (kind, *_kind_row(table), str(sum(outcome.kind == kind for outcome in run.outcomes)))
        for kind, table in measures.by_kind(run.outcomes, whole).items()
    ]
    times = [outcome.seconds for outcome in run.outcomes]
    answerable = sum(outcome.answerable for outcome in run.outcomes)
    return "\n".join(
        [
            f"{run.set}: questions {len(run.outcomes)}, with an answer {answerable}, bulletins {run.bulletins};"
            f" {sum(times):.1f} s, {1000 * statistics.median(times):.0f} ms a question (median).",
            f"In brackets: what {LEVEL} of 100 resamples of the questions lie within ({RESAMPLES:,} drawn).",
            "",
            *grid(("figure", "value", "interval", "questions"), rows),
            "",
            *grid(("kind", *_KIND_COLUMNS, "questions"), kinds),
        ]
    )


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table's lines, columns aligned; the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(cells)} |"

    rule = [("-" * width) if n == 0 else f"{'-' * (width - 1)}:" for n, width in enumerate(widths)]
    return [line(head), line(rule), *map(line, rows)]


def number(value: float | None) -> str:
    """Three digits behind the point for shares, none for characters."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3f}"


def _written(interval: Interval | None) -> str:
    return f"[{number(interval[0])}, {number(interval[1])}]" if interval else "–"


def _intervals(table: measures.Table) -> dict[str, Interval | None]:
    return dict(zip(table.names, bootstrap.intervals(table.above, table.below), strict=True))


def _of_kind(table: measures.Table) -> dict[str, Any]:
    """Only the figures that some question of the kind counts for."""
    counted, between = table.counted(), _intervals(table)
    known = {name: value for name, value in table.values().items() if counted[name]}
    return {
        **known,
        "n": max(counted[name] for name in _COUNTED_APART),
        "intervals": {name: between[name] for name in known},
    }


def _kind_row(table: measures.Table) -> list[str]:
    values, between = table.values(), _intervals(table)
    return [
        f"{number(values[name])} {_written(between[name])}" if values[name] is not None else "–"
        for name in _KIND_COLUMNS
    ]
