"""The dates of a question, by itself and as a follow-up of an earlier one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import replace

from rag.models import Period
from rag.query.carry_over import year_of
from rag.query.date_range import DateRange, date_range_of
from rag.query.follow_up import shifted_period
from rag.query.qualifiers import before_or_after
from rag.query.relative_dates import ENGLISH_NUMBER, UNIT, number_of
from rag.query.topic import topic_of
from rag.query.yearless import yearless_dates

_NEXT_TO = re.compile(
    rf"(?i)\b(?:the\s+)?(?:({ENGLISH_NUMBER})\s+)?({UNIT})s?\s+(?:(before|earlier)|after|afterwards|later)\W*$"
    rf"|\b(?:the\s+)(?:(previous|preceding)|next|following)\s+({UNIT})\W*$"
)


def dates_of(
    words: str, today: dt.date, told: Collection[dt.date], first: dt.date | None, last: dt.date | None
) -> DateRange:
    """The dates that a question names; ``first`` and ``last`` are those of the question that it follows.

    A day without a year is a period where nothing else is asked about ("What happened on May 14?"): beside a topic its
    words are searched for.
    """
    year = year_of(first, last)
    dates = date_range_of(words, today, year, told)
    if dates.periods:
        return dates
    if shift := shifted_period(words, first, last):
        return DateRange(shift.first, shift.last, (shift,))
    if first and last and (moved := _next_to(words, Period(first, last))):
        return DateRange(moved.first, moved.last, (moved,))
    days = [date for date in yearless_dates(words.lower()) if date.day]
    if days and told and not topic_of(words, days, exhaustive=True):
        return date_range_of(words, today, year, told, days_alone=True)
    return dates


def _next_to(words: str, period: Period) -> Period | None:
    """ "And the week after?" is what follows the period of the question before."""
    match = _NEXT_TO.search(words)
    if not match:
        return None
    number, unit = number_of((match[1] or "one").lower()), (match[2] or match[5]).lower()
    moved = before_or_after(period, number, unit, later=not (match[3] or match[4]), whole=not match[1])
    return replace(moved, start=match.start(), end=match.end())
