"""Days of the week as a condition: "on a Saturday", "at weekends", 周末, 每周六."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence

from rag.models import Located, Span
from rag.query.relative_dates import CHINESE_WEEKDAYS, WEEKDAY, WEEKDAYS

Weekdays = tuple[int, ...]  # Monday is 0
_WEEKEND: Weekdays = (5, 6)
_WORKING: Weekdays = (0, 1, 2, 3, 4)


def weekdays_of(words: str, read: Sequence[Located]) -> tuple[Weekdays, list[Span]]:
    """The days of the week that a question names, and where; not those within the periods ``read``."""
    days: set[int] = set()
    spans: list[Span] = []
    for match in _DAYS.finditer(words):
        span = Span(*match.span())
        if not any(map(span.overlaps, read)):
            spans.append(span)
            for name in filter(None, match.groups()):
                days.update(_numbers(name.lower()))
    return tuple(sorted(days)), spans


def weekday_label(days: Weekdays) -> str:
    """ "on a Saturday", "at weekends", "on weekdays"."""
    if days in (_WEEKEND, _WORKING):
        return "at weekends" if days == _WEEKEND else "on weekdays"
    return f"on a {' or a '.join(calendar.day_name[day] for day in days)}" if days else ""


def _numbers(name: str) -> Weekdays:
    if name.startswith("weekend") or name.endswith("末"):
        return _WEEKEND
    if name.startswith(("weekday", "working")) or name == "工作日":
        return _WORKING
    return (WEEKDAYS[name],) if name in WEEKDAYS else (min(CHINESE_WEEKDAYS.index(name[-1]), 6),)


_NAME = rf"(weekends?|weekdays?|working\ days?|{WEEKDAY})s?"
_DAYS = re.compile(rf"""(?ix)
    \b(?:on|at|during|over|of)\ (?:(?:an?|any|every|the)\ )?{_NAME}\b(?:\ (?:and|or)\ (?:an?\ |on\ )?{_NAME}\b)?
    | \b(?:every|each)\ {_NAME}\b
    | [逢每在]?((?:周|星期|礼拜)[{CHINESE_WEEKDAYS}末]|工作日)
""")
