"""The things that a question compares: districts, periods, or what its words set side by side."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from rag.models import Period
from rag.query.models import Comparand, Query
from rag.query.topic import topic_of, without
from rag.text import districts
from rag.text.dates import written

_DAY = dt.timedelta(days=1)
BEFORE_AND_AFTER = re.compile(r"\bbefore and after\s+(?:the\s+)?$", re.IGNORECASE)
# What is left of a match belongs to both sides.
_SET_APART = (
    re.compile(
        r"\b(?:between|compar(?:e|ed|ing|ison of))\s+(.+?)\s+(?:and|with|to|against)\s+(.+?)\s*(?:[?.!;]|$)",
        re.IGNORECASE,
    ),
    re.compile(r"[,:]\s*(?:is it |was it )?(.+?),?\s+or\s+(.+?)\s*(?:[?.!;]|$)", re.IGNORECASE),
    re.compile(r"^(.+?)\s+(?:versus|vs\.?)\s+(.+?)\s*(?:[?.!;]|$)", re.IGNORECASE),
)
_ARTICLE = re.compile(r"^(?:(?:the|a|an|that|one)\s+)+", re.IGNORECASE)


_LOOSE_END = re.compile(r"(?:\s+(?:in|of|for|at|during|and))+$", re.IGNORECASE)


def sides_of(words: str, asked: Query, periods: Sequence[Period]) -> tuple[Comparand, ...]:
    """What a question of this kind compares; () where it doesn't say, or where it can't be told apart.

    ``periods`` are those that ``words`` name, one by one.  A side of districts keeps the period asked about, and a side
    of periods the districts.
    """
    topic, districts = asked.topic, asked.districts
    if len(districts) > 1:
        return tuple(
            Comparand(name, f"{topic} {name}".strip(), (name,), asked.date_from, asked.date_to) for name in districts
        )
    if len(periods) == 1 and BEFORE_AND_AFTER.search(words[: periods[0].start]):
        first, last = periods[0].first, periods[0].last
        label = written(first, last)
        return (
            Comparand(f"before {label}", topic, districts, None, first - _DAY),
            Comparand(f"after {label}", topic, districts, last + _DAY, None),
        )
    ends = sorted({(period.first, period.last) for period in periods})
    if len(ends) > 1:
        return tuple(Comparand(written(*days), f"{topic} {written(*days)}".strip(), districts, *days) for days in ends)
    return _told_apart(words, asked, periods)


def _told_apart(words: str, asked: Query, periods: Sequence[Period]) -> tuple[Comparand, ...]:
    """ "Which drew more guests, the tea fair or the kite festival?"."""
    words = without(words, [*districts.mentions(words), *periods])
    for pattern in _SET_APART:
        if match := pattern.search(words):
            shared = topic_of(f"{words[: match.start()]} {words[match.end() :]}", (), exhaustive=True)
            labels = [_LOOSE_END.sub("", _ARTICLE.sub("", label)).strip() for label in match.groups()]
            topics = [topic_of(label, (), exhaustive=True) for label in labels]
            if all(topics):
                return tuple(
                    Comparand(label, f"{shared} {own}".strip(), asked.districts, asked.date_from, asked.date_to)
                    for label, own in zip(labels, topics, strict=True)
                )
    return ()
