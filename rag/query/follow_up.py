"""Does a question stand by itself, or lean on the ones before it?  And what does it take from them?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from rag.models import Period, Span
from rag.query.topic import says_nothing, without
from rag.text import districts
from rag.text.dates import months

_OPENS = re.compile(
    r"^(?:(?:and|but|also|so|then|or|what about|how about|what else|who else|where else|anything else|compared)\b"
    r"|那|还有)",
    re.IGNORECASE,
)
_UNIT = r"week|month|year|quarter|spring|summer|autumn|fall|winter"
_POINTS_BACK = re.compile(
    r"\b(?:they|them|their|theirs|it|its|those|he|him|his|she|her|same|another|else|earlier one|latter|former)\b"
    rf"|\bth(?:is|ese)\b(?! (?:{_UNIT}|bulletins?)\b)"
    r"|(?<!is )(?<!are )(?<!were )(?<!was )(?<!been )\bthere\b|它|他们|她们|那里|那次|这次"
    # Not the "that" of "the companies that signed".
    r"|\b(?:did|do|does|is|was|were|of|for|at|about|in|to|from|after|before|with|on|by|compare) that\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z]\w")
_WORDS = re.compile(r"\w+")
_SHORT = 9  # words: what says more than that has a topic of its own
_FURTHEST = 3  # earlier questions that are looked at
# What is left of "in Haidian?" or "2024?" without the district.
_FRAGMENT = re.compile(r"\W*(?:in|at|for|of|during|since|on)?\W*(?:(?:19|20)\d\d)?\W*(?:呢)?\W*", re.IGNORECASE)
_CONNECTOR = re.compile(
    r"^\W*(?:(?:and|but|also|so|then|or|what about|how about|那么?|还有)\b\W*)*(?:(?:in|on|for|about|with|of|at)\s+)?",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|which|what(?! about)|where|when|why|how(?! about)|did|does|do|is|are|was|were|has|have|had"
    r"|can|could|will|would|list|show)\b",
    re.IGNORECASE,
)
_DETAIL = re.compile(r"(?:the|its|their|his|her|that|those|this|these|any|another|other)\b", re.IGNORECASE)
_EARLIER_BY_ONE = re.compile(
    r"\b(?:the )?(year|month) (?:before|earlier)\b|\b(?:previous|preceding) (year|month)\b", re.IGNORECASE
)
_LATER_BY_ONE = re.compile(r"\b(?:the )?(year|month) (?:after|later)\b|\bfollowing (year|month)\b", re.IGNORECASE)


def leans_on(question: str, history: Sequence[str]) -> tuple[str, ...]:
    """The earlier questions that this one needs in order to be understood, oldest first; () where it needs none.

    The last of ``history`` is the latest; one that leans itself brings those that it leans on.
    """
    needed: list[str] = []
    for earlier in reversed(history[-_FURTHEST:]):
        if not _leans(needed[0] if needed else question):
            break
        needed.insert(0, earlier)
    return tuple(needed)


def has_new_topic(question: str) -> bool:
    """Does a question that leans put a topic of its own in the place of the one before ("What about concerts?"), rather
    than ask on about that ("And the price?", "And who came?")?"""
    rest = _CONNECTOR.sub("", question, count=1)
    return bool(_OPENS.match(question)) and not (
        _ASKS.search(rest) or _DETAIL.match(rest) or _POINTS_BACK.search(rest) or rest.lower().startswith("compared")
    )


def moved(question: str, first: dt.date | None, last: dt.date | None) -> tuple[Period, Span] | None:
    """The period that "the year before" means, seen from that of the question before, and the words that say so."""
    for pattern, by in ((_EARLIER_BY_ONE, -1), (_LATER_BY_ONE, 1)):
        match = pattern.search(question)
        if not match or not first or not last:
            continue
        if "month" in match[0].lower():
            number = first.year * 12 + first.month - 1 + by
            period = months(number // 12, number % 12 + 1, number % 12 + 1)
        else:
            opens, closes = (months(day.year + by, day.month, day.month) for day in (first, last))
            period = Period(opens.first, closes.last) if opens and closes else None
        return (period, Span(match.start(), match.end())) if period else None
    return None


def _leans(question: str) -> bool:
    length = len(_WORDS.findall(question))
    if _OPENS.match(question) or says_nothing(question):
        return True
    spans = [Span(mention.start, mention.end) for mention in districts.mentions(question)]
    if length <= _SHORT and (pointer := _POINTS_BACK.search(question)):
        # "What has Shunyi offered its residents?" points to itself.
        return not _NAME.search(question, 1, pointer.start()) and not any(s.start < pointer.start() for s in spans)
    return _FRAGMENT.fullmatch(without(question, spans)) is not None
