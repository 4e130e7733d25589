"""Figures of usage for the staff: each as a sentence and a table.  Curves are drawn by what collects ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.admin.feedback import VERDICT_NAMES
from rag.admin.usage_stats import Bucket, Granularity, total
from rag.web.templating import long_date

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

    def table(
        key: str, title: str, summary: str, columns: Sequence[str], cells: Callable[[Bucket], list[str]]
    ) -> UsageTable:
        rows = ((bucket, cells(bucket)) for bucket in reversed(buckets))
        heads = ("Day" if granularity == "days" else "Hour", *columns)
        return UsageTable(key, title, summary, heads, tuple((_time(granularity, b), *row) for b, row in rows if row))

    kinds = [kind for kind in STATUSES if sums.statuses[kind] or kind in ("answered", "no_match")]
    counted = ", ".join(f"{sums.statuses[kind]:,} {STATUSES[kind].lower()}" for kind in kinds)
    return (
        table(
            "questions",
            "Questions",
            f"{sums.questions:,} questions: {counted}.",
            [STATUSES[kind] for kind in kinds],
            lambda b: [f"{b.statuses[kind]:,}" for kind in kinds] if b.questions else [],
        ),
        table(
            "refusals",
            "Questions that got a no",
            "No question was looked up."
            if sums.no_match_rate is None
            else f"{sums.no_match_rate:.0%} of the questions looked up.",
            ["Share with no match"],
            lambda b: [] if b.no_match_rate is None else [f"{b.no_match_rate:.0%}"],
        ),
        table(
            "times",
            "Time to an answer (ms)",
            "No question was answered."
            if sums.median_ms is None
            else f"Half of the answers took {_ms(sums.median_ms)} or less, 95 of 100 took {_ms(sums.p95_ms)} or less.",
            ["Median", "95th percentile"],
            lambda b: [_ms(b.median_ms), _ms(b.p95_ms)] if b.ms else [],
        ),
        table(
            "said",
            "What readers said",
            _feedback_summary(sums),
            list(VERDICT_NAMES.values()),
            lambda b: [f"{b.verdicts[kind]:,}" for kind in VERDICT_NAMES] if b.verdicts else [],
        ),
    )


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
