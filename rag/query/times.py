"""The dates of a question, by itself and as a follow-up of an earlier one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import replace

from rag.models import Period
from rag.query.carry_over import year_of
from rag.query.date_range import DateRange, date_range_of
from rag.query.qualifiers import before_or_after
from rag.query.relative_dates import ENGLISH_NUMBER, UNIT, number_of
from rag.query.topic import topic_of
from rag.query.yearless import yearless_dates
from rag.text import dates

_NEXT_TO = re.compile(
    rf"(?i)\b(?:the\s+)?(?:({ENGLISH_NUMBER})\s+)?({UNIT})(s?)\s+(?:(before|earlier)|after(?:wards)?|later)\b"
    rf"|\b(?:the\s+)?(?:(previous|preceding)|next|following)\s+({UNIT})\b"
)
_WORD = re.compile(r"\w")


def dates_of(
    words: str, today: dt.date, told: Collection[dt.date], first: dt.date | None, last: dt.date | None
) -> DateRange:
    """The dates that a question names; ``first`` and ``last`` are those of the question that it follows.

    A day without a year is a period where nothing else is asked about ("What happened on May 14?"): beside a topic its
    words are searched for.
    """
    year = year_of(first, last)
    named = date_range_of(words, today, year, told)
    if named.periods:
        return named
    if first and last and (moved := _next_to(words, Period(first, last))):
        return DateRange(moved.first, moved.last, (moved,))
    days = [date for date in yearless_dates(words.lower()) if date.day]
    if days and told and not topic_of(words, days, exhaustive=True):
        return date_range_of(words, today, year, told, days_alone=True)
    return named


def _next_to(words: str, period: Period) -> Period | None:
    """ "And the week after?" is what follows the period of the question before.

    "The month before" is a month of the calendar and "the year before" the same months of it, wherever they are said;
    of other units that is sure only at the end, since "the week after the fair" is another.
    """
    match = _NEXT_TO.search(words)
    if not match:
        return None
    number, unit = number_of((match[1] or "one").lower()), (match[2] or match[6]).lower()
    of_calendar = number == 1 and not match[3] and unit in ("month", "year")
    if not of_calendar and _WORD.search(words, match.end()):
        return None
    whole = unit != "year" if of_calendar else not match[1]
    period = dates.whole_months(period) if of_calendar else period
    moved = before_or_after(period, number, unit, later=not (match[4] or match[5]), whole=whole)
    return replace(moved, start=match.start(), end=match.end())
