"""What is missing of a closed set: the districts, or the months, that no passage found tells of."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer import messages
from rag.library.reader import Library
from rag.models import Hit
from rag.query.models import Query
from rag.text import districts
from rag.text.analyzer import question_terms, terms
from rag.text.phrases import join_names

MOST_MONTHS = 24  # that are gone through one by one
_TOPIC_SHARE = 0.5  # of the topic's terms, by weight, in a clause that tells of it
_NO = re.compile(
    r"(?i)\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|cancell?ed|postponed|put off"
    r"|called off|fail(?:s|ed) to|\w+n['’]t)\b|没有|未|取消|推迟|无法|不再"
)
_CLAUSE_END = re.compile(
    r"(?i)[;；。]|(?:,|(?<!\s))\s++\b(?:but|because|although|while|since|whereas|so that)\b|，(?:但|因)"
)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What is said of the set, and the hits that say expressly that there was none."""

    message: str
    denials: tuple[Hit, ...]


def reckon(library: Library, query: Query, hits: Sequence[Hit]) -> Reckoning:
    """Goes through the set that the query asks of; ``hits`` are all passages on what it asks about."""
    denials, reports = [], []
    topic = _weights(library, query)
    for hit in hits:
        if denial := _denial(library, topic, hit):
            denials.append(denial)
        else:
            reports.append(hit)
    if query.lacking == "districts":
        said = _of_districts(library, query, reports, denials)
    elif months := _months_asked(library, query) if query.lacking == "months" else []:
        said = _of_months(library, query, months, reports)
    else:
        said = "These bulletins tell what took place; I can't tell from them what did not."
        said += " What they say expressly is below." if denials else ""
        said += " Name a year to have its months gone through." if query.lacking == "months" else ""
    message = messages.under_conditions(query, f"{said} {messages.searched_range(library)}")
    return Reckoning(message, tuple(denials))


def on_topic(library: Library, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Those of the hits that hold the most of the topic's terms, where it is improbable that the others tell of it."""
    covered = library.lexical.coverage(_weights(library, query))
    numbers = {(p.bulletin, p.start): number for number, p in enumerate(library.passages)}
    return tuple(h for h in hits if covered[numbers[h.passage.bulletin, h.passage.start]] >= _TOPIC_SHARE)


def _of_districts(library: Library, query: Query, reports: Sequence[Hit], denials: Sequence[Hit]) -> str:
    asked = query.districts or tuple(name for name in districts.CANONICAL if name not in query.not_districts)
    told = _named(library, asked, reports)
    denied = tuple(name for name in _named(library, asked, denials) if name not in told)
    others = [name for name in asked if name not in (*told, *denied)]
    sentences = []
    if others and (told or denied):
        sentences += [f"No passage tells of it for {_short(others)}; it may have taken place there all the same."]
    if denied:
        verb = "says" if len(denied) == 1 else "say"
        sentences += [f"{join_names(denied)} {verb} expressly that there was none; the words are quoted below."]
    sentences += [f"{_subject(told, 'No district')} a report of this in these bulletins."]
    return " ".join(sentences)


def _short(names: Sequence[str]) -> str:
    """The names of many districts without the word that they share."""
    return names[0] if len(names) == 1 else join_names(name.removesuffix(" District") for name in names)


def _of_months(library: Library, query: Query, months: Sequence[dt.date], reports: Sequence[Hit]) -> str:
    dates = [date for hit in reports if (date := library.by_name[hit.passage.bulletin].date)]
    told = {date.replace(day=1) for date in dates}
    with_one = [_month(month) for month in months if month in told]
    without = [_month(month) for month in months if month not in told]
    said = f"{_subject(with_one, 'No month')} a report of this, going by the bulletins' dates."
    if without and with_one:
        none = f"{join_names(without)} {'has' if len(without) == 1 else 'have'} no report of this"
        said = f"{none}; it may have taken place then all the same. {said}"
    return said


def _months_asked(library: Library, query: Query) -> list[dt.date]:
    """The first days of the months asked about from which there are bulletins; [] for too many."""
    covered = library.date_range()
    if not covered:
        return []
    first, last = max(query.date_from or covered[0], covered[0]), min(query.date_to or covered[1], covered[1])
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers] if len(numbers) <= MOST_MONTHS else []


def _month(first: dt.date) -> str:
    return f"{calendar.month_name[first.month]} {first.year}"


def _subject(names: Sequence[str], none: str) -> str:
    return f"{join_names(names) or none} {'have' if len(names) > 1 else 'has'}"


def _named(library: Library, asked: Sequence[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """Those of the districts asked about that the hits are of, in the order of asking."""
    of_hits = {name for hit in hits for name in library.filters.districts_of(hit.passage)}
    return tuple(name for name in asked if name in of_hits)


def _denial(library: Library, topic: dict[str, float], hit: Hit) -> Hit | None:
    """The sentence of the hit that says that there was none of it; None where one tells of it."""
    text = library.cached_text(hit.passage.bulletin)
    denying = None
    for number, sentence in enumerate(hit.passage.sentences):
        for clause in _CLAUSE_END.split(sentence.of(text)):
            held = set(terms(clause))
            share = sum(weight for term, weight in topic.items() if term in held) / max(sum(topic.values()), 1e-9)
            if share < _TOPIC_SHARE:
                continue
            if not _NO.search(clause):
                return None
            denying = number
    return None if denying is None else replace(hit, first=denying, last=denying, telling=(denying,))


def _weights(library: Library, query: Query) -> dict[str, float]:
    """What each of the topic's terms weighs, of those that any passage has."""
    known = filter(library.lexical.document_frequency, question_terms(query.topic))
    return {term: library.lexical.weight(term) for term in known}
