"""The range of dates that a question asks about: its periods, how they are joined, and the years that they borrow."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.errors import QuestionRefused
from rag.models import Period, Span
from rag.query.relative_dates import RELATIVE, SEASONS
from rag.text import dates, districts


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days asked about, both included, None for an open end; ``periods`` are those named, each with its place.

    ``first`` lies after ``last`` where the periods contradict each other ("in 2025 before 2023").  ``published`` says
    that they are the bulletins' own dates.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    periods: tuple[Period, ...] = ()
    published: bool = False


@dataclass(frozen=True, slots=True)
class _Yearless(Span):
    """ "March", "spring", "March 12" without a year; ``day`` is 0 for the whole month or part."""

    first: int
    last: int
    day: int = 0

    def in_year(self, year: int) -> Period | None:
        """The period of that year; None where the year has no such day."""
        months = dates.month_range(year, self.first, self.last)
        period = dates.day_range(year, self.first, self.day) if self.day else months
        return period and replace(period, start=self.start, end=self.end)


_Item = Period | _Yearless


def date_range_of(question: str, today: dt.date, year: int | None = None) -> DateRange:
    """The range of dates that a question names; "last month" and the like are seen from ``today``.

    A month alone ("in March") is that of ``year`` (what earlier questions were about), else the latest that has begun;
    a day alone ("on March 12") is no period, since bulletins write it so too: its words are searched for.  A list
    ("2022 and 2024") gives the range from its first to its last day.

    Raises:
        QuestionRefused: it names a day that the calendar lacks ("31 April 2024").
    """
    words = question.lower()
    if len(words) != len(question):  # a letter that is longer in lower case moves all that follows
        question = words
    periods = [period for period in _periods(question, words, today, year) if not _EXCEPT.search(words[: period.start])]
    if not periods:
        return DateRange()
    first, last = _bounds(words, periods)
    return DateRange(
        None if first == dt.date.min else first,
        None if last == dt.date.max else last,
        tuple(periods),
        any(_is_of_publishing(words, period) for period in periods),
    )


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


def _periods(question: str, words: str, today: dt.date, year: int | None) -> list[Period]:
    """Every period that the question names, in order, those without a year in the year that they borrow."""
    dated: list[Period] = []
    for match, period in dates.match_rules(words, [*dates.ABSOLUTE, *RELATIVE], today):
        if period and not _in_a_name(question, period):
            dated.append(period)
        elif not period and not _MONTH_NUMBER.fullmatch(match[0]):
            raise _no_such_date(question[match.start() : match.end()])
    alone = [part for part in _yearless(words) if not any(map(part.overlaps, dated))]
    for part in alone:
        if not part.in_year(_LEAP_YEAR) and _ON.search(words[: part.start]):
            raise _no_such_date(part.of(question))
    items: list[_Item] = [*dated, *(part for part in alone if part.in_year(_LEAP_YEAR))]
    items.sort(key=lambda item: item.start)
    given: list[Period] = []
    for number, item in enumerate(items):
        period = item if isinstance(item, Period) else _borrowing(words, item, items[number:], given, today, year)
        given += [period] if period else []
    return given


def _no_such_date(words: str) -> QuestionRefused:
    return QuestionRefused(f"There is no such date as {words}", remedy="Name one that the calendar has.")


def _yearless(words: str) -> list[_Yearless]:
    """The months, days and parts of a year that the question names without a year."""
    parts = [
        _Yearless(m.start(), m.end(), dates.MONTHS[m[2]], dates.MONTHS[m[2]], int(m[1]))
        for m in _DAY_ALONE.finditer(words)
    ]
    for match in _MONTH_ALONE.finditer(words):
        part = _Yearless(match.start(), match.end(), dates.MONTHS[match[1]], dates.MONTHS[match[1]], int(match[2] or 0))
        parts += [] if any(map(part.overlaps, parts)) else [part]
    parts += [_Yearless(match.start(), match.end(), *dates.PARTS[match[1]]) for match in _PART_ALONE.finditer(words)]
    for match in _CHINESE_ALONE.finditer(words):
        month = dates.chinese_number(match[1])
        parts.append(_Yearless(match.start(), match.end(), month, month, int(match[2] or 0)))
    return parts


def _borrowing(
    words: str, item: _Yearless, ahead: Sequence[_Item], given: Sequence[Period], today: dt.date, year: int | None
) -> Period | None:
    """The period in the year of the next one that it is joined to, else of the one before, else the latest begun."""
    if lender := _lender(words, ahead):
        period = item.in_year(lender.first.year)
        # "from November to February 2024" begins the year before.
        early = period and period.first > lender.first and _runs(words, item.end, ahead[1].start)
        return item.in_year(lender.first.year - 1) if early else period
    if given and _JOIN.fullmatch(words[given[-1].end : item.start]):
        period = item.in_year(given[-1].last.year)
        late = period and period.first < given[-1].first and _runs(words, given[-1].end, item.start)
        return item.in_year(given[-1].last.year + 1) if late else period
    before, itself = words[: item.start], words[item.start : item.end]
    placed = _PART_PLACED.search(before) if _QUARTER.fullmatch(itself) else _PLACED.search(before)
    if item.day or itself in SEASONS or not (placed or itself.endswith("月")):
        return None  # "in winter" is every winter
    if year is not None:
        return item.in_year(year)
    period = item.in_year(today.year)
    return period if period and period.first <= today else item.in_year(today.year - 1)


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


def _in_a_name(question: str, period: Period) -> bool:
    """Whether this year is part of a name: "Expo 2019", "the 2023 Trade Fair report"."""
    if not _YEAR_ALONE.fullmatch(question, period.start, period.end):
        return False
    before, after = question[: period.start], question[period.end :]
    if _NAME_WITH_YEAR.search(before) or (_HOSTED.search(question[: period.end]) and not _IN_HOST.search(before)):
        return True
    # "the 2023 Trade Fair", but "in 2023 Germany" and "the 2023 Haidian lectures".
    capital = _CAPITAL.match(after)
    return bool(
        capital
        and _ARTICLE.search(before)
        and question != question.upper()
        and not _MONTH_WORD.match(capital[1].lower())
        and not districts.names_in(capital[1])
    )


def _is_of_publishing(words: str, period: Period) -> bool:
    before, after = words[: period.start], words[period.end :]
    if _CHINESE_PUBLISHED.match(after) or _OF_BULLETINS.search(before) or _BULLETINS.match(after):
        return True
    said = _PUBLISHED.search(before)
    if not said:
        return bool(_WERE_PUBLISHED.search(words)) and bool(_PAPERS.search(words))
    if said[1] in ("issued", "released", "dated"):  # so are permits and passports
        return bool(_PAPERS.search(words))
    return not _BOOKS.search(before[: said.start()])


_PAPER = (
    r"(?:bulletins?|news|reports?|notices?|stories|story|articles?|announcements?|items?|texts?|warnings?|reminders?"
    r"|press releases?)"
)
_PREPOSITION = r"(?:(?:in|on|between|since|from|before|after|during|by|until|as early as|over)\s+)?(?:the\s+)?"
_MONTH_WORD = re.compile(rf"{dates.MONTH}$")
_LEAP_YEAR = 2024  # has every day that any year has
_ON = re.compile(r"\bon\s+(?:the\s+)?$")
_MONTH_NUMBER = re.compile(r"\d{4}[-/.]\d{1,2}")  # "2024-99" can be anything's number
_MONTH_ALONE = re.compile(rf"{dates.MONTH}(?:\s+(\d{{1,2}})(?:st|nd|rd|th)?\b)?")
_DAY_ALONE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{dates.MONTH}")
_PART_ALONE = re.compile(
    rf"\b({'|'.join(SEASONS)}|q[1-4]|h[12]|(?:first|second) half|(?:first|second|third|fourth) quarter)\b"
    r"(?! olympic| festival)"
)
_CHINESE_ALONE = re.compile(rf"(?<![\d年]){dates.CHINESE_MONTH}(?:\s*(\d{{1,2}})\s*[日号])?")
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
_EXCEPT = re.compile(
    r"\b(?:except|excluding|other than|apart from|besides|not|outside)\s+(?:(?:for|in|from|of|the)\s+)*$|除了?\s*$"
)
_YEAR_ALONE = re.compile(r"\d{4}")
_CAPITAL = re.compile(r"\s+([A-Z]\w+)")
_ARTICLE = re.compile(r"(?i)(?:^|\b(?:the|an?|its|their|our)\s+|['’]s\s+)$")
_NAME_WITH_YEAR = re.compile(
    r"(?i)\b(?:expo|olympics|games|fair|forum|summit|cup|cop|apec|congress|marathon|championships?|universiade|biennale)\s+$"
)
# Games go by their host and year.
_HOSTED = re.compile(
    r"(?i)\b(?:beijing (?:2008|2022)|tokyo 2020|paris 2024|london 2012|rio 2016|sochi 2014|pyeongchang 2018"
    r"|cortina 2026|hangzhou 2022|los angeles 2028|milan 2026)$"
)
_IN_HOST = re.compile(r"(?i)\b(?:in|to|of)\s+\w+\s+$")
_PUBLISHED = re.compile(rf"\b(published|reported|posted|printed|dated|issued|released|appeared)\s+{_PREPOSITION}$")
_OF_BULLETINS = re.compile(r"\b(?:bulletins?|issues?)\s+(?:of|from|for|in|since|before|after)\s+(?:the\s+)?$")
_BULLETINS = re.compile(r"\s+(?:bulletins?|issues?)\b")
_WERE_PUBLISHED = re.compile(r"\b(?:published|issued|released|posted|came out|come out|appeared)\b")
_PAPERS = re.compile(rf"\b{_PAPER}\b|^what (?:was|has been|were)\b")
_BOOKS = re.compile(r"\b(?:books?|guides?|handbooks?|brochures?|dictionar\w+|maps?|novels?|papers?|magazines?)\s+$")
_CHINESE_PUBLISHED = re.compile(r"\s*(?:发布|刊登|报道|发表|刊发)")
