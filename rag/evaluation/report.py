"""A run's measures as JSON and as text."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from rag.evaluation import bootstrap, measures
from rag.evaluation.bootstrap import CONFIDENCE_PERCENT, RESAMPLES, Interval
from rag.evaluation.measures import Table
from rag.evaluation.run import Run

_KIND_COLUMNS = ("hit@1", "hit@3", "f1", "ndcg@10", "refused")
# A kind's number of questions as outside scoring counts it: those with one answer, lists and unanswerable ones apart.
_COUNTED_APART = ("hit@1", "recall", "refused")


def as_json(run: Run) -> dict[str, Any]:
    """Returns every measure under the name that outside scoring uses, with its interval; the same ``by kind``."""
    table = measures.compute(run.outcomes)
    return {
        "set": run.set,
        "questions": len(run.outcomes),
        # Every question is asked here; outside scoring also meets files that lack some.
        "missing replies": 0,
        "quotes": sum(len(outcome.lengths) for outcome in run.outcomes),
        **table.values(),
        "intervals": _intervals(table),
        "by kind": {kind: _kind_json(part) for kind, part in measures.by_kind(run.outcomes, table).items()},
        "seconds": round(sum(outcome.seconds for outcome in run.outcomes), 3),
        "generation": run.generation,
    }


def as_text(run: Run) -> str:
    """Returns the same for a terminal, as two Markdown tables."""
    table = measures.compute(run.outcomes)
    counted, intervals = table.counted(), _intervals(table)
    rows = [
        (name, format_number(value) if counted[name] else "–", _format_interval(intervals[name]), str(counted[name]))
        for name, value in table.values().items()
    ]
    kinds = [
        (kind, *_kind_row(part), str(sum(outcome.kind == kind for outcome in run.outcomes)))
        for kind, part in measures.by_kind(run.outcomes, table).items()
    ]
    times = [outcome.seconds for outcome in run.outcomes]
    answerable = sum(outcome.answerable for outcome in run.outcomes)
    return "\n".join(
        [
            f"{run.set}: questions {len(run.outcomes)}, with an answer {answerable}, bulletins {run.bulletins};"
            f" {sum(times):.1f} s, {1000 * statistics.median(times):.0f} ms a question (median).",
            f"In brackets: what {CONFIDENCE_PERCENT} of 100 resamples of the questions lie within"
            f" ({RESAMPLES:,} drawn).",
            "",
            *markdown_table(("figure", "value", "interval", "questions"), rows),
            "",
            *markdown_table(("kind", *_KIND_COLUMNS, "questions"), kinds),
        ]
    )


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns a Markdown table's lines: the first column aligned to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(cells)} |"

    rule = [("-" * width) if n == 0 else f"{'-' * (width - 1)}:" for n, width in enumerate(widths)]
    return [line(head), line(rule), *map(line, rows)]


def format_number(value: float | None) -> str:
    """Formats shares with three decimals, numbers of characters with none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3f}"


def _format_interval(interval: Interval | None) -> str:
    return f"[{format_number(interval[0])}, {format_number(interval[1])}]" if interval else "–"


def _intervals(table: Table) -> dict[str, Interval | None]:
    return dict(zip(table.names, bootstrap.intervals(table.numerators, table.denominators), strict=True))


def _kind_json(table: Table) -> dict[str, Any]:
    """The measures that some question of the kind counts for."""
    counted, intervals = table.counted(), _intervals(table)
    known = {name: value for name, value in table.values().items() if counted[name]}
    return {
        **known,
        "n": max(counted[name] for name in _COUNTED_APART),
        "intervals": {name: intervals[name] for name in known},
    }


def _kind_row(table: Table) -> list[str]:
    values, intervals = table.values(), _intervals(table)
    return [
        f"{format_number(values[name])} {_format_interval(intervals[name])}" if values[name] is not None else "–"
        for name in _KIND_COLUMNS
    ]
