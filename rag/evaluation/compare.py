"""Two runs, question by question: which got better or worse, and whether the figures changed by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.evaluation import bootstrap, measures
from rag.evaluation.bootstrap import LEVEL, RESAMPLES, Interval
from rag.evaluation.datasets import SetUnusable
from rag.evaluation.report import grid, number
from rag.evaluation.run import Outcome, Run


@dataclass(frozen=True, slots=True)
class Change:
    """A question that went another way; ``first`` and ``second`` say how it stood ("rank 3", "F1 0.40")."""

    id: str
    kind: str
    question: str
    first: str
    second: str
    better: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both runs, and the interval of its change."""

    figure: str
    first: float | None
    second: float | None
    interval: Interval | None

    @property
    def change(self) -> float | None:
        return None if self.first is None or self.second is None else round(self.second - self.first, 4)

    @property
    def is_clear(self) -> bool:
        """The whole interval lies on one side of nothing."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left_out`` counts questions that only one of the runs has, or that it asked otherwise."""

    questions: int
    left_out: int
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]


def compare(first: Run, second: Run) -> Comparison:
    """What changed from one run to the other, over the questions of both.

    Raises:
        SetUnusable: they have no question in common.
    """
    before, after = ({outcome.id: outcome for outcome in run.outcomes} for run in (first, second))
    common = [name for name in before if name in after and _same(before[name], after[name])]
    if not common:
        raise SetUnusable("the two runs have no question in common", remedy="Compare runs of one question set")
    pairs = [(before[name], after[name]) for name in common]
    return Comparison(
        questions=len(common),
        left_out=len(before.keys() | after.keys()) - len(common),
        changes=tuple(change for one, other in pairs if (change := _change(one, other))),
        differences=_differences(*zip(*pairs, strict=True)),
    )


def as_json(comparison: Comparison) -> dict[str, Any]:
    def written(better: bool) -> list[dict[str, str]]:
        return [
            {"id": c.id, "kind": c.kind, "question": c.question, "first": c.first, "second": c.second}
            for c in comparison.changes
            if c.better is better
        ]

    return {
        "questions": comparison.questions,
        "left out": comparison.left_out,
        "better": written(True),
        "worse": written(False),
        "figures": {
            d.figure: {"first": d.first, "second": d.second, "change": d.change, "interval": d.interval}
            for d in comparison.differences
        },
    }


def as_text(comparison: Comparison) -> str:
    """For a terminal: the questions that changed, then the figures."""
    left_out = f" ({comparison.left_out} in one run alone, left out)" if comparison.left_out else ""
    lines = [f"{comparison.questions} questions in both runs{left_out}."]
    for better, title in ((True, "Better"), (False, "Worse")):
        changed = [change for change in comparison.changes if change.better is better]
        lines += ["", f"{title}: {len(changed)}"]
        lines += [f"  {c.id} ({c.kind}) {c.first} → {c.second}: {c.question}" for c in changed]
    rows = [
        (
            d.figure,
            number(d.first),
            number(d.second),
            _signed(d.change),
            f"[{_signed(d.interval[0])}, {_signed(d.interval[1])}]" if d.interval else "–",
            "clear" if d.is_clear else "",
        )
        for d in comparison.differences
    ]
    note = f"Paired bootstrap: {RESAMPLES:,} resamples of the questions; clear: {LEVEL} of 100 show the same direction."
    return "\n".join([*lines, "", *grid(("figure", "first", "second", "change", "interval", ""), rows), "", note])


def _same(one: Outcome, other: Outcome) -> bool:
    """The same question, with the same sort of gold."""
    return (one.question, one.answerable, one.every) == (other.question, other.answerable, other.every)


def _change(one: Outcome, other: Outcome) -> Change | None:
    (before, first), (after, second) = _standing(one), _standing(other)
    if before == after:
        return None
    return Change(other.id, other.kind, other.question, first, second, after > before)


def _standing(outcome: Outcome) -> tuple[float, str]:
    """How well a question was answered, higher is better, and the words for it."""
    if not outcome.answerable:
        return (0.0, "answered") if outcome.answered else (1.0, "refused")
    if not outcome.answered:
        return 0.0, "refused"
    if outcome.every:
        f1 = round(measures.list_figures(outcome)[2], 4)
        return f1, f"F1 {f1:.2f}"
    return (1 / outcome.rank, f"rank {outcome.rank}") if outcome.rank else (0.0, "not found")


def _differences(first: tuple[Outcome, ...], second: tuple[Outcome, ...]) -> tuple[Difference, ...]:
    one, other = measures.table(first), measures.table(second)
    between = bootstrap.differences((one.above, one.below), (other.above, other.below))
    before, after = one.values(), other.values()
    return tuple(
        Difference(name, before[name], after[name], interval)
        for name, interval in zip(one.names, between, strict=True)
        if any(table.counted()[name] for table in (one, other))
    )


def _signed(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:+,.0f}" if abs(value) >= 10 else f"{value:+.3f}"
