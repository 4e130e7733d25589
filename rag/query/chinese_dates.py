"""The dates of a Chinese question in English, so that the glossary has none to read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Period, Span
from rag.query.weekdays import Weekdays, weekday_label
from rag.text.cjk import has_chinese
from rag.text.dates import month_range, year_period

_OPEN_ENDS = {  # before or after a date, and what they say of it in English
    "since": (re.compile(r"自从?\s*$"), re.compile(r"\s*(?:以来|起|开始)")),
    "after": (None, re.compile(r"\s*(?:之后|以后)")),
    "before": (None, re.compile(r"\s*(?:之前|以前)")),
    "until": (re.compile(r"截至\s*$"), re.compile(r"\s*为止")),
}


def with_english_dates(
    words: str, periods: Sequence[Period], weekdays: Weekdays = (), named: Sequence[Span] = ()
) -> str:
    """The words with their Chinese dates in English: "after March 2024", "18 May 2024"; ``named`` are where days of the
    week stand."""
    spans: list[Period | Span] = [*periods, *named]
    for period in sorted(spans, key=lambda span: span.start, reverse=True):
        if not has_chinese(words[period.start : period.end]):
            continue
        if not isinstance(period, Period):
            words = f"{words[: period.start]} {weekday_label(weekdays)} {words[period.end :]}"
            continue
        before, after, opening = words[: period.start], words[period.end :], ""
        for english, (leads, follows) in _OPEN_ENDS.items():
            lead, follow = leads and leads.search(before), follows.match(after)
            if lead or follow:
                before, after, opening = before[: lead.start()] if lead else before, after, f"{english} "
                after = after[follow.end() :] if follow else after
                break
        words = f"{before} {opening}{_in_english(period)} {after}"
    return words


def _in_english(period: Period) -> str:
    first, last = period.first, period.last
    days = Period(first, last)
    if days == year_period(first.year):
        return str(first.year)
    if days == month_range(first.year, first.month, first.month):
        return f"{first:%B %Y}"
    return f"{first.day} {first:%B %Y}" + ("" if first == last else f" to {last.day} {last:%B %Y}")
