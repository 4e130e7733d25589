"""Questions to start with, made only from what the library really holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from rag.text.analyzer import terms

if TYPE_CHECKING:
    from rag.library.reader import Library
    from rag.models import Section, StoredBulletin

MOST = 5
LONGEST_HEADLINE = 70  # characters: a longer one makes an unwieldy question
FEWEST_WORDS = 4  # of a headline: "What's new" says nothing
TOPIC = "consular protection"


def example_questions(library: Library) -> tuple[str, ...]:
    """At most five questions; the same library always gives the same ones."""
    events = _newest_first(library)
    questions = [f"What {TOPIC} events happened?"] if _tells_of(library, TOPIC) else []
    counts = Counter(district for _, section in events for district in section.districts)
    districts = [district for district, _ in counts.most_common()]
    for bulletin, section in events:
        if bulletin.date and districts and districts[0] in section.districts:
            questions.append(f"What did {_named(districts[0])} report in {bulletin.date.year}?")
            break
    headlines = [section.heading for _, section in events if section.heading and section.districts]
    fitting = [line for line in headlines if _tells_enough(line) and TOPIC not in line.casefold()]
    questions += [f"What do the bulletins say about “{line}”?" for line in fitting[:1]]
    if len(districts) > 1:
        questions.append(f"What is the latest news from {_named(districts[-1])}?")
    dates = library.dates()
    if dates:
        questions.append(f"What happened in {dates[0]:%B %Y}?")
    return tuple(questions[:MOST])


def _newest_first(library: Library) -> list[tuple[StoredBulletin, Section]]:
    """Every event with its bulletin, undated ones last; ties always fall the same way."""
    events = [
        (bulletin, section)
        for bulletin in library.bulletins
        for section in bulletin.sections
        if section.role == "event"
    ]
    return sorted(
        events, key=lambda event: (-(event[0].date.toordinal() if event[0].date else 0), event[0].name, event[1].start)
    )


def _tells_enough(headline: str) -> bool:
    return len(headline.split()) >= FEWEST_WORDS and len(headline) <= LONGEST_HEADLINE


def _tells_of(library: Library, words: str) -> bool:
    held = np.flatnonzero(library.lexical.coverage(terms(words)) > 0.99)  # all of the words, in any order and form
    for passage in map(library.passages.__getitem__, held):
        text = library.words(passage.bulletin)
        if words in " ".join(passage.of(text).split()).casefold():
            return True
    return False


def _named(district: str) -> str:
    """Of the districts, only the development area takes an article."""
    return district if district.endswith(" District") else f"the {district}"
