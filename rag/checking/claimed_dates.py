"""The dates that a draft names around its quotations: each read whole, or said to be unread.

Half a date (the year of 19/09/2023) would hold of far more bulletins than the date does.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.models import Period, Span
from rag.text import dates
from rag.text.dates import YEAR

_A_LEAP_YEAR = 2000  # in which a date without a year is held
_MAX_AHEAD = dt.timedelta(days=200)  # a bulletin of December that says "on January 8" means the month to come
_UNREADABLE = "it names no day that can be read"


@dataclass(frozen=True, slots=True)
class DateMention(Span):
    """A date at [start:end].  ``periods`` are what it may mean, in some leap year where it is ``yearless``; ``unread``
    says why it can't be told which, "" where it can."""

    periods: tuple[Period, ...] = ()
    yearless: bool = False
    unread: str = ""


def claimed_dates(text: str) -> list[DateMention]:
    """Returns every date that the text names, in order."""
    folded = _fold(text)
    found: list[DateMention] = []
    taken = bytearray(len(text))
    for mentions in (_with_year(folded), _days(folded), _months(text)):
        free = [mention for mention in mentions if not any(taken[mention.start : mention.end])]
        for mention in free:
            taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        found += free
    return sorted((_narrowed(folded, mention) for mention in found), key=lambda mention: mention.start)


@lru_cache(4_096)
def nearest(period: Period, published: dt.date | None) -> Period | None:
    """Returns a yearless period in the year that a bulletin of that date means by it."""
    for year in (published.year + 1, published.year, published.year - 1) if published else ():
        first, last = dates.day_range(year, period.first.month, period.first.day), _same_day(period.last, year)
        if first and published and first.first - published <= _MAX_AHEAD:
            return Period(first.first, last)
    return None


def _same_day(day: dt.date, year: int) -> dt.date:
    """The day in another year: February 28 where that has no 29th."""
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _fold(text: str) -> str:
    """The text in lower case, its digits and dashes of one kind; each character keeps its place."""
    lowered = "".join(low if len(low := character.lower()) == 1 else character for character in text.translate(_FOLDS))
    return _DASH_IN_NUMBER.sub("-", lowered)


def _with_year(text: str) -> Iterator[DateMention]:
    for match, period in dates.match_rules(text, [*_RULES, *dates.STATED], dt.date.min):
        if period and period.swapped:
            periods = (period, Period(period.swapped, period.swapped))
            unread = f"it may mean {period.first} or {period.swapped}"
            yield DateMention(*match.span(), periods, unread=unread)
        elif period and not _is_half(text, match):
            yield DateMention(*match.span(), _in_winter(period, match[0]))
        elif period or not _MONTH_NUMBER.fullmatch(match[0]):
            yield DateMention(*match.span(), unread=_UNREADABLE)


def _narrowed(text: str, mention: DateMention) -> DateMention:
    """A month cut down to the part of it that is named: "late March 2024", 三月上旬."""
    if len(mention.periods) != 1 or not dates.is_month(mention.periods[0]):
        return mention
    before = max(mention.start - _MAX_BEFORE_CHARS, 0)
    named = _PART_BEFORE.search(text, before, mention.start) or _PART_BEHIND.match(text, mention.end)
    if not named:
        return mention
    (month,) = mention.periods
    first, last = _PARTS_OF_MONTH[named[1]]
    days = Period(month.first.replace(day=first), month.last.replace(day=min(last, month.last.day)))
    start, end = min(mention.start, named.start(1)), max(mention.end, named.end(1))
    return replace(mention, start=start, end=end, periods=(days,))


def _is_half(text: str, match: re.Match[str]) -> bool:
    """Whether a year or a month is part of something longer that no rule reads."""
    vague = not _HAS_DAY.search(match[0])
    before = max(match.start() - _MAX_BEFORE_CHARS, 0)
    return vague and bool(_GOES_BEFORE.search(text, before, match.start()) or _GOES_ON.match(text, match.end()))


def _in_winter(period: Period, words: str) -> tuple[Period, ...]:
    """The period; "winter 2024" ends or begins in that year."""
    if not _WINTER.search(words):
        return (period,)
    first = period.first.replace(year=period.first.year - 1)
    return period, Period(first, period.last.replace(year=period.last.year - 1, day=28))


def _days(text: str) -> Iterator[DateMention]:
    """Days whose year is left out."""
    for pattern in _YEARLESS:
        for match in pattern.finditer(text):
            parts = match.groupdict() or {"month": match[1], "day": match[2]}
            period = _run(_A_LEAP_YEAR, parts["month"], parts["day"], parts.get("end_month"), parts.get("end"))
            yield DateMention(*match.span(), (period,) if period else (), True, "" if period else _UNREADABLE)
    for match in _NUMERIC.finditer(text):
        orders = ((match[2], match[1]), (match[1], match[2]))
        periods = tuple(dict.fromkeys(filter(None, (_run(_A_LEAP_YEAR, *order) for order in orders))))
        readings = " or ".join(f"{period.first:%B} {period.first.day}" for period in periods)
        unread = "" if len(periods) == 1 else f"it may mean {readings}" if periods else _UNREADABLE
        yield DateMention(*match.span(), periods, True, unread)


def _run(year: int, month: str, day: str, end_month: str | None = None, end: str | None = None) -> Period | None:
    """A day, or the days up to another; None where the calendar has none."""
    opens = dates.day_range(year, _month(month), _day(day))
    closes = dates.day_range(year, _month(end_month or month), _day(end)) if end else opens
    return Period(opens.first, closes.last) if opens and closes and opens.first <= closes.last else None


def _month(words: str) -> int:
    return dates.MONTHS.get(words) or dates.chinese_number(words)


def _day(words: str) -> int:
    return _ORDINALS.get(re.sub(r"\W+", " ", words)) or dates.chinese_number(words)


def _months(text: str) -> Iterator[DateMention]:
    """Months whose year is left out; no verb ("may", "march") and no part of somebody's name."""
    for match in _MONTH_ALONE.finditer(text):
        placed = _PLACED.search(text, max(match.start() - _MAX_BEFORE_CHARS, 0), match.start())
        if placed and (placed[1] or not _NO_MONTH_BEFORE[bool(placed[2])].match(text, match.end())):
            yield _whole_month(match, dates.MONTHS[match[0].lower()])
    for match in _CHINESE_MONTH_ALONE.finditer(text.translate(_FOLDS)):
        yield _whole_month(match, dates.chinese_number(match[1]))


def _whole_month(match: re.Match[str], month: int) -> DateMention:
    period = dates.month_range(_A_LEAP_YEAR, month, month)
    return DateMention(*match.span(), (period,) if period else (), True)


def _with_day(match: re.Match[str], today: dt.date) -> Period | None:
    """The run of days that the named groups of a match give."""
    parts = match.groupdict()
    year = int((parts["year"] or "").lstrip("'\u2019 "))
    year += 2000 if year < 100 else 0
    return _run(year, parts["month"], parts["day"], parts.get("end_month"), parts.get("end"))


_FOLDS = str.maketrans("０１２３４５６７８９．／－○", "0123456789./-〇")
_DASH_IN_NUMBER = re.compile(r"(?<=\d)[\u2010-\u2013\u2212](?=\d)")
_ONES = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
_ORDINALS = {
    word: number
    for number, word in enumerate(
        [*_ONES, *_TEENS, "twentieth", *(f"twenty {word}" for word in _ONES), "thirtieth", "thirty first"], 1
    )
}
_DAY_WORDS = "|".join(word.replace(" ", r"[ -]") for word in sorted(_ORDINALS, key=len, reverse=True))
_MONTH_WORDS = "|".join(sorted(dates.MONTHS, key=len, reverse=True))
_DAY_, _END = (rf"(?:(?P<{name}>\d{{1,2}}|{_DAY_WORDS})(?:st|nd|rd|th)?)" for name in ("day", "end"))
_MONTH_, _END_MONTH = (rf"\b(?P<{name}>{_MONTH_WORDS})\b\.?" for name in ("month", "end_month"))
_TO = r"\s*(?:-|–|—|to|and|through|until)\s*(?:the\s+)?"
_SEPARATED = r"[\s,.\-]+(?:of\s+)?(?:the\s+year\s+)?"
_DATED = r"(?:(?<=\bon )|(?<=\bof )|(?<=\bdated )|(?<=[(（]))"  # without it the numbers may be anything's
_YEAR_ = r"(?P<year>(?:19|20)\d\d|['\u2019]\d\d)(?!\d)"
_OF = r"[\s.-]*(?:day\s+)?(?:of\s+)?"
_DAY_FIRST = rf"(?<![\d./-]){_DAY_}(?:{_TO}{_END})?{_OF}{_MONTH_}"
_TWO_DAYS_FIRST = rf"(?<![\d./-]){_DAY_}{_OF}{_MONTH_}{_TO}{_END}{_OF}{_END_MONTH}"
_MONTH_FIRST = rf"{_MONTH_}[\s-]*(?:the\s+)?{_DAY_}(?:{_TO}(?:{_END_MONTH}\s+)?{_END})?"
# Dates that questions and bulletins hardly hold; the forms that they do are rules of ``dates``.
_RULES = dates.compile_rules(
    (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-/.]\s?(?P<month>\d{1,2})\s?[-/.]\s?(?P<day>\d{1,2})(?![\d-]|[/.]\d)",
        _with_day,
    ),
    (r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?!\d)", _with_day),
    (r"(?<![\d/.:-])(\d{1,2})(/)(\d{1,2})/['\u2019]?(\d\d)(?![\d/])", dates.numeric_day),
    (
        rf"{_DATED}(\d{{1,2}})([.-])(\d{{1,2}})\2(\d\d)(?![\d.-])",
        dates.numeric_day,
    ),
    (rf"{_TWO_DAYS_FIRST}{_SEPARATED}{_YEAR_}", _with_day),
    (rf"{_DAY_FIRST}{_SEPARATED}{_YEAR_}", _with_day),
    (rf"{_MONTH_FIRST}{_SEPARATED}{_YEAR_}", _with_day),
    (rf"(?<!\d)(?P<year>(?:19|20)\d\d)[\s,-]+{_MONTH_}[\s-]+{_DAY_}\b(?![,.]?\d)", _with_day),
    (
        rf"{dates.MONTH}\s+(?:bulletin|news|issue|edition|number|report|notice|article|one)s?\s+(?:of|from)\s+{YEAR}(?!\d)",
        lambda match, today: dates.month_range(int(match[2]), *[dates.MONTHS[match[1]]] * 2),
    ),
    # "12. März 2024", "12 de marzo de 2024": a day of a month that isn't known.
    (
        r"(?<![\d.,])\d{1,2}(?:\.|º)?\s+(?:de\s+)?(?!(?:in|of|since|during|from|before|after|until|into|for|and|over|than)\b)"
        rf"[^\W\d_]{{3,12}}\.?\s+(?:de\s+|del\s+)?{YEAR}(?!\d)",
        lambda match, today: None,
    ),
)
# Parts of a month, by how loosely they are spoken of.
_PARTS_OF_MONTH = dict.fromkeys(("early", "beginning of", "start of", "初", "上旬"), (1, 14))
_PARTS_OF_MONTH |= dict.fromkeys(("mid", "middle of", "中旬"), (8, 23))
_PARTS_OF_MONTH |= dict.fromkeys(("late", "end of", "底", "下旬"), (16, 31))
_PART_BEFORE = re.compile(r"\b(early|mid|late|(?:beginning|start|middle|end) of)[\s-]+(?:in\s+)?$")
_MAX_BEFORE_CHARS = 40  # before a month, in which "the beginning of" stands
_PART_BEHIND = re.compile("([初底]|[上中下]旬)")
_MONTH_NUMBER = re.compile(r"\d{4}[-/.]\d{1,2}")  # "2024-99" can be anything's number
_HAS_DAY = re.compile(r"\d\D+\d|[日号]|\d{8}")
_GOES_BEFORE = re.compile(r"(?:\d\s*[-/.]|[月日号])\s*$")
_GOES_ON = re.compile(r"\s?[-/.]\s?\d{1,2}(?!\d)")
_WINTER = re.compile(r"winter|\u51ac")
_YEARLESS = (
    re.compile(rf"{_MONTH_FIRST}(?!\d|[.,]\d)"),
    re.compile(rf"{_TWO_DAYS_FIRST}\b"),
    re.compile(rf"{_DAY_FIRST}\b"),
    re.compile(rf"(?<![\d年]){dates.CHINESE_MONTH}{dates.CHINESE_DAY}"),
)
_NUMERIC = re.compile(rf"{_DATED}(\d{{1,2}})[/.](\d{{1,2}})(?![\d/%]|\.\d)")
_MONTH_ALONE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
# Before a month; after one of the first group it may be followed by a name ("in March Tongzhou wrote").
_PLACED = re.compile(
    r"(?:^|\b(?:((?i:in|since|during|throughout|until|till))|((?i:of|from|by|this|last|next|early|late|mid|the|for|to|and|or"
    r"|its|our|their|dated)))|['\u2019]s|[(\[（【,;:，；：/|–—-])[\s-]*$"
)
# Behind what is no month: "May we ask", and "of May Wong" even after a word of the second group.
_NO_MONTH_BEFORE = (
    re.compile(r"\s+(?:[A-Z]|(?:we|you|he|she|they|it|the|an?|one|all|this|that|not)\b)"),
    re.compile(r"\s+[A-Z]"),
)
_CHINESE_MONTH_ALONE = re.compile(rf"(?<![\d年第]){dates.CHINESE_MONTH}(?![\d一二三四五六七八九十]|饼)")
