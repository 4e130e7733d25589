"""The things that a question compares: districts, periods, or what its words set side by side."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.models import Period
from rag.query.entities import query_entities
from rag.query.mentions import Mentions, find_mentions
from rag.query.models import Comparand, Query
from rag.query.topic import topic_of, without_spans
from rag.text.dates import format_period

_DAY = dt.timedelta(days=1)
_BEFORE_AND_AFTER = re.compile(r"(?i)\bbefore and after\s+(?:the\s+)?$")
# What is left of a match belongs to both of the things compared.
_SET_APART = (
    re.compile(
        r"(?i)\b(?:between|compar(?:e|ed|ing|ison of))\s++(.+?)(?<!\s)\s++(?:and|with|to|against)\s++"
        r"(.+?)(?<!\s)\s*+(?:[?.!;]|$)"
    ),
    re.compile(r"(?i)[,:]\s*+(?:is it |was it )?(.+?),?(?<!\s)\s++or\s++(.+?)(?<!\s)\s*+(?:[?.!;]|$)"),
    re.compile(r"(?i)^(.+?)(?<!\s)\s++(?:versus|vs\.?)\s++(.+?)(?<!\s)\s*+(?:[?.!;]|$)"),
)
_ARTICLE = re.compile(r"(?i)^(?:(?:the|a|an|that|one)\s+)+")
_LOOSE_END = re.compile(r"(?i)(?:(?<!\s)\s++(?:in|of|for|at|during|and))+$")


def comparands_of(query: Query, mentions: Mentions, periods: Sequence[Period]) -> tuple[Comparand, ...]:
    """What a question that compares sets side by side; () where it doesn't say.

    ``mentions`` are those of the question's own words, ``periods`` those that it names, one by one.  Districts that are
    compared keep the period asked about, and periods the districts.
    """
    topic, districts = query.topic, query.districts
    if len(districts) > 1:
        return tuple(
            Comparand(name, f"{topic} {name}".strip(), (name,), query.date_from, query.date_to) for name in districts
        )
    if len(periods) == 1 and _BEFORE_AND_AFTER.search(mentions.text[: periods[0].start]):
        first, last = periods[0].first, periods[0].last
        label = format_period(first, last)
        return (
            Comparand(f"before {label}", topic, districts, None, first - _DAY),
            Comparand(f"after {label}", topic, districts, last + _DAY, None),
        )
    ends = sorted({(period.first, period.last) for period in periods})
    if len(ends) > 1:
        return tuple(
            Comparand(format_period(*days), f"{topic} {format_period(*days)}".strip(), districts, *days)
            for days in ends
        )
    return _set_apart(query, mentions, periods)


def comparand_queries(query: Query) -> tuple[Query, ...]:
    """The question put to each of the things that it compares; the query alone where it compares none."""
    return tuple(_query_of(query, comparand) for comparand in query.comparands) or (query,)


def _query_of(query: Query, comparand: Comparand) -> Query:
    dated = (comparand.date_from, comparand.date_to) != (query.date_from, query.date_to)
    # A period is a filter, and its words would find others that state it.
    words = (query.topic or comparand.words) if dated else comparand.words
    return replace(
        query,
        words=words,
        own_start=0,
        districts=comparand.districts,
        date_from=comparand.date_from,
        date_to=comparand.date_to,
        either=() if dated else query.either,
        entities=query_entities(find_mentions(words)),
    )


def _set_apart(query: Query, mentions: Mentions, periods: Sequence[Period]) -> tuple[Comparand, ...]:
    """ "Which drew more guests, the tea fair or the kite festival?"."""
    words = without_spans(mentions.text, [*mentions.districts, *periods])
    for pattern in _SET_APART:
        if match := pattern.search(words):
            shared = topic_of(f"{words[: match.start()]} {words[match.end() :]}", (), exhaustive=True)
            labels = [_LOOSE_END.sub("", _ARTICLE.sub("", label)).strip() for label in match.groups()]
            topics = [topic_of(label, (), exhaustive=True) for label in labels]
            if all(topics):
                return tuple(
                    Comparand(label, f"{shared} {topic}".strip(), query.districts, query.date_from, query.date_to)
                    for label, topic in zip(labels, topics, strict=True)
                )
    return ()
