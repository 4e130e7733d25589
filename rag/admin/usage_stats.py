"""The last thirty days, or the last day, in figures: what was asked, how long it took, and what readers said."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rag.admin.feedback import Glance
from rag.admin.question_log import Asked

Span = Literal["days", "hours"]
SLOTS: dict[Span, int] = {"days": 30, "hours": 24}


@dataclass(slots=True)
class Slot:
    """A day or an hour by the server's clock; ``ms`` are the times of its answers, ``said`` the verdicts."""

    begin: dt.datetime
    status: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        return self.status.total()

    @property
    def refusals(self) -> float | None:
        """The share of questions that the bulletins hold no answer to, among those looked up; None where none was."""
        looked_up = self.status["answered"] + self.status["no_match"]
        return self.status["no_match"] / looked_up if looked_up else None

    @property
    def median(self) -> float | None:
        return statistics.median(self.ms) if self.ms else None

    @property
    def p95(self) -> float | None:
        """The time that 95 of 100 answers kept within (nearest rank)."""
        return sorted(self.ms)[math.ceil(0.95 * len(self.ms)) - 1] if self.ms else None


def slots(span: Span, now: dt.datetime, asked: Iterable[Asked], said: Iterable[Glance]) -> list[Slot]:
    """The slots up to this moment, the oldest first; what is older, or from the future, is left out."""
    own = {begin: Slot(begin) for begin in _begins(span, now)}
    for one in asked:
        slot = own.get(_begin(span, one.at))
        if slot:
            slot.status[one.status] += 1
            if one.status in ("answered", "no_match"):
                slot.ms.append(one.ms)
    for glance in said:
        slot = own.get(_begin(span, glance.at))
        if slot:
            slot.said[glance.verdict] += 1
    return list(own.values())


def total(slots: Iterable[Slot]) -> Slot:
    """All of them as one."""
    whole = Slot(dt.datetime.min)
    for slot in slots:
        whole.status += slot.status
        whole.ms += slot.ms
        whole.said += slot.said
    return whole


def _begins(span: Span, now: dt.datetime) -> list[dt.datetime]:
    # not by steps of 24 hours: a day may have 23 or 25
    if span == "days":
        today = now.astimezone().date()
        days = [today - dt.timedelta(days=back) for back in range(SLOTS[span])]
        return [dt.datetime.combine(day, dt.time()) for day in reversed(days)]
    return [_begin(span, now - dt.timedelta(hours=back)) for back in reversed(range(SLOTS[span]))]


def _begin(span: Span, at: dt.datetime) -> dt.datetime:
    """Of the slot that a time with a zone is in, by the server's clock and without a zone."""
    own = at.astimezone().replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return own.replace(hour=0) if span == "days" else own
