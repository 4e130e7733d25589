"""Figures of usage for the staff: each as a sentence and a table.  Curves are drawn by what collects ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.admin.feedback import VERDICT_NAMES
from rag.admin.usage_stats import Bucket, Granularity, total
from rag.text.dates import long_date

STATUSES = {"answered": "Answered", "no_match": "No match", "refused": "Not taken", "trouble": "Failed"}
NO_VALUE = "–"


@dataclass(frozen=True, slots=True)
class UsageTable:
    """A table under its title, with a summary in one sentence; ``rows`` are the latest first."""

    key: str
    title: str
    summary: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def usage_tables(granularity: Granularity, buckets: Sequence[Bucket]) -> tuple[UsageTable, ...]:
    """Makes the tables of these buckets."""
    sums = total(buckets)
    kinds = [kind for kind in STATUSES if sums.statuses[kind] or kind in ("answered", "no_match")]
    head = "Day" if granularity == "days" else "Hour"

    def rows(cells: Callable[[Bucket], list[str]]) -> tuple[tuple[str, ...], ...]:
        found = ((_time(granularity, bucket), *cells(bucket)) for bucket in reversed(buckets))
        return tuple(row for row in found if len(row) > 1)

    questions = rows(lambda b: [f"{b.statuses[kind]:,}" for kind in kinds] if b.questions else [])
    refusals = rows(lambda b: [] if b.no_match_rate is None else [f"{b.no_match_rate:.0%}"])
    times = rows(lambda b: [_ms(b.median_ms), _ms(b.p95_ms)] if b.ms else [])
    said = rows(lambda b: [f"{b.verdicts[kind]:,}" for kind in VERDICT_NAMES] if b.verdicts else [])
    shares, spread, verdicts = ("Share with no match",), ("Median", "95th percentile"), tuple(VERDICT_NAMES.values())
    return (
        UsageTable(
            "questions",
            "Questions",
            f"{sums.questions:,} questions: {', '.join(f'{sums.statuses[k]:,} {STATUSES[k].lower()}' for k in kinds)}.",
            (head, *(STATUSES[kind] for kind in kinds)),
            questions,
        ),
        UsageTable("refusals", "Questions that got a no", _refusal_summary(sums), (head, *shares), refusals),
        UsageTable("times", "Time to an answer (ms)", _time_summary(sums), (head, *spread), times),
        UsageTable("said", "What readers said", _feedback_summary(sums), (head, *verdicts), said),
    )


def _refusal_summary(sums: Bucket) -> str:
    rate = sums.no_match_rate
    return "No question was looked up." if rate is None else f"{rate:.0%} of the questions looked up."


def _time_summary(sums: Bucket) -> str:
    if sums.median_ms is None:
        return "No question was answered."
    return f"Half of the answers took {_ms(sums.median_ms)} or less, 95 of 100 took {_ms(sums.p95_ms)} or less."


def _feedback_summary(sums: Bucket) -> str:
    count, helpful = sums.verdicts.total(), sums.verdicts["helpful"]
    if not count:
        return "Nobody has said anything of an answer."
    answers = sums.statuses["answered"] + sums.statuses["no_match"]
    of = f", on {count / answers:.0%} of the answers" if answers >= count else ""
    return f"{helpful:,} of {count:,} found the answer helpful ({helpful / count:.0%}){of}."


def _time(granularity: Granularity, bucket: Bucket) -> str:
    day = long_date(bucket.begin.date())
    return day if granularity == "days" else f"{day}, {bucket.begin:%H}:00"


def _ms(value: float | None) -> str:
    return NO_VALUE if value is None else f"{value:,.0f} ms"
