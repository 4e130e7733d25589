"""Periods relative to the day of asking: "last month", "over the past two years", 去年上半年."""

from __future__ import annotations

import datetime as dt
import re

from rag.models import Period
from rag.text import dates

_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "couple of": 2, "few": 3, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "半": 6, "十": 10,
}  # fmt: skip
_DAYS_OF = {"day": 1, "week": 7, "month": 31, "year": 366, "天": 1, "日": 1, "周": 7, "月": 31, "年": 366}
_YEARS_BACK = {"今年": 0, "本年": 0, "去年": 1, "前年": 2, "明年": -1}
_BACK = {"this": 0, "current": 0, "the": 0, "next": -1, "coming": -1}
_CHINESE_UNITS = {"周": "week", "星期": "week", "月": "month", "季度": "quarter"}
SEASONS = ("spring", "summer", "autumn", "fall", "winter")


def _unit(unit: str, back: int, today: dt.date) -> Period | None:
    """The day, week, month, quarter, season or year that is ``back`` before the one that ``today`` lies in."""
    if unit == "day":
        day = today - dt.timedelta(days=back)
        return Period(day, day)
    if unit == "year":
        return dates.year_period(today.year - back)
    if unit == "week":
        monday = today - dt.timedelta(days=today.weekday() + 7 * back)
        return Period(monday, monday + dt.timedelta(days=6))
    if unit in ("month", "quarter"):
        length = 1 if unit == "month" else 3
        number = today.year * 12 // length + (today.month - 1) // length - back
        year, first = number * length // 12, number * length % 12 + 1
        return dates.month_range(year, first, first + length - 1)
    season = dates.month_range(today.year, *dates.PARTS[unit])
    if back < 0:
        return season if season and season.first > today else dates.month_range(today.year + 1, *dates.PARTS[unit])
    over = season is not None and (season.last < today if back else season.first <= today)
    return season if over else dates.month_range(today.year - 1, *dates.PARTS[unit])


def _part_of_unit(match: re.Match[str], today: dt.date) -> Period | None:
    """ "the first half of last year", "early this year"."""
    return dates.month_range(today.year - _BACK.get(match[2], 1), *dates.PARTS[match[1]])


def _month_of_year(match: re.Match[str], today: dt.date) -> Period | None:
    """ "last March", "March last year"."""
    name, which = (match[1], match[2]) if match[1] in dates.MONTHS else (match[2], match[1])
    number = dates.MONTHS[name]
    if match[0].endswith("year"):
        return dates.month_range(today.year - _BACK.get(which, 1), number, number)
    year = today.year - (dt.date(today.year, number, 1) > today) if which != "next" else today.year
    month = dates.month_range(year, number, number)
    if month and which == "next" and month.first <= today:
        return dates.month_range(year + 1, number, number)
    return dates.month_range(year - 1, number, number) if month and which == "last" and month.last >= today else month


def _past_units(match: re.Match[str], today: dt.date) -> Period | None:
    """ "the last three months", 最近三个月."""
    unit = 31 if match[1] == "半" else _DAYS_OF[match[2]]  # 半年: six months
    return Period(today - dt.timedelta(days=_number(match[1] or "one") * unit), today)


def _number(words: str) -> int:
    return _NUMBERS.get(words) or int(words)


def _chinese_year(match: re.Match[str], today: dt.date) -> Period | None:
    year = today.year - _YEARS_BACK[match[1]]
    if match[2]:
        return dates.month_range(year, *dates.CHINESE_PARTS[match[2]])
    month = dates.chinese_number(match[3]) if match[3] else 0
    return dates.month_range(year, month, month) if month else dates.year_period(year)


_ENGLISH_NUMBER = rf"(\d{{1,2}}|{'|'.join(word for word in _NUMBERS if word.isascii())})"
_WHICH = r"(last|previous|preceding|this|current|next|coming)"
RELATIVE = dates.compile_rules(
    (rf"{dates.PART}\s+(?:of\s+)?(last|previous|past|this|current|next) year\b", _part_of_unit),
    (r"\b(first half|second half|(?:first|second|third|fourth|last) quarter) of (the) year\b", _part_of_unit),
    (rf"{dates.MONTH},?\s+(?:of\s+)?(last|this|next) year\b", _month_of_year),
    (rf"\b(last|this|next)\s+{dates.MONTH}(?!\s+\d)", _month_of_year),
    (
        rf"\b{_WHICH} (week|month|year|quarter|{'|'.join(SEASONS)})\b(?! (?:olympics?|games|palace|festival|camp)\b)",
        lambda match, today: _unit(match[2], _BACK.get(match[1], 1), today),
    ),
    (rf"\b(?:last|past|previous|recent|preceding) {_ENGLISH_NUMBER} (day|week|month|year)s?\b", _past_units),
    (r"\bpast()\s(day|week|month|year)\b", _past_units),
    (
        rf"\b{_ENGLISH_NUMBER} (day|week|month|year)s? ago\b",
        lambda match, today: _unit(match[2], _number(match[1]), today),
    ),
    (r"\b(?:today|yesterday)\b|今天|昨天", lambda match, today: _unit("day", match[0] in ("yesterday", "昨天"), today)),
    (rf"(今年|本年|去年|前年|明年)\s*(?:的\s*)?(?:{dates.CHINESE_PART}|{dates.CHINESE_MONTH})?", _chinese_year),
    (
        r"(本|这一?个?|上一?个?)(周|星期|月|季度)",
        lambda match, today: _unit(_CHINESE_UNITS[match[2]], match[1].startswith("上"), today),
    ),
    (r"(?:最近|过去|近)的?\s*(\d{1,2}|[一两二三四五六十]|半(?=年))\s*个?\s*(天|日|周|月|年)", _past_units),
)
