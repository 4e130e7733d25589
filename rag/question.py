"""Question -> what it asks for: districts, a period, an order, one thing or all that match."""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import re
import unicodedata
from collections.abc import Sequence

from rag import gazetteer
from rag.dates import NoSuchDate, asked_period, written
from rag.errors import QuestionRefused
from rag.followup import leans_on
from rag.records import Kind, Period, Understood

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
    | \bwhere\ (?:have|has|were)\b | ^who\ (?:has|have)\b | ^what\ (?:has|have)\b.*\bbeen\b
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
_COUNT = re.compile(r"^how many\b", re.IGNORECASE)
_ONE = re.compile(
    r"\b(?:first|largest|biggest|oldest(?! (?:bulletin|news|report))|youngest|longest|most|best|same)\b", re.IGNORECASE
)
_ASKING = frozenset(
    """
    a an and any anything all are at been between bulletin bulletins by did do does doing done during event events
    activity activities everything first for from going happen happened happening happens has have here how in is it
    its know last latest list many me most much new news newest of offer offered on or please recent recently report
    reported reports say said since show some something take taken tell the their there these they things this time
    to until us was what when where which who with 什么 有 的 了 在 哪些
    """.split()
)
_WORD = re.compile(r"[A-Za-z]{6,}")
_NAMES = {name.removesuffix(" District").lower(): name for name in gazetteer.CANONICAL[:-1]}
_ENGLISH = frozenset(("changing", "charging", "chanting"))  # words as near to a district's name as its misspellings
_YEARS = range(1900, 2200)
_NEAR = 0.87  # difflib ratio; "shijinshan" reaches it, "beijing" stays below


def read(question: str, asked_on: dt.date | None = None, history: Sequence[str] = ()) -> Understood:
    """What the desk takes the question to ask; "last month" is seen from ``asked_on`` (default: today).

    A follow-up takes topic, districts and period from the questions before it, where it names none of its own.

    Raises:
        QuestionRefused: it is empty, too long, holds no word or what is no text, names a date that the calendar lacks,
            or dates that contradict each other.
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
    if any(unicodedata.category(character) == "Cs" for character in words):
        raise QuestionRefused("The question holds characters that are no text", remedy="Type it again.")
    today = asked_on or dt.date.today()
    if today.year not in _YEARS:
        raise QuestionRefused(f"The day of asking, {today}, is not of this time", remedy="Name a day of 1900 to 2199.")
    try:
        understood = _understood(words, today)
    except NoSuchDate as error:
        raise QuestionRefused(f"There is no such date as {error}", remedy="Name one that the calendar has.") from None
    if (understood.date_from or dt.date.min) > (understood.date_to or dt.date.max):
        raise QuestionRefused(
            "The dates in the question contradict each other, so no bulletin can match", remedy="Name one period."
        )
    earlier = [_earlier(one, today) for one in leans_on(words, [_remembered(one) for one in history])]
    return functools.reduce(_following, [*earlier, understood])


def _earlier(words: str, today: dt.date) -> Understood:
    try:
        return _understood(words, today)
    except NoSuchDate:
        return Understood()  # it was refused then, and gives nothing now


def _remembered(question: str) -> str:
    """An earlier question's words; what of it is no text is left out, since it was refused then."""
    return search_text(question[:LONGEST].encode("utf-8", "ignore").decode())


def _understood(words: str, today: dt.date) -> Understood:
    period = asked_period(words, today)
    found = districts(words)
    latest, earliest = bool(_LATEST.search(words)), bool(_FIRST.search(words))
    many = bool(_LIST.search(words)) or (bool(found or period) and bool(_WHATEVER.search(words)))
    many = many and not _ONE.search(words)
    topic = _topic(words, period)
    counted = bool(_COUNT.match(words)) and not topic  # with a topic, a bulletin may state the number
    kind: Kind = "latest" if latest else "count" if counted else "list" if many else "fact"
    return Understood(
        kind=kind,
        words=words,
        topic=topic,
        districts=found,
        date_from=period.first if period and period.first != dt.date.min else None,
        date_to=period.last if period and period.last != dt.date.max else None,
        sort="date-asc" if earliest else "relevance" if kind == "fact" else "date-desc",
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
        topic=before.topic if now.topic in before.topic else f"{before.topic} {now.topic}".strip(),
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
