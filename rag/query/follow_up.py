"""Whether a question stands by itself or depends on earlier ones, and what it takes from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.models import Span
from rag.query.mentions import Mentions
from rag.query.topic import has_only_function_words, without_spans

_OPENS = re.compile(
    r"(?i)^(?:(?:and|but|also|so|then|or|what about|how about|what else|who else|where else|anything else|compared)\b"
    r"|那|还有)"
)
_UNIT = r"week|month|year|quarter|spring|summer|autumn|fall|winter"
_POINTS_BACK = re.compile(
    r"(?i)\b(?:they|them|their|theirs|it|its|those|he|him|his|she|her|same|another|else|earlier one|latter|former)\b"
    rf"|\bth(?:is|ese)\b(?! (?:{_UNIT}|bulletins?)\b)"
    r"|(?<!is )(?<!are )(?<!were )(?<!was )(?<!been )\bthere\b|它|他们|她们|那里|那次|这次"
    r"|\bother (?:districts?|years?|months?)\b|\belsewhere\b"
    # Not the "that" of "the companies that signed".
    r"|\b(?:did|do|does|is|was|were|of|for|at|about|in|to|from|after|before|with|on|by|compare) that\b"
)
_NAME = re.compile(r"\b[A-Z]\w")
_WORDS = re.compile(r"\w+")
_MAX_POINTING_WORDS = 9  # of a question that points back; a longer one has a topic of its own
_MAX_EARLIER = 3  # questions that are looked at
# What is left of "in Haidian?" or "2024?" without the district.
_FRAGMENT = re.compile(r"(?i)\W*(?:(?:in|at|for|of|during|since|on)\W*)?(?:(?:19|20)\d\d\W*)?(?:呢\W*)?")
_CONNECTOR = re.compile(
    r"(?i)^\W*(?:(?:and|but|also|so|then|or|what about|how about|那么?|还有)\b\W*)*"
    r"(?:(?:in|on|for|about|with|of|at)\s+)?"
)
_ASKS = re.compile(
    r"(?i)\b(?:who|whom|whose|which|what(?! about)|where|when|why|how(?! about)|did|does|do|is|are|was|were|has|have"
    r"|had|can|could|will|would|list|show)\b"
)
_DETAIL = re.compile(r"(?i)(?:the|its|their|his|her|that|those|this|these|any|another|other)\b")
_ANY = r"\b(?:all|any|every|whatever|without|drop|forget|remove|ignore|regardless)(?: of)?(?: the| which| what)*"
_BEYOND = tuple(
    (re.compile(rf"(?i){pattern}"), districts, others)
    for pattern, districts, others in (
        (r"\b(?:the )?(?:other|remaining) (?:districts?|parts of (?:the city|beijing))\b|\belsewhere\b", True, True),
        (rf"{_ANY} (?:districts?|places?)\b|\b(?:every|any)where\b|\bwhole city\b", True, False),
        (r"\b(?:the )?(?:other|remaining) (?:years?|months?|times?)\b", False, True),
        (rf"{_ANY} (?:years?|months?|times?|dates?|periods?)\b|\bever\b", False, False),
    )
)


def depends_on(question: Mentions, history: Sequence[Mentions]) -> int:
    """How many of the earlier questions this one depends on, counted from the latest, which is the last of ``history``;
    one that depends on others itself brings those too.
    """
    needed = 0
    for earlier in reversed(history[-_MAX_EARLIER:]):
        if not _depends(question):
            break
        needed, question = needed + 1, earlier
    return needed


@dataclass(frozen=True, slots=True)
class Widening(Span):
    """The words that ask beyond the districts, or beyond the period, of the question before; ``others`` says that these
    are then left out ("the other districts", but not "all districts")."""

    districts: bool
    others: bool


def widening_of(question: str) -> tuple[Widening, ...]:
    """Where the question asks beyond the districts and the period of the one before."""
    return tuple(
        Widening(*match.span(), districts, others)
        for pattern, districts, others in _BEYOND
        for match in pattern.finditer(question)
    )


def changes_topic(question: str) -> bool:
    """Whether a follow-up replaces the earlier topic ("What about concerts?") rather than asks on about it ("And the
    price?", "And who came?")."""
    rest = _CONNECTOR.sub("", question, count=1)
    return bool(_OPENS.match(question)) and not (
        _ASKS.search(rest) or _DETAIL.match(rest) or _POINTS_BACK.search(rest) or rest.lower().startswith("compared")
    )


def _depends(question: Mentions) -> bool:
    text, districts = question.text, question.districts
    if _OPENS.match(text) or has_only_function_words(text):
        return True
    if len(_WORDS.findall(text)) <= _MAX_POINTING_WORDS and (pointer := _POINTS_BACK.search(text)):
        # "What has Shunyi offered its residents?" points to itself.
        names_before = _NAME.search(text, 1, pointer.start()) or any(d.start < pointer.start() for d in districts)
        return not names_before
    return _FRAGMENT.fullmatch(without_spans(text, [*districts, *widening_of(text)])) is not None
