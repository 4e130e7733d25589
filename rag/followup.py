"""Does a question stand by itself, or lean on the ones before it?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import gazetteer

_OPENS = re.compile(
    r"^(?:(?:and|but|also|so|then|or|what about|how about|what else|who else|anything else)\b|那|还有)", re.IGNORECASE
)
_UNIT = r"week|month|year|quarter|spring|summer|autumn|fall|winter"
_POINTS_BACK = re.compile(
    r"\b(?:they|them|their|it|its|those|he|him|his|she|her|same|another|else)\b"
    rf"|\bth(?:is|ese)\b(?! (?:{_UNIT}|bulletins?)\b)"
    r"|(?<!is )(?<!are )\bthere\b|它|他们|那里"
    # Not the "that" of "the companies that signed".
    r"|\b(?:did|do|does|is|was|were|of|for|at|about|in|to|from|after|before|with|on|by) that\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z]\w")
_WORDS = re.compile(r"\w+")
_SHORT = 9  # words: what says more than that has a topic of its own
_FURTHEST = 3  # earlier questions that are looked at
# What is left of "in Haidian?" or "2024?" without the district.
_FRAGMENT = re.compile(r"\W*(?:in|at|for|of|during|since|on)?\W*(?:(?:19|20)\d\d)?\W*", re.IGNORECASE)


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


def _leans(question: str) -> bool:
    length = len(_WORDS.findall(question))
    if _OPENS.match(question):
        return True
    if length <= _SHORT and (pointer := _POINTS_BACK.search(question)):
        # "What has Shunyi offered its residents?" points to itself.
        return not _NAME.search(question, 1, pointer.start()) and not gazetteer.named(question[: pointer.start()])
    return _FRAGMENT.fullmatch(gazetteer.apart_from_names(question)) is not None
