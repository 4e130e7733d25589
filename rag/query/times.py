"""The dates of a question, by itself and as a follow-up of an earlier one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from rag.query.date_range import DateRange, date_range_of
from rag.query.follow_up import shifted_period
from rag.query.topic import topic_of
from rag.query.yearless import yearless_dates


def dates_of(
    words: str, today: dt.date, told: Collection[dt.date], first: dt.date | None, last: dt.date | None
) -> DateRange:
    """The dates that a question names; ``first`` and ``last`` are those of the question that it follows.

    A day without a year is a period where nothing else is asked about ("What happened on May 14?"): beside a topic its
    words are searched for.
    """
    year = first.year if first and last and first.year == last.year else None
    dates = date_range_of(words, today, year, told)
    if dates.periods:
        return dates
    if shift := shifted_period(words, first, last):
        return DateRange(shift.first, shift.last, (shift,))
    days = [date for date in yearless_dates(words.lower()) if date.day]
    if days and told and not topic_of(words, days, exhaustive=True):
        return date_range_of(words, today, year, told, days_alone=True)
    return dates
