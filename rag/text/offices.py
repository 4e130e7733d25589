"""Titles of office: a question about an ambassador is not answered by a consul."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.models import Span
from rag.text.wordlists import fold

_DEPUTY = r"(?:vice|deputy)[\s-]+"
# Each pattern matches one office's titles.  A deputy is another person than the holder of the office.
_TITLES = (
    r"ambassador(?:ial|s)?|ambassadress(?:es)?",
    r"consuls?[\s-]+general",
    r"(?<!vice )(?<!vice-)consuls?(?:[\s-]+general)?",
    rf"{_DEPUTY}consuls?",
    r"charges? d'affaires",
    r"attaches?",
    rf"{_DEPUTY}(?:lord[\s-]+)?mayors?",
    r"(?<!vice )(?<!vice-)(?<!deputy )(?<!deputy-)(?:lord[\s-]+)?(?:mayors?|mayoress|burgomasters?)",
    rf"{_DEPUTY}presidents?",
    r"(?<!vice )(?<!vice-)(?<!deputy )presidents?",
    r"prime[\s-]+ministers?|premiers?",
    r"(?<!vice )(?<!deputy )(?:foreign ministers?|ministers? of foreign affairs)",
    rf"{_DEPUTY}(?:\w+ )?ministers?",
    r"(?<!vice )(?<!vice-)(?<!deputy )(?<!prime )(?<!prime-)ministers?",
    rf"(?:{_DEPUTY}|lieutenant[\s-]+)governors?",
    r"(?<!vice )(?<!vice-)(?<!deputy )(?<!lieutenant )governors?",
    rf"{_DEPUTY}chancellors?|pro-vice-chancellors?",
    r"(?<!vice )(?<!vice-)(?<!deputy )chancellors?",
    r"secretar(?:y|ies)[\s-]+general",
    r"senators?",
    r"members? of (?:the )?(?:\w+ )?parliament|parliamentarians?|mps?",
    r"kings?|monarchs?",
    r"queens?|monarchs?",
    r"(?:crown )?princes?",
    r"(?:crown )?princess(?:es)?",
    r"emperors?|empress(?:es)?",
    r"popes?",
    r"(?:arch)?bishops?",
    r"first lad(?:y|ies)",
    r"(?:special )?envoys?",
    r"spokes(?:person|man|woman|people|persons|men|women)",
)
_PATTERNS = [re.compile(rf"\b(?:{pattern})\b") for pattern in _TITLES]


def offices(text: str) -> Iterator[Span]:
    """The titles of office that the text states, in order; of two at one place the longer ("deputy mayor")."""
    folded = fold(text) if len(fold(text)) == len(text) else text.lower()
    spans = {match.span() for pattern in _PATTERNS for match in pattern.finditer(folded)}
    last = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > last and text[start:end] != "premier":  # "a premier hotel"
            yield Span(start, end)
        last = max(last, end)


def states_office(text: str, office: str) -> bool:
    """Whether the text names somebody with that title or a synonym; a foreign minister is a minister too."""
    folded, title = fold(text), fold(office)
    for pattern in _PATTERNS:
        if pattern.fullmatch(title):
            return pattern.search(folded) is not None
    return title in folded
