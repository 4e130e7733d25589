"""Dates in words: the period that a question asks about, and the days that a bulletin's sentences state."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from rag.records import Period

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if number}
_MONTHS |= {name.lower()[:3]: number for number, name in enumerate(calendar.month_name) if number} | {"sept": 9}
# Parts of a year as their first and last month; 13 and 14 are those of the next year.
_PARTS = {
    "spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 14),
    "first half": (1, 6), "second half": (7, 12), "h1": (1, 6), "h2": (7, 12), "first quarter": (1, 3),
    "second quarter": (4, 6), "third quarter": (7, 9), "fourth quarter": (10, 12), "last quarter": (10, 12),
    "q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12), "beginning": (1, 3), "start": (1, 3), "early": (1, 4),
    "middle": (5, 8), "mid": (5, 8), "end": (10, 12), "late": (9, 12), "上半年": (1, 6), "下半年": (7, 12),
}  # fmt: skip
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12}
_DAYS_OF = {"day": 1, "week": 7, "month": 31, "year": 366}
_YEARS_BACK = {"今年": 0, "去年": 1, "前年": 2}

_YEAR = r"((?:19|20)\d\d)"
_OF_YEAR = rf",?\s+(?:of\s+)?{_YEAR}\b"
_MONTH = rf"\b({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|–|—|to|and|through)\s*"
_PART = rf"\b({'|'.join(sorted(_PARTS, key=len, reverse=True))})"
# A year that belongs to a name ("the 2022 Games", "2023 annual report") names no period.
_NO_NAME = (
    r"(?!\s+(?:beijing |winter |summer |paralympic |olympic )*(?:games|olympics|paralympics|fair|summit|forum|expo"
    r"|edition|asian|china|annual|report|regulations?|convention|congress)\b)"
)
_FURTHEST_AHEAD = dt.timedelta(days=200)  # a bulletin of December that says "on January 8" means the month to come

Rule = tuple[re.Pattern[str], Callable[["re.Match[str]", dt.date], Period | None]]


class NoSuchDate(ValueError):
    """A question names a day that the calendar lacks; the argument is its words."""


def asked_period(words: str, today: dt.date) -> Period | None:
    """The one period that a question asks about, open ends at the calendar's; None where it names none.

    "last month" and the like are seen from ``today``.  Several periods ("2024 and 2025") give the stretch from the
    first to the last; contradictory ones ("in 2025 before 2023") one that ends before it begins.

    Raises:
        NoSuchDate: "31 April 2024".
    """
    as_written, words = words, words.lower()
    try:
        found = _periods(words, today)
    except NoSuchDate as error:
        start = words.index(str(error))
        raise NoSuchDate(as_written[start : start + len(str(error))]) from None
    if not found:
        return None
    first, last = dt.date.min, dt.date.max
    within: list[Period] = []
    for number, period in enumerate(found):
        before, after = words[: period.start], words[period.end :]
        joins = number + 1 < len(found) and _BETWEEN.fullmatch(words[period.end : found[number + 1].start])
        joined = number > 0 and _BETWEEN.fullmatch(words[found[number - 1].end : period.start])
        if _AFTER.search(before):
            first = max(first, period.last + dt.timedelta(days=1))
        elif (_SINCE.search(before) and not joins) or _ONWARDS.match(after):
            first = max(first, period.first)
        elif _BEFORE.search(before) and not joined:
            last = min(last, period.first - dt.timedelta(days=1))
        elif _UNTIL.search(before) and not joined:
            last = min(last, period.last)
        else:
            within.append(period)
    if within:
        first = max(first, min(period.first for period in within))
        last = min(last, max(period.last for period in within))
    return Period(first, last, found[0].start, found[-1].end)


def stated(text: str, published: dt.date | None) -> tuple[Period, ...]:
    """The days, months and years that a bulletin's words state, each once.

    A day without a year ("on January 8") is the one nearest before the bulletin's date, or soon after it; in an
    undated bulletin it states nothing, and neither do "last month" and "today" anywhere.
    """
    lowered = text.lower()
    found = _periods(lowered, None)
    if published is not None:
        for match in _NO_YEAR.finditer(lowered):
            if not any(period.start <= match.start() < period.end for period in found):
                found += _nearest(match, published)
    return tuple(dict.fromkeys(Period(period.first, period.last) for period in found))


def written(first: dt.date | None, last: dt.date | None) -> str:
    """A period in few words: "2024", "2024-03", "2024-03-11", "since 2022-01-01"; "" where both ends are open."""
    if first is None or last is None:
        return f"since {first}" if first else f"until {last}" if last else ""
    if first == last:
        return str(first)
    if Period(first, last) == _whole_year(first.year):
        return f"{first:%Y}"
    if Period(first, last) == _months(first.year, first.month, first.month):
        return f"{first:%Y-%m}"
    return f"{first} to {last}"


def _nearest(match: re.Match[str], published: dt.date) -> list[Period]:
    month, day, end_month, end_day = match.groups()
    for year in (published.year + 1, published.year, published.year - 1):
        opens = _days(year, _MONTHS[month], int(day))
        if opens and opens.first - published <= _FURTHEST_AHEAD:
            closes = _days(year, _MONTHS[end_month or month], int(end_day)) if end_day else None
            last = closes.last if closes and closes.last > opens.first else opens.last
            return [Period(opens.first, last, match.start(), match.end())]
    return []


def _periods(words: str, today: dt.date | None) -> list[Period]:
    """Every period that the words, in lower case, name; without ``today`` those that don't need it."""
    rules = [*(_ABSOLUTE if _HAS_YEAR.search(words) else ()), *(_RELATIVE if today else ())]
    found: list[Period] = []
    at = 0
    while True:
        matches = [(match, build) for rule, build in rules if (match := rule.search(words, at))]
        if not matches:
            return found
        match, build = min(matches, key=lambda pair: pair[0].start())
        period = build(match, today or dt.date.min)
        if period:
            found.append(replace(period, start=match.start(), end=match.end()))
        elif today and not _MONTH_NUMBER.fullmatch(match[0]):
            raise NoSuchDate(match[0])
        at = match.end()


def _months(year: int, first: int, last: int) -> Period | None:
    """Whole months; None where there are no such months."""
    if not (1 <= first <= 12 and first <= last <= 14):
        return None
    year_of_last, month_of_last = year + (last - 1) // 12, (last - 1) % 12 + 1
    days = calendar.monthrange(year_of_last, month_of_last)[1]
    return Period(dt.date(year, first, 1), dt.date(year_of_last, month_of_last, days))


def _days(year: int, month: int, day: int, last: int = 0) -> Period | None:
    """A day or a run of days in one month; None where the calendar has no such day."""
    try:
        first = dt.date(year, month, day)
        return Period(first, first.replace(day=last) if last > day else first)
    except ValueError:
        return None


def _whole_year(year: int) -> Period | None:
    return _months(year, 1, 12)


def _iso(match: re.Match[str], today: dt.date) -> Period | None:
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
    return _days(year, month, day) if day else _months(year, month, month)


def _chinese(match: re.Match[str], today: dt.date) -> Period | None:
    year, month, day = int(match[1]), int(match[3] or 0), int(match[4] or 0)
    if match[2]:
        return _months(year, *_PARTS[match[2]])
    if day:
        return _days(year, month, day)
    return _months(year, month, month) if month else _whole_year(year)


def _calendar_unit(match: re.Match[str], today: dt.date) -> Period | None:
    """ "last month", "this year", "last summer"."""
    back = 0 if match[1] in ("this", "current") else 1
    unit = match[2]
    if unit == "year":
        return _whole_year(today.year - back)
    if unit == "week":
        monday = today - dt.timedelta(days=today.weekday() + 7 * back)
        return Period(monday, monday + dt.timedelta(days=6))
    if unit in ("month", "quarter"):
        length = 1 if unit == "month" else 3
        number = today.year * 12 // length + (today.month - 1) // length - back
        year, first = number * length // 12, number * length % 12 + 1
        return _months(year, first, first + length - 1)
    season = _months(today.year, *_PARTS[unit])
    over = season is not None and (season.last < today if back else season.first <= today)
    return season if over else _months(today.year - 1, *_PARTS[unit])


def _past_units(match: re.Match[str], today: dt.date) -> Period | None:
    """ "the last three months"."""
    number = _NUMBERS.get(match[1]) or int(match[1])
    return Period(today - dt.timedelta(days=number * _DAYS_OF[match[2]]), today)


def _one_day(match: re.Match[str], today: dt.date) -> Period | None:
    day = today - dt.timedelta(days=match[0] in ("yesterday", "昨天"))
    return Period(day, day)


def _month_back(match: re.Match[str], today: dt.date) -> Period | None:
    first = today.replace(day=1)
    if match[0] in ("上个月", "上月"):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return _months(first.year, first.month, first.month)


def _rules(*pairs: tuple[str, Callable[[re.Match[str], dt.date], Period | None]]) -> list[Rule]:
    return [(re.compile(pattern), build) for pattern, build in pairs]


# Where two begin at the same place, the one that stands first counts.
_ABSOLUTE = _rules(
    (rf"{_YEAR}\s*年(?:\s*(上半年|下半年)|\s*(\d{{1,2}})\s*月(?:\s*(\d{{1,2}})\s*[日号])?)?", _chinese),
    (rf"\b{_YEAR}[-/.](\d{{1,2}})(?:[-/.](\d{{1,2}}))?(?![\d-])", _iso),
    (
        rf"{_MONTH}\s*{_DAY}(?:{_TO}{_DAY})?{_OF_YEAR}",
        lambda match, today: _days(int(match[4]), _MONTHS[match[1]], int(match[2]), int(match[3] or 0)),
    ),
    (
        rf"\b{_DAY}(?:{_TO}{_DAY})?\s+(?:of\s+)?{_MONTH}{_OF_YEAR}",
        lambda match, today: _days(int(match[4]), _MONTHS[match[3]], int(match[1]), int(match[2] or 0)),
    ),
    (
        rf"{_MONTH}{_TO}{_MONTH}{_OF_YEAR}",
        lambda match, today: _months(int(match[3]), _MONTHS[match[1]], _MONTHS[match[2]]),
    ),
    (rf"{_MONTH}{_OF_YEAR}", lambda match, today: _months(int(match[2]), _MONTHS[match[1]], _MONTHS[match[1]])),
    (
        rf"{_PART}[\s-]+(?:of\s+|in\s+)?(?:the\s+)?(?:year\s+)?{_YEAR}\b",
        lambda match, today: _months(int(match[2]), *_PARTS[match[1]]),
    ),
    (rf"\b{_YEAR}\s*(h[12]|q[1-4])\b", lambda match, today: _months(int(match[1]), *_PARTS[match[2]])),
    (rf"(?<![\d.,])\b{_YEAR}\b(?![\d,.]*\d){_NO_NAME}", lambda match, today: _whole_year(int(match[1]))),
)
_RELATIVE = _rules(
    (
        r"\b(last|previous|past|this|current) (week|month|year|quarter|spring|summer|autumn|fall|winter)\b",
        _calendar_unit,
    ),
    (rf"\b(?:last|past) (\d{{1,2}}|{'|'.join(_NUMBERS)}) (day|week|month|year)s\b", _past_units),
    (r"\b(?:today|yesterday)\b|今天|昨天", _one_day),
    (r"今年|去年|前年", lambda match, today: _whole_year(today.year - _YEARS_BACK[match[0]])),
    (r"本月|这个月|上个月|上月", _month_back),
)
_NO_YEAR = re.compile(rf"{_MONTH}\s+{_DAY}(?:{_TO}(?:{_MONTH}\s+)?{_DAY})?(?!\d)")
_MONTH_NUMBER = re.compile(r"\d{4}[-/.]\d{1,2}")  # "2024-99" can be anything's number
_HAS_YEAR = re.compile(_YEAR)
_BETWEEN = re.compile(r"\s*(?:-|–|—|to|until|till|and|through|至|到)\s*")
_SINCE = re.compile(r"\b(?:since|starting|as of)\s+(?:the\s+)?$")
_AFTER = re.compile(r"\bafter\s+(?:the\s+)?$")
_BEFORE = re.compile(r"\bbefore\s+(?:the\s+)?$")
_UNTIL = re.compile(r"\b(?:until|till|up to|by)\s+(?:the\s+)?(?:end of\s+)?$")
_ONWARDS = re.compile(r"\s*(?:on\b(?!\s+\w+day)|onwards?\b|and later\b|以来|以后)")
