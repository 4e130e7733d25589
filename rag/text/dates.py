"""Dates in words: the periods that a bulletin states, and the rules that questions share with them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.models import Period

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if number}
MONTHS |= {name.lower()[:3]: number for number, name in enumerate(calendar.month_name) if number} | {"sept": 9}
# Parts of a year as their first and last month; 13 and 14 are those of the next year.
PARTS = {
    "spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 14),
    "first half": (1, 6), "second half": (7, 12), "h1": (1, 6), "h2": (7, 12), "first quarter": (1, 3),
    "second quarter": (4, 6), "third quarter": (7, 9), "fourth quarter": (10, 12), "last quarter": (10, 12),
    "q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12), "beginning": (1, 3), "start": (1, 3), "early": (1, 4),
    "middle": (5, 8), "mid": (5, 8), "end": (10, 12), "late": (9, 12),
}  # fmt: skip
CHINESE_PARTS = {
    "上半年": (1, 6), "下半年": (7, 12), "第一季度": (1, 3), "第二季度": (4, 6), "第三季度": (7, 9),
    "第四季度": (10, 12), "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12),
    "年初": (1, 3), "初": (1, 3),
    "年底": (10, 12), "底": (10, 12), "春季": (3, 5), "夏季": (6, 8), "秋季": (9, 11), "冬季": (12, 14),
    "春天": (3, 5), "夏天": (6, 8), "秋天": (9, 11), "冬天": (12, 14),
}  # fmt: skip
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")

YEAR = r"((?:19|20)\d\d)"
_OF_YEAR = rf"(?:,?\s+(?:of\s+)?|-){YEAR}\b"
MONTH = rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_TO = r"\s*+(?:-|–|—|to|and|through)\s*+"
_CHINESE_TO = r"\s*+(?:-|–|—|~|至|到)\s*+"
PART = rf"\b({'|'.join(sorted(PARTS, key=len, reverse=True))})"
CHINESE_PART = f"({'|'.join(sorted(CHINESE_PARTS, key=len, reverse=True))})"
CHINESE_MONTH = r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*+月"
CHINESE_DAY = r"\s*+(\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s*+[日号]"
# A year that belongs to a name ("the 2022 Games", "2023 annual report") names no period.
_NO_NAME = (
    r"(?!\s+(?:beijing |winter |summer |paralympic |olympic |and )*(?:games|olympics|paralympics|fair|summit|forum|expo"
    r"|edition|version|asian|china|annual|report|regulations?|rules|plan|convention|congress|cup|championships?)\b)"
)
_MAX_AHEAD = dt.timedelta(days=200)  # a bulletin of December that says "on January 8" means the month to come

Rule = tuple[re.Pattern[str], Callable[["re.Match[str]", dt.date], Period | None]]


def stated_periods(text: str, published: dt.date | None) -> tuple[Period, ...]:
    """The days, months and years that a bulletin's text states, each once.

    A day without a year ("on January 8", 1月8日) is the one nearest before the bulletin's date, or soon after it; in an
    undated bulletin it states nothing.  "Last year" is the one before the bulletin's, unless it is only compared with;
    "last month" and "today" state nothing anywhere.  A day that can be read in two ways (03/11/2024) states both.
    """
    lowered = text.lower()
    periods: list[Period] = []
    if _HAS_YEAR(lowered):
        periods += [period for _, period in match_rules(lowered, STATED, dt.date.min) if period]
        periods += [replace(period, first=day, last=day) for period in periods if (day := period.swapped)]
    if published is not None:
        of_last_year = [
            replace(period, start=match.start(), end=match.end())
            for match in _LAST_YEAR.finditer(lowered)
            if not _COMPARED.search(lowered, max(match.start() - _MAX_COMPARED_CHARS, 0), match.start())
            if not _SAME_TIME.match(lowered, match.end())
            if (period := _in_last_year(match, published.year - 1))
        ]
        periods += of_last_year
        for match in _yearless(lowered):
            if not any(period.start <= match.start() < period.end for period in periods):
                periods += _nearest(match, published)
    return tuple(dict.fromkeys(Period(period.first, period.last) for period in periods))


def long_date(day: dt.date | None) -> str:
    """The day as "11 March 2024"; "undated" for None."""
    return _name_span(day, _BY_DAY) if day else "undated"


def format_period(first: dt.date | None, last: dt.date | None) -> str:
    """The period in few words: "2024", "March 2024", "11 March 2024", "March to May 2024", "since 2022"; "" where
    both ends are open."""
    if first is None or last is None:
        if first:
            return f"since {_name_span(first, _opening(first))}"
        return f"until {_name_span(last, _closing(last))}" if last else ""
    span = max(_opening(first), _closing(last))
    opens, closes = _name_span(first, span), _name_span(last, span)
    if opens == closes:
        return opens
    shared = next((end for end in (f" {last:%B} {last.year}", f" {last.year}") if opens.endswith(end)), "")
    return f"{opens.removesuffix(shared)} to {closes}"  # what both have is said once


_BY_YEAR, _BY_MONTH, _BY_DAY = range(3)  # what a period may begin and end with, the longest first


def _name_span(day: dt.date, span: int) -> str:
    """The year, month or day that the day lies in."""
    return (f"{day.year}", f"{day:%B} {day.year}", f"{day.day} {day:%B} {day.year}")[span]


def _opening(day: dt.date) -> int:
    """The longest span that begins on the day."""
    return _BY_YEAR if (day.month, day.day) == (1, 1) else _BY_MONTH if day.day == 1 else _BY_DAY


def _closing(day: dt.date) -> int:
    """The longest span that ends on the day."""
    if day.day < calendar.monthrange(day.year, day.month)[1]:
        return _BY_DAY
    return _BY_YEAR if day.month == 12 else _BY_MONTH


def match_rules(words: str, rules: Sequence[Rule], today: dt.date) -> Iterator[tuple[re.Match[str], Period | None]]:
    """The matches of the rules in lower-case words, from left to right, none inside another, each with its period.

    Of two matches that begin at one place, the one of the earlier rule counts.  A period is None where the calendar
    has no such date.
    """
    at = 0
    ahead = [(rule, build, rule.search(words)) for rule, build in rules]
    while True:
        # A match that lies ahead isn't searched for again: else a text of many dates would be read as many times.
        ahead = [(r, build, r.search(words, at) if m and m.start() < at else m) for r, build, m in ahead]
        candidates = [(match, build) for _, build, match in ahead if match]
        if not candidates:
            return
        match, build = min(candidates, key=lambda candidate: candidate[0].start())
        period = build(match, today)
        yield match, period and replace(period, start=match.start(), end=match.end())
        at = match.end()


def month_range(year: int, first: int, last: int) -> Period | None:
    """The period of whole months, 13 and 14 being those of the next year; None where there are no such months."""
    if not (1 <= first <= 12 and first <= last <= 14):
        return None
    year_of_last, month_of_last = year + (last - 1) // 12, (last - 1) % 12 + 1
    days = calendar.monthrange(year_of_last, month_of_last)[1]
    return Period(dt.date(year, first, 1), dt.date(year_of_last, month_of_last, days))


def is_month(period: Period) -> bool:
    """Whether the period is a whole month."""
    month = month_range(period.first.year, period.first.month, period.first.month)
    return month == Period(period.first, period.last)


def year_period(year: int) -> Period | None:
    """The period of a whole year."""
    return month_range(year, 1, 12)


def whole_months(period: Period) -> Period:
    """The months that the period lies in, from the first day to the last."""
    last = period.last.replace(day=calendar.monthrange(period.last.year, period.last.month)[1])
    return Period(period.first.replace(day=1), last)


def chinese_number(words: str) -> int:
    """The number below a hundred that is written in Chinese or in figures: 十二, "12"."""
    if words.isdecimal():
        return int(words.translate(_CHINESE_DIGITS))
    tens, ten, ones = words.rpartition("十")
    return (int(tens.translate(_CHINESE_DIGITS) or 1) * 10 if ten else 0) + int(ones.translate(_CHINESE_DIGITS) or 0)


def compile_rules(*pairs: tuple[str, Callable[[re.Match[str], dt.date], Period | None]]) -> list[Rule]:
    """Rules from pairs of a pattern and what makes a period of its match."""
    return [(re.compile(pattern), build) for pattern, build in pairs]


def day_range(year: int, month: int, day: int, last: int = 0) -> Period | None:
    """A day or a run of days in one month; None where the calendar has no such day."""
    try:
        first = dt.date(year, month, day)
        return Period(first, first.replace(day=last) if last > day else first)
    except ValueError:
        return None


def _months_between(year: int, first: int, last: int) -> Period | None:
    """The period of "March to May 2023" or "November to February 2023": the year is that of the last month."""
    opens, closes = month_range(year - (first > last), first, first), month_range(year, last, last)
    return Period(opens.first, closes.last) if opens and closes else None


def _yearless(lowered: str) -> Iterator[re.Match[str]]:
    """The days without a year, each with its month and day and those of the end of a run of days."""
    yield from _NO_YEAR.finditer(lowered)
    yield from _CHINESE_NO_YEAR.finditer(lowered)


def _nearest(match: re.Match[str], published: dt.date) -> list[Period]:
    month, day, end_month, end_day = match.groups()
    for year in (published.year + 1, published.year, published.year - 1):
        opens = day_range(year, _month(month), chinese_number(day))
        if opens and opens.first - published <= _MAX_AHEAD:
            closes = day_range(year, _month(end_month or month), chinese_number(end_day)) if end_day else None
            last = closes.last if closes and closes.last > opens.first else opens.last
            return [Period(opens.first, last, match.start(), match.end())]
    return []


def _month(words: str) -> int:
    return MONTHS.get(words) or chinese_number(words)


def _in_last_year(match: re.Match[str], year: int) -> Period | None:
    """ "last year", "December last year", 去年12月1日."""
    month, day = match[1] or match[3], match[2] or match[4]
    if not month:
        return year_period(year)
    return day_range(year, _month(month), chinese_number(day)) if day else month_range(year, *[_month(month)] * 2)


def numeric_day(match: re.Match[str], today: dt.date) -> Period | None:
    """ "14/05/2024", "5/14/2024": which is the day is seen where one of the two is past twelve; with full stops the day
    comes first."""
    one, mark, two, year = int(match[1]), match[2], int(match[3]), int(match[4])
    year += 2000 if year < 100 else 0
    day_first, month_first = day_range(year, two, one), day_range(year, one, two)
    if not (day_first and month_first) or mark == "." or day_first == month_first:
        return day_first or month_first
    earlier, later = sorted((day_first.first, month_first.first))
    return Period(earlier, earlier, swapped=later)


def _iso(match: re.Match[str], today: dt.date) -> Period | None:
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
    if not day and month == (year + 1) % 100 > 12:  # "2022/23", "2022-23"
        return Period(dt.date(year, 1, 1), dt.date(year + 1, 12, 31))
    return day_range(year, month, day) if day else month_range(year, month, month)


def _chinese(match: re.Match[str], today: dt.date) -> Period | None:
    year = int(match[1].translate(_CHINESE_DIGITS))
    if match[2]:
        return month_range(year, *CHINESE_PARTS[match[2]])
    month = chinese_number(match[3]) if match[3] else int(match[4] or 0)
    if match[5]:
        opens = day_range(year, month, chinese_number(match[5]))
        closes = (
            day_range(year, chinese_number(match[6] or str(month)), chinese_number(match[7])) if match[7] else opens
        )
        return opens and closes and Period(opens.first, max(opens.last, closes.last))
    return month_range(year, month, month) if match[3] or match[4] else year_period(year)


ABSOLUTE = compile_rules(
    (
        rf"((?:19|20)\d\d|[一二][〇零一二三四五六七八九]{{3}})\s*年"
        rf"(?:\s*{CHINESE_PART}|\s*(?:{CHINESE_MONTH}|(\d{{1,2}})\s*月)"
        rf"(?:{CHINESE_DAY}(?:{_CHINESE_TO}(?:{CHINESE_MONTH})?{CHINESE_DAY})?)?)?",
        _chinese,
    ),
    (rf"\b{YEAR}[-/.](\d{{1,2}})(?:[-/.](\d{{1,2}}))?(?![\d-])", _iso),
    (rf"(?<![\d/.-])(\d{{1,2}})\s?([/.-])\s?(\d{{1,2}})\s?\2\s?{YEAR}(?!\d)", numeric_day),
    (rf"(?<![\d/.-])(\d\d?)/{YEAR}(?![\d/])", lambda m, _: month_range(int(m[2]), int(m[1]), int(m[1]))),
    (
        rf"{MONTH}\s*{_DAY}(?:{_TO}{_DAY})?{_OF_YEAR}",
        lambda match, today: day_range(int(match[4]), MONTHS[match[1]], int(match[2]), int(match[3] or 0)),
    ),
    (
        rf"\b{_DAY}(?:{_TO}{_DAY})?[\s-]+(?:of\s+)?{MONTH}{_OF_YEAR}",
        lambda match, today: day_range(int(match[4]), MONTHS[match[3]], int(match[1]), int(match[2] or 0)),
    ),
    (rf"{MONTH}{_OF_YEAR}", lambda match, today: month_range(int(match[2]), MONTHS[match[1]], MONTHS[match[1]])),
    (
        rf"{PART}[\s-]+(?:of\s+|in\s+)?(?:the\s+)?(?:year\s+)?{YEAR}\b",
        lambda match, today: month_range(int(match[2]), *PARTS[match[1]]),
    ),
    (rf"\b{YEAR}\s*(h[12]|q[1-4])\b", lambda match, today: month_range(int(match[1]), *PARTS[match[2]])),
    (rf"(?<![\d.,a-z]){YEAR}(?![\da-z]|[,.]\d){_NO_NAME}", lambda match, today: year_period(int(match[1]))),
)
# A bulletin's "from March to May 2023" is one period; a question's two, which it may compare.
_BETWEEN = (rf"{MONTH}{_TO}{MONTH}{_OF_YEAR}", lambda m, _: _months_between(int(m[3]), MONTHS[m[1]], MONTHS[m[2]]))
STATED = [*compile_rules(_BETWEEN), *ABSOLUTE]
_LAST_YEAR = re.compile(
    rf"(?:{MONTH}(?:\s+{_DAY})?,?\s+(?:of\s+)?)?\b(?:last|the previous) year\b"
    rf"|去年(?:{CHINESE_MONTH}(?:{CHINESE_DAY})?)?"
)
# Before and after a year that figures are held against, where nothing happened: "than last year", 去年同期.
_COMPARED = re.compile(
    r"\b(?:than|over|(?:compared|contrast|relative) (?:to|with)|same \w+(?: of| in)?|corresponding \w+(?: of| in)?|from"
    r"|against|versus|as|(?:up|down|r[io]se|fell|grew|increased?|decreased?|dropped) from [^.;,]*)"
    r"(?:\s+(?:in|of|the|those|that))*\s*$|[比较与同跟]\s*$"
)
_MAX_COMPARED_CHARS = 100  # before "last year", in which it is said to be compared with
_SAME_TIME = re.compile(
    r"['\u2019]s (?:\w+ )?(?:figures?|level|total|numbers?|amount|result|period|report)\b|的?同期|水平"
)
_NO_YEAR = re.compile(rf"{MONTH}\s+{_DAY}(?:{_TO}(?:{MONTH}\s+)?{_DAY})?(?!\d)")
_CHINESE_NO_YEAR = re.compile(
    rf"(?<!\d)(?<![\d〇零一二三四五六七八九去前明]年){CHINESE_MONTH}{CHINESE_DAY}(?:{_CHINESE_TO}(?:{CHINESE_MONTH})?{CHINESE_DAY})?"
)
_HAS_YEAR = re.compile(rf"{YEAR}|年").search
