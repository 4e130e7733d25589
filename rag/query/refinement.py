"""Short words that narrow, move or widen the answer before: "only 2024", "no, I meant Fengtai", "tell me more".

Each is put in the words of one follow-up, "and in 2024", so that ``follow_up`` and ``parse`` have one form to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.query.grammar import FUNCTION_WORDS, words_of
from rag.text.dates import MONTH
from rag.text.wordlists import word_set

Change = Literal["", "narrow", "more"]


@dataclass(frozen=True, slots=True)
class Refinement:
    """What was said, in the words of a follow-up.

    "narrow": what it names is asked for beside what was asked before ("only lectures"), not in its place; "more": all
    that there is to what was asked before.
    """

    words: str
    change: Change = ""


_FILLER = (
    r"(?:now|can|could|you|we|i|i['’]d|would|like|want|need|to|show|list|give|see|keep|me|us|it|its|that|this|these|those"
    r"|them|down|answers?|results?|let['’]?s?|have|the ones?|ones?|and|but|then|so|please)"
)
_ONLY = re.compile(
    rf"(?i)^(?:{_FILLER}\s+)*(?:only|just|solely|(?:limit|restrict)(?:ed)?|narrow|filter)\b"
    rf"(?:\s+(?:{_FILLER}|by|on)\b)*\s*[:,]?\s*"
)
_ONLY_LAST = re.compile(r"(?i)(?<![\s,])[\s,]++(?:only|alone)[\s.!?]*$")
_NO = (
    r"no+|nope|nah|sorry|oops|wait|actually|wrong(?: \w+)?|my mistake|correction|not (?:that|this|it)(?: one)?"
    r"|(?:that|this|it)(?: is|['’]s| was)? (?:not|wrong|n['’]t)(?: (?:it|right|what i (?:meant|asked|wanted)))?"
)
# "No, …", but neither "No. 80 Middle School" nor "No lecture was held".
_CORRECTION = re.compile(rf"(?i)^(?:(?:{_NO})(?:\s*[,.!;:–—-]+\s*(?!\s*\d)|\s+(?=(?:i|we|not|make)\b)))+")
_MEANT = re.compile(
    r"(?i)^(?:(?:i|we) (?:actually |really )?(?:mean|meant|was asking|was talking|wanted)"
    r"(?: (?:about|for|to know about))?"
    r"|(?:make|change|switch|turn) (?:it|that)(?: to| into)?|(?:go )?back to|go to|(?:switch|change) to"
    r"|try|now(?=\s+(?!what|which|who|where|when|how)))\s+"
)
_NOT_MEANT = re.compile(r"(?i)^i (?:did not|didn['’]t|do not|don['’]t) mean\b")
_MONTH = re.compile(
    rf"(?i)(?:(?:and|but|or|so|then)\s+)*(?:(?:what|how)\s+about\s+)?"
    rf"(?P<month>(?:early |late )?{MONTH}(?:\s+\d+|,)*)[\s?.!]*"
)
_INSTEAD = re.compile(r"(?i)(?<![\s,])[\s,]++(?:instead|rather|i mean|i meant)[\s.!?]*$")
_SAME = re.compile(
    r"(?i)^(?:(?:and|but|now|do|show|give|me|exactly|once more|again|what about|how about)\s+)*(?:the\s+)?"
    r"(?:same|ditto|repeat|likewise|similarly)\b(?!-)(?:\s+(?:question|thing|search|again|here|that|it|as before))*"
    r"\s*[,:–—]?\s*(?:but\s+)?"
)
_ABOUT = re.compile(r"(?i)^(?:(?:and|or|but|so|then|now)\s+)*(?:(?:what|how)\s+about|about|and|for)\s+")
_PREPOSITION = re.compile(r"(?i)^(?:in|from|of|at|on|during|since|until|before|after|with|by|to)\b")
_ASKS = re.compile(r"(?i)^(?:what|which|who|whom|whose|where|when|why|how|did|does|do|is|are|was|were|has|have|list)\b")
_MORE = re.compile(
    r"(?i)\b(?:more|else|further|additional|rest|continue|remaining|details?|elaborate|expand|go on|keep going)\b"
    r"|^is (?:that|this|it) (?:all|everything)\b"
)
_ASKING_FOR_MORE = FUNCTION_WORDS | word_set("""
    more else further additional rest continue next remaining others other details detail elaborate expand everything
    anything something tell give show list see say go keep going get know find want like news events event happened
    information info results passages bulletins reported report
""")
_ASKS_FOR_ONE = re.compile(r"(?i)\b(?:who|whom|whose|where|when|why|how|which)\b")


def refine(words: str) -> Refinement:
    """What the words ask of the answer before; they themselves where they change nothing about it."""
    if asks_for_more(words):
        return Refinement("and what more", "more")
    only = _ONLY.sub("", _ONLY_LAST.sub("", words))
    if only != words and only.strip(" ?.!"):
        return Refinement(_as_follow_up(only), "narrow")
    if month := _MONTH.fullmatch(words):
        return Refinement(_as_follow_up(month["month"]))
    moved = _INSTEAD.sub("", _MEANT.sub("", _CORRECTION.sub("", words)))
    moved = _NOT_MEANT.sub("not", moved)
    moved = _SAME.sub("", moved)
    return Refinement(_as_follow_up(moved) if moved != words and moved.strip(" ,?.!") else words)


def asks_for_more(words: str) -> bool:
    """Whether the words ask for no more than more: "tell me more", "anything else?"."""
    asking = all(word in _ASKING_FOR_MORE for word in words_of(words))
    return asking and _MORE.search(words) is not None and not _ASKS_FOR_ONE.search(words)


def _as_follow_up(rest: str) -> str:
    """What is left, as a follow-up; a whole question stands as it is."""
    if _ASKS.match(rest):
        return rest
    named = _ABOUT.sub("", rest).strip(" ,?.!")
    return f"and {named}" if _PREPOSITION.match(named) else f"and in {named}"
