"""Months, days and parts of a year that a question names without a year."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.models import Period, Span
from rag.query.qualifiers import Narrowing
from rag.query.relative_dates import SEASONS
from rag.text import dates

LEAP_YEAR = 2024  # has every day that any year has


@dataclass(frozen=True, slots=True)
class Yearless(Span):
    """ "March", "spring", "March 12" without a year; ``day`` is 0 for the whole month or part.

    ``narrowings`` are what the words beside it make of it ("the first week of March").
    """

    first: int
    last: int
    day: int = 0
    narrowings: tuple[Narrowing, ...] = ()

    def in_year(self, year: int) -> Period | None:
        """The period of that year; None where the year has no such day."""
        months = dates.month_range(year, self.first, self.last)
        period = dates.day_range(year, self.first, self.day) if self.day else months
        for narrowing in self.narrowings:
            period = period and narrowing(period)
        return period and replace(period, start=self.start, end=self.end)


def yearless_dates(words: str) -> list[Yearless]:
    """The months, days and parts of a year that the question names without a year."""
    parts = [
        Yearless(m.start(), m.end(), dates.MONTHS[m[2]], dates.MONTHS[m[2]], int(m[1]))
        for m in _DAY_ALONE.finditer(words)
    ]
    for match in _MONTH_ALONE.finditer(words):
        part = Yearless(match.start(), match.end(), dates.MONTHS[match[1]], dates.MONTHS[match[1]], int(match[2] or 0))
        parts += [] if any(map(part.overlaps, parts)) else [part]
    parts += [Yearless(match.start(), match.end(), *dates.PARTS[match[1]]) for match in _PART_ALONE.finditer(words)]
    for match in _CHINESE_ALONE.finditer(words):
        month = dates.chinese_number(match[1])
        parts.append(Yearless(match.start(), match.end(), month, month, int(match[2] or 0)))
    return parts


_MONTH_ALONE = re.compile(rf"{dates.MONTH}(?:\s+(\d{{1,2}})(?:st|nd|rd|th)?\b)?")
_DAY_ALONE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{dates.MONTH}")
_PART_ALONE = re.compile(
    rf"\b({'|'.join(SEASONS)}|q[1-4]|h[12]|(?:first|second) half|(?:first|second|third|fourth) quarter)\b"
    r"(?! olympic| festival)"
)
_CHINESE_ALONE = re.compile(rf"(?<![\d年]){dates.CHINESE_MONTH}(?:\s*(\d{{1,2}})\s*[日号])?")
