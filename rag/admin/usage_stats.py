"""Usage by day or by hour: how many questions were asked, how long answers took, and what readers said of them."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rag.admin.feedback import Feedback
from rag.admin.question_log import LoggedQuestion

Granularity = Literal["days", "hours"]
BUCKET_COUNTS: dict[Granularity, int] = {"days": 30, "hours": 24}


@dataclass(slots=True)
class Bucket:
    """A day or an hour by the server's clock: its questions by status, the milliseconds that answers took, and
    feedback by verdict."""

    begin: dt.datetime
    statuses: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def questions(self) -> int:
        """How many questions were asked."""
        return self.statuses.total()

    @property
    def no_match_rate(self) -> float | None:
        """The share of questions without an answer among those that were looked up; None where none was."""
        looked_up = self.statuses["answered"] + self.statuses["no_match"]
        return self.statuses["no_match"] / looked_up if looked_up else None

    @property
    def median_ms(self) -> float | None:
        """The median time of an answer; None where there was none."""
        return statistics.median(self.ms) if self.ms else None

    @property
    def p95_ms(self) -> float | None:
        """The time that 95 of 100 answers kept within (nearest rank); None where there was none."""
        return sorted(self.ms)[math.ceil(0.95 * len(self.ms)) - 1] if self.ms else None


def count_by_bucket(
    granularity: Granularity,
    now: dt.datetime,
    questions: Iterable[LoggedQuestion],
    feedback: Iterable[Feedback],
) -> list[Bucket]:
    """The buckets up to ``now``, the oldest first; records that are older, or from the future, are left out."""
    buckets = {begin: Bucket(begin) for begin in _begins(granularity, now)}
    for question in questions:
        if bucket := buckets.get(_begin(granularity, question.at)):
            bucket.statuses[question.status] += 1
            if question.status in ("answered", "no_match"):
                bucket.ms.append(question.ms)
    for given in feedback:
        if bucket := buckets.get(_begin(granularity, dt.datetime.fromisoformat(given.at))):
            bucket.verdicts[given.verdict] += 1
    return list(buckets.values())


def total(buckets: Iterable[Bucket]) -> Bucket:
    """The sum of the buckets."""
    summed = Bucket(dt.datetime.min)
    for bucket in buckets:
        summed.statuses += bucket.statuses
        summed.ms += bucket.ms
        summed.verdicts += bucket.verdicts
    return summed


def _begins(granularity: Granularity, now: dt.datetime) -> list[dt.datetime]:
    # Not by steps of 24 hours: a day may have 23 or 25.
    if granularity == "days":
        today = now.astimezone().date()
        days = [today - dt.timedelta(days=back) for back in range(BUCKET_COUNTS[granularity])]
        return [dt.datetime.combine(day, dt.time()) for day in reversed(days)]
    return [_begin(granularity, now - dt.timedelta(hours=back)) for back in reversed(range(BUCKET_COUNTS[granularity]))]


def _begin(granularity: Granularity, at: dt.datetime) -> dt.datetime:
    """The beginning of the bucket that a time with a zone lies in, by the server's clock and without a zone."""
    hour = at.astimezone().replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return hour.replace(hour=0) if granularity == "days" else hour
