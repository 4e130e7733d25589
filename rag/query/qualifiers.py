"""What stands beside a date and makes another period of it: "the first week of", "three days before", 上旬, 前三天."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Callable

from rag.models import Period, Span
from rag.query.relative_dates import (
    CHINESE_NUMBER,
    CHINESE_UNIT,
    CHINESE_UNITS,
    ENGLISH_NUMBER,
    UNIT,
    WEEKDAY,
    WEEKDAYS,
    number_of,
    shifted,
)
from rag.text import dates

Narrowing = Callable[[Period], Period | None]
_DAY = dt.timedelta(days=1)
_WEEK = 7
_DAYS_AROUND = 3  # before and after a day that is meant roughly
_THIRDS = {  # of a month: the first day and the last
    "early": (1, 10), "beginning": (1, 10), "start": (1, 10), "mid": (11, 20), "middle": (11, 20), "late": (21, 31),
    "end": (21, 31), "first half": (1, 15), "second half": (16, 31), "last half": (16, 31),
    "上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31),
    "上半月": (1, 15), "下半月": (16, 31),
}  # fmt: skip
_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "前": 1, "头": 1,
    "last": -1, "final": -1, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "最后一": -1,
}  # fmt: skip


def qualifier_of(words: str, date: Span, sample: Period) -> tuple[Span, Narrowing] | None:
    """The stretch of a date with what qualifies it, and what that makes of the date's period; None where nothing does.

    ``sample`` is the date's period, in some year, by which it is seen whether the words can qualify it.
    """
    for pattern, build in _BEFORE:
        match = pattern.search(words[: date.start])
        if match and build(match, sample):
            return Span(match.start(), date.end), functools.partial(build, match)
    for pattern, build in _AFTER:
        match = pattern.match(words[date.end :])
        if match and build(match, sample):
            return Span(date.start, date.end + match.end()), functools.partial(build, match)
    return None


def _third(match: re.Match[str], period: Period) -> Period | None:
    """ "early May", "the second half of March", 三月上旬."""
    if not dates.is_month(period):
        return None
    if match[1] == "end" and match.string[: match.start()].rstrip().endswith("before"):
        return Period(period.last, period.last)
    first, last = _THIRDS[match[1]]
    return Period(period.first.replace(day=first), period.first.replace(day=min(last, period.last.day)))


def _nth_days(match: re.Match[str], period: Period) -> Period | None:
    """ "the first week of", "the last ten days of", 今年头三个月: counted from the first day of a month or a year."""
    ordinal, number, unit = _ORDINALS[match[1]], number_of(match[2] or "one"), CHINESE_UNITS.get(match[3], match[3])
    after = Period(period.last + _DAY, period.last + _DAY)
    opening = Period(period.first, period.first)
    first = shifted(after, -number, unit).first if ordinal < 0 else shifted(opening, (ordinal - 1) * number, unit).first
    last = shifted(Period(first, first), number, unit).first - _DAY
    if period.last - period.first < _WEEK * _DAY or first < period.first or last > period.last + _WEEK * _DAY:
        return None
    return Period(first, min(last, period.last)) if first <= period.last else None


def _nth_weekday(match: re.Match[str], period: Period) -> Period | None:
    """ "the first Saturday of", "the last weekend of" a month or a year."""
    if period.last - period.first < _WEEK * _DAY:
        return None
    weekday = calendar.SATURDAY if match[2] == "weekend" else WEEKDAYS[match[2]]
    ordinal = _ORDINALS[match[1]]
    if ordinal > 0:
        first = period.first + ((weekday - period.first.weekday()) % _WEEK + (ordinal - 1) * _WEEK) * _DAY
    else:
        first = period.last - (period.last.weekday() - weekday) % _WEEK * _DAY
    return Period(first, first + (match[2] == "weekend") * _DAY) if first <= period.last else None


def _week_of(match: re.Match[str], period: Period) -> Period | None:
    """ "the week of May 6", "the weekend of May 6", "the week beginning May 6"."""
    if period.first != period.last:
        return None
    monday = period.first - period.first.weekday() * _DAY
    if match[1] == "weekend":
        return Period(monday + calendar.SATURDAY * _DAY, monday + calendar.SUNDAY * _DAY)
    first = monday if match[2] == "of" else period.first
    return Period(first, first + (_WEEK - 1) * _DAY)


def _near(match: re.Match[str], period: Period) -> Period | None:
    """ "around May 6", 5月6日前后: some days on both sides."""
    if period.first != period.last:
        return None
    return Period(period.first - _DAYS_AROUND * _DAY, period.last + _DAYS_AROUND * _DAY)


def _around(match: re.Match[str], period: Period) -> Period | None:
    """ "within five days of": before and after."""
    number, unit = number_of(match[1]), match[2]
    return Period(shifted(period, -number, unit).first, shifted(period, number, unit).last)


def _counted(match: re.Match[str], period: Period) -> Period | None:
    """ "in the three days before" is all of them, "three days before" the third alone; "three months before March
    2024" is a month, as March is."""
    number, unit = number_of(match["number"] or "one"), match["unit"]
    return before_or_after(period, number, unit, later=match["later"] is not None, whole=match["whole"] is not None)


def before_or_after(period: Period, number: int, unit: str, *, later: bool, whole: bool) -> Period:
    """So many units before or after the period: all of them (``whole``), or the last one reached alone."""
    moved = shifted(period, number if later else -number, unit)
    if not whole and unit in ("day", "week", "fortnight") and period.last - period.first >= _WEEK * _DAY:
        return Period(moved.last, moved.last) if later else Period(moved.first, moved.first)  # "a week before May"
    if not whole:
        return moved
    return Period(period.last + _DAY, moved.last) if later else Period(moved.first, period.first - _DAY)


def _chinese_counted(match: re.Match[str], period: Period) -> Period | None:
    """5月14日前三天 is all three of them, 5月14日三天前 the third alone."""
    later, whole = match["side"] == "后", match.start("side") < match.start("number")
    if whole and not later and period.first != period.last and match[0].startswith("前"):
        return None  # 2024年前三个月 are its first three
    return before_or_after(period, number_of(match["number"]), CHINESE_UNITS[match["unit"]], later=later, whole=whole)


def _weekday_of(match: re.Match[str], period: Period) -> Period | None:
    """ "Tuesday last week"; of "Tuesday, 14 May" the day alone counts."""
    if period.first == period.last:
        return period
    if period.last - period.first != (_WEEK - 1) * _DAY:
        return None
    day = period.first + WEEKDAYS[match[1]] * _DAY
    return Period(day, day)


_ORDINAL = rf"(?:the\s+)?\b({'|'.join(word for word in _ORDINALS if word.isascii())})"
_OF = r"\s+(?:of|in)\s+(?:the\s+month\s+of\s+)?$"
_SIDE = (
    r"(?:before|preceding|prior\s+to|leading\s+(?:up\s+)?to|ahead\s+of|earlier\s+than"
    r"|(?P<later>after|following|later\s+than))"
)
_CHINESE_COUNT = rf"(?!半)(?P<number>{CHINESE_NUMBER})\s*个?(?P<unit>{CHINESE_UNIT})"
_Rules = list[tuple[re.Pattern[str], Callable[[re.Match[str], Period], Period | None]]]
_BEFORE: _Rules = [
    (re.compile(r"(?:\bthe\s+)?\b((?:first|second|last) half|beginning|start|middle|end)\s+of\s+$"), _third),
    (re.compile(r"\b(early|mid|late)(?:\s+in)?[\s-]*$"), _third),
    (re.compile(rf"{_ORDINAL}\s+(?:({ENGLISH_NUMBER})\s+)?({UNIT})s?{_OF}"), _nth_days),
    (re.compile(rf"{_ORDINAL}\s+(weekend|{WEEKDAY}){_OF}"), _nth_weekday),
    (re.compile(r"(?:\bthe\s+)?\b(week|weekend)\s+(of|beginning|starting)(?:\s+on)?\s+$"), _week_of),
    (re.compile(rf"\bwithin\s+({ENGLISH_NUMBER})\s+({UNIT})s?\s+of\s+$"), _around),
    (
        re.compile(
            r"(?P<whole>\b(?:in|during|over|within|for|less\s+than|no\s+more\s+than)\s+(?:the\s+)?|\bthe\s+)?"
            rf"(?:\b(?P<number>{ENGLISH_NUMBER})\s+)?\b(?P<unit>{UNIT})s?\s+{_SIDE}\s+(?:the\s+)?$"
        ),
        _counted,
    ),
    (re.compile(r"\b(?:around|round|near|close\s+to)\s+(?:the\s+)?$"), _near),
    (re.compile(rf"\b({WEEKDAY})s?,?\s+(?:of\s+|in\s+|the\s+)*$"), _weekday_of),
]
_AFTER: _Rules = [
    (re.compile(r"份?的?(上旬|中旬|下旬|上半月|下半月|初|中|底|末)"), _third),
    (re.compile(rf"份?的?(?:第|(?=最))([一二三四五]|最后一)({CHINESE_NUMBER})?个?(周|星期)"), _nth_days),
    (re.compile(rf"份?的?([前头])({CHINESE_NUMBER})个?({CHINESE_UNIT})"), _nth_days),
    (re.compile(r"前后|左右"), _near),
    (re.compile(rf"[之以]?(?P<side>[前后])的?\s*{_CHINESE_COUNT}[之以]?[内里]?"), _chinese_counted),
    (re.compile(rf"的?{_CHINESE_COUNT}[之以]?(?P<side>[前后])"), _chinese_counted),
]
