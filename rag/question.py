"""Question -> what it asks for: districts, a period, an order, one thing or all that match."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Sequence

from rag import gazetteer
from rag.dates import asked_period, written
from rag.errors import QuestionRefused
from rag.followup import leans_on
from rag.records import Period, Understood

LONGEST = 1_000  # characters
_MANY = (
    r"events?|activit(?:y|ies)|visits?|visitors|delegations?|lectures?|talks?|classes|courses|campaigns?|drills?"
    r"|contests?|exchanges?|projects?|services?|measures?|stories|news|reports?|bulletins?|districts?|countries|schools"
    r"|companies|exhibitions?|festivals?|agreements?|meetings?|trainings?|tours|concerts|contacts|warnings|partners"
)
_LIST = re.compile(
    rf"""
    ^(?:{_MANY})\b
    | ^(?:please\ )?(?:list|show|name|enumerate|give\ me|find)\b.*\b(?:{_MANY}|everything|anything|all)\b
    | ^(?:what|which)\b(?:\ [\w-]+){{0,6}}\ (?:{_MANY})\b(?!\ (?:is|was|does|did)\ the)
    | \b(?:all|any)\ (?:the\ )?(?:[\w-]+\ ){{0,3}}(?:{_MANY})\b
    | \b(?:anything|everything)\b | \b(?:list|name)\ (?:them|all)\b | \bare\ there\b
    | ^where\ (?:have|has|were|did\ people)\b | ^who\ (?:has|have)\b | ^what\ (?:has|have)\b.*\bbeen\b
    | ^[^?]*\bwhere\ were\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# With a district or a period named, these ask for whatever there is: "what did Shunyi do in May 2023".
_WHATEVER = re.compile(
    r"\bwhat\b.*\b(?:happen(?:ed|ing|s)?|going on|did|do|does|done|doing|report(?:ed)?|say|offer(?:ed)?|have|for)\b",
    re.IGNORECASE,
)
_PERIODS = r"week|month|year|quarter|spring|summer|autumn|fall|winter|\d|two|three|four|five|six|twelve"
_LATEST = re.compile(rf"\b(?:latest|newest|most recent|last)\b(?! (?:{_PERIODS})\b)|最新|最近", re.IGNORECASE)
_FIRST = re.compile(r"\bearliest\b|\boldest (?:bulletins?|news|reports?)\b|最早", re.IGNORECASE)
_ONE = re.compile(
    r"\b(?:first|largest|biggest|oldest(?! (?:bulletin|news|report))|youngest|longest|most|best|same)\b", re.IGNORECASE
)
_ASKING = frozenset(
    """
    a an and any anything all are at been between bulletin bulletins by did do does doing done during event events
    activity activities everything first for from going happen happened happening happens has have here how in is it
    its know last latest list me most new news newest of offer offered on or please recent recently report reported
    reports say said since show some something take taken tell the their there these they things this time to until us
    was what when where which who with 什么 有 的 了 在 哪些
    """.split()
)
_WORD = re.compile(r"[A-Za-z]{6,}")
_NAMES = {name.removesuffix(" District").lower(): name for name in gazetteer.CANONICAL[:-1]}
_ENGLISH = frozenset(("changing", "charging", "chanting"))  # words as near to a district's name as its misspellings
_NEAR = 0.87  # difflib ratio; "shijinshan" reaches it, "beijing" stays below


def read(question: str, asked_on: dt.date | None = None, history: Sequence[str] = ()) -> Understood:
    """What the desk takes the question to ask; "last month" is seen from ``asked_on`` (default: today).

    A follow-up takes topic, districts and period from the questions before it, where it names none of its own.

    Raises:
        QuestionRefused: it is empty, too long, holds no word, or names a period that no day lies in.
    """
    words = search_text(question)
    if not words:
        raise QuestionRefused("The question is empty", remedy="Ask about the bulletins in a few words.")
    if len(question) > LONGEST:
        raise QuestionRefused(
            f"The question has {len(question):,} characters, more than {LONGEST:,}", remedy="Ask it in fewer words."
        )
    if not any(unicodedata.category(character)[0] in "LN" for character in words):
        raise QuestionRefused("The question holds no word", remedy="Ask about the bulletins in a few words.")
    today = asked_on or dt.date.today()
    understood = _understood(words, today)
    if (understood.date_from or dt.date.min) > (understood.date_to or dt.date.max):
        raise QuestionRefused(
            "The dates in the question contradict each other, so no bulletin can match", remedy="Name one period."
        )
    earlier = leans_on(words, [search_text(one[:LONGEST]) for one in history])
    if not earlier:
        return understood
    before = _understood(earlier[0], today)
    for one in earlier[1:]:
        before = _following(before, _understood(one, today))
    return _following(before, understood)


def _understood(words: str, today: dt.date) -> Understood:
    period = asked_period(words, today)
    found = districts(words)
    latest, earliest = bool(_LATEST.search(words)), bool(_FIRST.search(words))
    many = bool(_LIST.search(words)) or (bool(found or period) and bool(_WHATEVER.search(words)))
    many = many and not _ONE.search(words)
    return Understood(
        kind="latest" if latest else "list" if many else "fact",
        words=words,
        topic=_topic(words, period),
        districts=found,
        date_from=period.first if period and period.first != dt.date.min else None,
        date_to=period.last if period and period.last != dt.date.max else None,
        sort="date-asc" if earliest else "date-desc" if latest or many else "relevance",
    )


def _following(before: Understood, now: Understood) -> Understood:
    """A follow-up, with what it leaves unsaid taken from the question before."""
    dated = bool(now.date_from or now.date_to)
    period = written(before.date_from, before.date_to)
    carried = [before.topic, *(() if now.districts else before.districts), "" if dated else period]
    same_kind = not now.topic
    return Understood(
        kind=before.kind if same_kind else now.kind,
        # The districts and dates before are searched for only where they still hold.
        words=f"{before.topic if now.districts or dated else before.words} {now.words}".strip(),
        topic=f"{before.topic} {now.topic}".strip(),
        districts=now.districts or before.districts,
        date_from=now.date_from if dated else before.date_from,
        date_to=now.date_to if dated else before.date_to,
        sort=before.sort if same_kind else now.sort,
        carried=tuple(part for part in carried if part),
    )


def _topic(words: str, period: Period | None) -> str:
    """The words without districts, dates and the words of asking."""
    spans = [(mention.start, mention.end) for mention in gazetteer.mentions(words)]
    spans += [(period.start, period.end)] if period else []
    for start, end in sorted(spans, reverse=True):
        words = f"{words[:start]} {words[end:]}"
    return " ".join(word for word in re.findall(r"[^\W_]+(?:['\u2019-][^\W_]+)*", words) if word.lower() not in _ASKING)


def districts(words: str) -> tuple[str, ...]:
    """The districts that the words name, near misses in spelling ("Shijinshan") included."""
    found = list(gazetteer.named(words))
    for word in _WORD.findall(words):
        if word.lower() in _ENGLISH:
            continue
        for near in difflib.get_close_matches(word.lower(), _NAMES, n=1, cutoff=_NEAR):
            if _NAMES[near] not in found:
                found.append(_NAMES[near])
    return tuple(found)


def search_text(question: str) -> str:
    """What the encoder reads: compatibility forms folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", question).split())
