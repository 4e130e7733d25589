"""Two runs compared by question: which got better or worse, and whether the measures changed by more than chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rag.evaluation import bootstrap, measures
from rag.evaluation.bootstrap import CONFIDENCE_PERCENT, RESAMPLES, Interval
from rag.evaluation.datasets import SetUnusable
from rag.evaluation.report import format_number, markdown_table
from rag.evaluation.run import Outcome, Run


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose outcome differs; ``first`` and ``second`` are its grades in words ("rank 3", "F1 0.40")."""

    id: str
    kind: str
    question: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in both runs, and the confidence interval of its change."""

    measure: str
    first: float | None
    second: float | None
    interval: Interval | None

    @property
    def change(self) -> float | None:
        """The second value less the first; None where a run has no question that counts."""
        return None if self.first is None or self.second is None else round(self.second - self.first, 4)

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left_out`` counts questions that only one of the runs has, or that the two asked differently."""

    questions: int
    left_out: int
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    differences: tuple[Difference, ...]


def compare(first: Run, second: Run) -> Comparison:
    """Compares two runs over the questions that both asked.

    Raises:
        SetUnusable: they have no question in common.
    """
    before, after = (
        {(outcome.id, outcome.question, outcome.answerable, outcome.every): outcome for outcome in run.outcomes}
        for run in (first, second)
    )
    common = [key for key in before if key in after]
    if not common:
        raise SetUnusable("the two runs have no question in common", remedy="Compare runs of one question set")
    pairs = [(before[key], after[key]) for key in common]
    return Comparison(
        questions=len(common),
        left_out=len({name for name, *_ in before.keys() | after.keys()}) - len(common),
        better=tuple(_change(*pair) for pair in pairs if _grade(pair[1])[0] > _grade(pair[0])[0]),
        worse=tuple(_change(*pair) for pair in pairs if _grade(pair[1])[0] < _grade(pair[0])[0]),
        differences=_differences(*zip(*pairs, strict=True)),
    )


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Returns ``eval --compare --json``."""
    return {
        "questions": comparison.questions,
        "left out": comparison.left_out,
        "better": list(map(asdict, comparison.better)),
        "worse": list(map(asdict, comparison.worse)),
        "figures": {
            d.measure: {"first": d.first, "second": d.second, "change": d.change, "interval": d.interval}
            for d in comparison.differences
        },
    }


def as_text(comparison: Comparison) -> str:
    """Returns the same for a terminal: the questions that changed, then the measures."""
    left_out = f" ({comparison.left_out} in one run alone, left out)" if comparison.left_out else ""
    lines = [f"{comparison.questions} questions in both runs{left_out}."]
    for title, changed in (("Better", comparison.better), ("Worse", comparison.worse)):
        lines += ["", f"{title}: {len(changed)}"]
        lines += [f"  {c.id} ({c.kind}) {c.first} → {c.second}: {c.question}" for c in changed]
    rows = [
        (
            d.measure,
            format_number(d.first),
            format_number(d.second),
            _signed(d.change),
            f"[{_signed(d.interval[0])}, {_signed(d.interval[1])}]" if d.interval else "–",
            "clear" if d.is_clear else "",
        )
        for d in comparison.differences
    ]
    table = markdown_table(("figure", "first", "second", "change", "interval", ""), rows)
    note = (
        f"Paired bootstrap: {RESAMPLES:,} resamples of the questions;"
        f" clear: {CONFIDENCE_PERCENT} of 100 show the same direction."
    )
    return "\n".join([*lines, "", *table, "", note])


def _change(earlier: Outcome, later: Outcome) -> Change:
    return Change(later.id, later.kind, later.question, _grade(earlier)[1], _grade(later)[1])


def _grade(outcome: Outcome) -> tuple[float, str]:
    """How well a question was answered (higher is better), and the same in words."""
    if not outcome.answerable:
        return (1.0, "unsure" if outcome.answered else "refused") if outcome.says_no else (0.0, "answered")
    if not outcome.answered:
        return 0.0, "refused"
    if outcome.every:
        f1 = round(measures.list_measures(outcome)[2], 4)
        return f1, f"F1 {f1:.2f}"
    return (1 / outcome.rank, f"rank {outcome.rank}") if outcome.rank else (0.0, "not found")


def _differences(first: tuple[Outcome, ...], second: tuple[Outcome, ...]) -> tuple[Difference, ...]:
    earlier, later = measures.compute(first), measures.compute(second)
    intervals = bootstrap.differences(
        (earlier.numerators, earlier.denominators), (later.numerators, later.denominators)
    )
    before, after = earlier.values(), later.values()
    return tuple(
        Difference(name, before[name], after[name], interval)
        for name, interval in zip(earlier.names, intervals, strict=True)
        if any(table.counted()[name] for table in (earlier, later))
    )


def _signed(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:+,.0f}" if abs(value) >= 10 else f"{value:+.3f}"
