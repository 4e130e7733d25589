"""Whether a question asks which event or district had the most of something, and whether a text says so."""

from __future__ import annotations

import re

from rag.text.wordlists import EVENTS

_MOST = r"""(?:the\ (?:most(?!\ recent)|fewest|least)|largest|biggest|smallest|greatest|longest|shortest|highest|lowest
    |busiest|best|worst|fastest|slowest|strongest|grandest|liveliest|richest|youngest|widest|record)"""
_THINGS = "|".join(
    sorted(
        EVENTS | {"event", "activity", "activities", "district", "delegation", "visit", "lecture", "talk", "campaign"}
    )
)
_ASKING = r"\b(?:which|what|whose|name|tell|show|find|list)\b"
_ASKED = re.compile(
    rf"""{_ASKING}(?>[^.?]*?\b(?:{_THINGS})s?\b)[^.?]*\b{_MOST}\b
    | {_ASKING}(?>[^.?]*?\b{_MOST}\b)[^.?]*\b(?:{_THINGS})s?\b
    | (?:哪|什么)[^。？?]*最(?!近|新|早|后|初|终|多可)
    | 最(?!近|新|早|后|初|终)(?>[^。？?]*?(?:活动|区))[^。？?]*(?:哪|什么)""",
    re.IGNORECASE | re.VERBOSE,
)
_STATED = re.compile(
    rf"\b{_MOST}\b|\bmore\b[^.]{{0,80}}\bthan\b[^.]{{0,80}}\b(?:any|ever|all)\b|最", re.IGNORECASE | re.VERBOSE
)


def asks_for_the_most(question: str) -> bool:
    """Whether it asks which of the events or districts is the largest, the most visited or the like."""
    return _ASKED.search(question) is not None


def states_the_most(text: str) -> bool:
    """Whether the text says of anything that it is the largest, the most visited or the like."""
    return _STATED.search(text) is not None
