"""The range of dates that a question asks about: its periods, how they are joined, and the years that they borrow."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.errors import QuestionRefused
from rag.models import Period, Span
from rag.query.date_contexts import is_in_a_name, is_of_publishing
from rag.query.qualifiers import qualifier_of
from rag.query.relative_dates import RELATIVE, SEASONS
from rag.query.yearless import LEAP_YEAR, Yearless, yearless_dates
from rag.text import dates


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days asked about, both included, None for an open end; ``periods`` are those named, each with its place.

    ``first`` lies after ``last`` where the periods contradict each other ("in 2025 before 2023").  ``published`` says
    that they are the bulletins' own dates.  ``either`` are the two ranges that the days may mean where they don't say
    which number is the month; ``first`` and ``last`` embrace both.  ``notes`` say what was assumed.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    periods: tuple[Period, ...] = ()
    published: bool = False
    either: tuple[Period, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a period is seen from: the question as typed, the day of asking, the year spoken of before, and the days
    that bulletins tell of, and whether a day without a year is a period."""

    question: str
    today: dt.date
    year: int | None
    told: Collection[dt.date]
    days_alone: bool


_Item = Period | Yearless


def date_range_of(
    question: str, today: dt.date, year: int | None = None, told: Collection[dt.date] = (), *, days_alone: bool = False
) -> DateRange:
    """The range of dates that a question names; "last month" and the like are seen from ``today``.

    A month alone ("in March") is that of ``year`` (what earlier questions were about), else the latest that bulletins
    tell of (``told``), else the latest that has begun; a day alone ("on March 12") is no period, since bulletins write
    it so too and its words are searched for, unless ``days_alone`` says that it is to be one.  A list ("2022 and
    2024") gives the range from its first to its last day.

    Raises:
        QuestionRefused: it names a day that the calendar lacks ("31 April 2024").
    """
    words = question.lower()
    if len(words) != len(question):  # a letter that is longer in lower case moves all that follows
        question = words
    notes: list[str] = []
    periods = _periods(words, _Setting(question, today, year, told, days_alone), notes)
    if not periods:
        return DateRange()
    either = _readings(words, periods)
    notes += _note_on_readings(question, periods) if len(either) > 1 else []
    first, last = min(first for first, _ in either), max(last for _, last in either)
    return DateRange(
        None if first == dt.date.min else first,
        None if last == dt.date.max else last,
        tuple(periods),
        any(is_of_publishing(words, period) for period in periods),
        tuple(itertools.starmap(Period, either)) if len(either) > 1 else (),
        tuple(notes),
    )


def _readings(words: str, periods: Sequence[Period]) -> list[tuple[dt.date, dt.date]]:
    """The first and last day of the range; twice where 03/11/2024 may be March or November and nothing tells which.

    Who writes 14/05/2024 beside it puts the day first there too.
    """
    if not any(period.swapped for period in periods):
        return [_bounds(words, periods)]
    orders = {order for period in periods if not period.swapped for order in _orders(words, period)} or {True, False}
    readings = ([_read_as(words, period, order) for period in periods] for order in sorted(orders))
    return list(dict.fromkeys(_bounds(words, reading) for reading in readings))


def _orders(words: str, period: Period) -> list[bool]:
    """Whether the day comes first in this date; [] where it isn't numbers alone or both are one."""
    numbers = _NUMERIC.search(words, period.start, period.end)  # behind "Saturday"
    return [int(numbers[1]) == period.first.day] if numbers and numbers[1] != numbers[2] else []


def _read_as(words: str, period: Period, day_first: bool) -> Period:
    """The day in this order of numbers; what has but one reading is as it was."""
    numbers = _NUMERIC.search(words, period.start, period.end)
    if not (period.swapped and numbers) or (period.first.day == int(numbers[1])) == day_first:
        return period
    return replace(period, first=period.swapped, last=period.swapped)


def _note_on_readings(question: str, periods: Iterable[Period]) -> list[str]:
    return [
        f"“{question[p.start : p.end]}” can mean {dates.long_date(p.first)} or {dates.long_date(p.swapped)};"
        " both were looked for."
        for p in periods
        if p.swapped
    ]


def _bounds(words: str, periods: Sequence[Period]) -> tuple[dt.date, dt.date]:
    """The first and the last day that satisfy all the periods as they are joined."""
    first, last = dt.date.min, dt.date.max
    within: list[Period] = []
    for number, period in enumerate(periods):
        before, after = words[: period.start], words[period.end :]
        joins = number + 1 < len(periods) and _RANGE.fullmatch(words[period.end : periods[number + 1].start])
        joined = number > 0 and _RANGE.fullmatch(words[periods[number - 1].end : period.start])
        if _BEFORE_AND_AFTER.search(before):
            continue  # two things to compare, and no bound
        if _AFTER.search(before) or _LATER.match(after):
            first = max(first, period.last + dt.timedelta(days=1))
        elif (_SINCE.search(before) and not joins) or _ONWARDS.match(after):
            first = max(first, period.first)
        elif (_BEFORE.search(before) and not joined) or _EARLIER.match(after):
            last = min(last, period.first - dt.timedelta(days=1))
        elif _UNTIL.search(before) and not joined:
            last = min(last, period.last)
        else:
            within.append(period)
    if within:
        first = max(first, min(period.first for period in within))
        last = min(last, max(period.last for period in within))
    return first, last


def _periods(words: str, setting: _Setting, notes: list[str]) -> list[Period]:
    """Every period that the question names, in order, those without a year in the year that they borrow."""
    question = setting.question
    dated: list[Period] = []
    for match, period in dates.match_rules(words, [*dates.ABSOLUTE, *RELATIVE], setting.today):
        if period and not is_in_a_name(question, period):
            dated.append(period)
        elif not period and not _MONTH_NUMBER.fullmatch(match[0]):
            raise _no_such_date(question[match.start() : match.end()])
    alone = [part for part in yearless_dates(words) if not any(map(part.overlaps, dated))]
    for part in alone:
        if not part.in_year(LEAP_YEAR) and _ON.search(words[: part.start]):
            raise _no_such_date(part.of(question))
    items = _qualified(words, [*dated, *(part for part in alone if part.in_year(LEAP_YEAR))])
    given: list[Period] = []
    for number, item in enumerate(items):
        period = item if isinstance(item, Period) else _borrowing(words, items[number:], given, setting, notes)
        given += [period] if period else []
    return given


def _qualified(words: str, items: Iterable[_Item]) -> list[_Item]:
    """The items in order, each with what qualifies it; what lies in the words that qualify another is dropped."""
    result: list[_Item] = []
    for item in sorted(items, key=lambda item: (item.start, -item.end)):
        while sample := item if isinstance(item, Period) else item.in_year(LEAP_YEAR):
            found = qualifier_of(words, Span(item.start, item.end), sample)
            if found is None:
                break
            span, narrowing = found
            if isinstance(item, Yearless):
                item = replace(item, start=span.start, end=span.end, narrowings=(*item.narrowings, narrowing))
            elif narrowed := narrowing(item):
                item = replace(narrowed, start=span.start, end=span.end)
        result = [other for other in result if other.end <= item.start or other.start < item.start]
        result += [] if result and item.start < result[-1].end else [item]
    return result


def _no_such_date(words: str) -> QuestionRefused:
    return QuestionRefused(f"There is no such date as {words}", remedy="Name one that the calendar has.")


def _borrowing(
    words: str, items: Sequence[_Item], given: Sequence[Period], setting: _Setting, notes: list[str]
) -> Period | None:
    """The period of the first item, which has no year, in that of the next one that it is joined to, else of the one
    before, else of ``_latest``."""
    item = items[0]
    assert isinstance(item, Yearless)
    if lender := _lender(words, items):
        period = item.in_year(lender.first.year)
        # "from November to February 2024" begins the year before.
        early = period and period.first > lender.first and _runs(words, item.end, items[1].start)
        return item.in_year(lender.first.year - 1) if early else period
    if given and _JOIN.fullmatch(words[given[-1].end : item.start]):
        period = item.in_year(given[-1].last.year)
        late = period and period.first < given[-1].first and _runs(words, given[-1].end, item.start)
        return item.in_year(given[-1].last.year + 1) if late else period
    before, itself = words[: item.start], words[item.start : item.end]
    placed = _PART_PLACED.search(before) if _QUARTER.fullmatch(itself) else _PLACED.search(before)
    if item.day and setting.days_alone:
        return _latest(item, setting, notes)
    if not item.narrowings and (item.day or itself in SEASONS or not (placed or "月" in itself)):
        return None  # "in winter" is every winter
    return item.in_year(setting.year) if setting.year is not None else _latest(item, setting, notes)


def _latest(item: Yearless, setting: _Setting, notes: list[str]) -> Period | None:
    """The period in the latest year that bulletins tell of it, else in the latest that it has begun in."""
    opening = min((day.year for day in setting.told), default=setting.today.year) - 1
    years = range(setting.today.year, min(opening, setting.today.year - 1) - 1, -1)
    begun = [period for year in years if (period := item.in_year(year)) and period.first <= setting.today]
    for period in begun:
        around = period if item.day and setting.days_alone else dates.whole_months(period)
        if any(around.first <= day <= around.last for day in setting.told):
            if period != begun[0]:
                itself = setting.question[item.start : item.end]
                known = dates.format_period(period.first, period.last)
                notes.append(f"“{itself}” is read as {known}: these bulletins tell of no later one.")
            return period
    return begun[0] if begun else None


def _lender(words: str, items: Sequence[_Item]) -> Period | None:
    """The next period with a year that the first of these is joined to, if need be through others."""
    for here, there in itertools.pairwise(items):
        if not _JOIN.fullmatch(words[here.end : there.start]):
            return None
        if isinstance(there, Period):
            return there
    return None


def _runs(words: str, end: int, start: int) -> bool:
    """Whether "to" or the like stands between two periods, or the "and" of "between"."""
    gap = words[end:start].strip()
    return bool(_RANGE.fullmatch(gap)) and (not gap.startswith("and") or "between" in words[:end])


_ON = re.compile(r"\bon\s+(?:the\s+)?$")
_NUMERIC = re.compile(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?\d{2,4}")
_MONTH_NUMBER = re.compile(r"\d{4}[-/.]\d{1,2}|\d{1,2}/\d{4}")  # "2024-99" can be anything's number
# Before a month alone; never "the march", "who may".
_PLACED = re.compile(
    r"\b(?:in|during|since|from|until|till|before|after|by|of|throughout)\s+(?:early\s+|late\s+|mid-?\s*)?$"
)
_QUARTER = re.compile(r"q[1-4]|h[12]|\w+ quarter|\w+ half")
_PART_PLACED = re.compile(r"\b(?:in|during|since|from|until|before|after|by|of|for)\s+(?:the\s+)?$")
_JOIN = re.compile(
    r"\s*(?:-|–|—|/|,|、|至|到|和|与|(?:to|until|till|and|or|through|versus|vs|with|than|compared (?:to|with))\b\.?)\s*"
    r"(?:(?:and|or|in|of|from|with|to|by|until|the)\s+)*"
)
_BEFORE_AND_AFTER = re.compile(r"\bbefore and after\s+(?:the\s+)?$")
_RANGE = re.compile(r"\s*(?:-|–|—|to|until|till|and|through|至|到)\s*(?:the\s+)?")
_SINCE = re.compile(r"\b(?:since|starting(?: (?:in|from))?|自从?)\s*(?:the\s+)?$|自从?\s*$")
_AFTER = re.compile(r"\b(?:after|later than)\s+(?:the\s+)?(?:end of\s+)?$")
_BEFORE = re.compile(r"\b(?:before|earlier than|prior to)\s+(?:the\s+)?$")
_UNTIL = re.compile(r"\b(?:until|till|up to|by|as of|no later than)\s+(?:the\s+)?(?:end of\s+)?$|截至\s*$")
_ONWARDS = re.compile(r"\s*(?:on\s*(?:[,.;:?!)]|$)|onwards?\b|and later\b|以来|起)")
_LATER = re.compile(r"\s*(?:之后|以后)")
_EARLIER = re.compile(r"\s*(?:之前|以前)")
