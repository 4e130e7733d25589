"""What a question names beside districts: places, persons, organisations, things, numbers, offices, and actions.

It is read so that a name is rather missed than seen where there is none: a passage has to support every name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.budget import step
from rag.models import Located, Span
from rag.query.mentions import Mentions
from rag.query.models import Entity, QueryEntities
from rag.query.proper_names import MONTHS_AND_WEEKDAYS, proper_names
from rag.text.analyzer import terms
from rag.text.numbers import Number, numbers
from rag.text.offices import offices

_WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")
_QUOTED = re.compile(r"[“\"「『《](?P<words>[^“”\"「」『』《》]{2,80})[”\"」』》]")
_MAX_QUOTED_WORDS = 8  # more are a passage pasted in
_UNIT_FIGURES = re.compile(r"(?i)\d+(?:st|nd|rd|th|am|pm|km|kg|cm|mm|m|g|k|s|h|d|x|%)")
_WITH_FIGURES = re.compile(r"(?:[^\W\d_]+\d+|\d+[^\W\d_]+)\w*")
_NUMBERED = re.compile(
    r"(?i)\b(?P<noun>line|gate|terminal|exit|route|highway|hall|pavilion|room|building|platform|flight|bus|stage|phase|"
    r"chapter|article|tower|stop|no|number)\.?\s?(?P<number>\d{1,4})\b"
)
# Beside these a number bounds the answer, and no passage states it.
_BOUNDS = re.compile(
    r"(?i)\b(?:top|first|last|next|past|least|most|than|over|under|about|around|roughly|some|nearly|almost|up to|"
    r"within|below|above|between|to|and|me|list|name|show|give|find|any|or|in|ages?|aged)\s+(?:the\s+)?$"
)
_ANSWER_SIZE = re.compile(
    r"(?i)\s*(?:(?:\w+\s+)?(?:sentences?|words?|examples?|items?|results?|points?|bullets?|lines?|quotes?|passages?|"
    r"reasons?|things|characters|paragraphs?)\b|or\b|days?\b|weeks?\b|months?\b|years?\b|hours?\b|minutes?\b|times\b)"
)
_CALENDAR = "|".join(MONTHS_AND_WEEKDAYS)
_DATE_BEFORE = re.compile(rf"(?i)\b(?:{_CALENDAR})\.?\s+(?:the\s+)?(?:\d{{1,2}}\s*(?:-|–|to|and)\s*)?$")
_DATE_AFTER = re.compile(
    rf"(?i)(?:st|nd|rd|th)?\s*(?:(?:-|–|to|and)\s*\d{{1,2}}\s*)?(?:of\s+)?(?:{_CALENDAR})\b|年|月|日"
)
_YEARS = range(1900, 2100)
_MIN_SPELLED_OUT = 13  # smaller numbers in words are a manner of speaking ("two different figures")
# Who tells the desk to write, or asks how to forge, is answered only where a bulletin tells of writing or forging: an
# instruction is words to search for like any others.
_ACTION = re.compile(
    r"(?i)(?:^|[.!?;:,]|\b(?:and|then|please|you|to|me|i|we|one)\b)\s*"
    r"(?P<action>write|invent|make up|fabricate|forge|fake|falsify|counterfeit|compose|draft|pretend|imagine|ignore"
    r"|disregard|forget|hack|bribe|smuggle|cheat)\b"
)
# What somebody is said to have won must be told of: another contest has another winner.
_WON = re.compile(
    r"(?i)\b(?:won|wins?|winners? of|winning|lost) (?:the|an?) "
    r"(?P<words>(?:[^\W\d_][\w-]+ ){0,3}?[^\W\d_][\w-]+)"
    r"(?= (?:at|in|of|on|for|from|during|between|with|without|by|held|that|which|last|this)\b|\W*$)"
)
_ANY_CONTEST = frozenset(
    terms(
        "prize award medal title cup contest competition game match trophy event place tournament championship race"
        " first second third gold silver bronze main top special great final most best lottery money heart"
    )
)


def query_entities(question: Mentions, earlier: Mentions | None = None) -> QueryEntities:
    """What a question names; ``earlier`` are the words of earlier questions that a follow-up is searched by.

    Where the question names no place, the earlier places hold; where it names nothing else, the earlier names.
    """
    places = question.places or (earlier.places if earlier else ())
    named = names(question) or (names(earlier) if earlier else ())
    actions = tuple(
        Entity(*match.span("action"), "thing", match["action"]) for match in _ACTION.finditer(question.text)
    )
    named += tuple(
        Entity(match.start(), match.end(), "thing", match[0])
        for won in _WON.finditer(question.text)
        for match in _WORD.finditer(question.text, *won.span("words"))
        if not (_ANY_CONTEST.issuperset(terms(match[0])) or any(map(Span(*match.span()).overlaps, (*named, *places))))
    )
    # A year is a filter: a passage need not state it.
    return QueryEntities(places, tuple(name for name in named if name.kind != "year"), actions)


def names(mentions: Mentions) -> tuple[Entity, ...]:
    """What the text names beside districts and places, in order, without overlaps."""
    text = mentions.text
    taken: list[Located] = [*mentions.districts, *mentions.places]
    result: list[Entity] = []
    for entities in (_quoted(text), _numbered(text), _offices(text), proper_names(text, taken), _figures(text)):
        for entity in entities:
            step()
            if not any(map(entity.overlaps, taken)):
                result.append(entity)
                taken.append(entity)
    return tuple(sorted(result, key=lambda entity: entity.start))


def _quoted(text: str) -> Iterator[Entity]:
    for match in _QUOTED.finditer(text):
        if len(match["words"].split()) <= _MAX_QUOTED_WORDS:
            yield Entity(*match.span("words"), "thing", match["words"])


def _numbered(text: str) -> Iterator[Entity]:
    """ "Line 10", "No. 80", and "T3"."""
    for match in _NUMBERED.finditer(text):
        if match["noun"].lower() != "no" or match["noun"][0].isupper():  # "has no 5 ..."
            yield Entity(*match.span(), "thing", match[0])
    for match in _WORD.finditer(text):
        if _WITH_FIGURES.fullmatch(match[0]) and not _UNIT_FIGURES.fullmatch(match[0]):
            yield Entity(*match.span(), "thing", match[0])


def _offices(text: str) -> Iterator[Entity]:
    """Titles of office; of two joined by "or" neither has to be there."""
    for office in offices(text):
        before, after = text[: office.start], text[office.end :]
        if not (re.search(r"\bor\s+(?:an?\s+|the\s+)?$", before) or re.match(r"\s+or\b", after)):
            yield Entity(office.start, office.end, "office", office.of(text))


def _figures(text: str) -> Iterator[Entity]:
    for number in numbers(text):
        written = number.of(text)
        if written.isdigit() and len(written) == 4 and int(written) in _YEARS:
            yield Entity(number.start, number.end, "year", written)
        elif _must_be_stated(text, number):
            yield Entity(number.start, number.end, "number", written)


def _must_be_stated(text: str, number: Number) -> bool:
    """Whether a passage has to state this number, which isn't part of a date or a bound of the answer."""
    before, after = text[: number.start], text[number.end :]
    if _BOUNDS.search(before) or _ANSWER_SIZE.match(after) or _DATE_BEFORE.search(before) or _DATE_AFTER.match(after):
        return False
    return text[number.start].isdigit() or number.value >= _MIN_SPELLED_OUT
