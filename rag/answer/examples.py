"""Example questions, made from what the library holds: the chat offers them, and saved questions begin with them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from rag.text.analyzer import terms

if TYPE_CHECKING:
    from rag.library.reader import Library
    from rag.models import Section, StoredBulletin

MAX_EXAMPLES = 5
MAX_HEADLINE_CHARS = 70  # a longer one makes an unwieldy question
MIN_HEADLINE_WORDS = 4  # "What's new" says nothing
TOPIC = "consular protection"


def example_questions(library: Library) -> tuple[str, ...]:
    """Returns at most ``MAX_EXAMPLES`` questions; the same library always gives the same ones."""
    events = _newest_first(library)
    questions = [f"What {TOPIC} events happened?"] if _is_mentioned(library, TOPIC) else []
    counts = Counter(district for _, section in events for district in section.districts)
    districts = [district for district, _ in counts.most_common()]
    for bulletin, section in events:
        if bulletin.date and districts and districts[0] in section.districts:
            questions.append(f"What did {_with_article(districts[0])} report in {bulletin.date.year}?")
            break
    headlines = [section.heading for _, section in events if section.heading and section.districts]
    fitting = [line for line in headlines if _is_telling(line) and TOPIC not in line.casefold()]
    questions += [f"What do the bulletins say about “{line}”?" for line in fitting[:1]]
    if len(districts) > 1:
        questions.append(f"What is the latest news from {_with_article(districts[-1])}?")
    dates = library.date_range()
    if dates:
        questions.append(f"What happened in {dates[0]:%B %Y}?")
    return tuple(questions[:MAX_EXAMPLES])


def _newest_first(library: Library) -> list[tuple[StoredBulletin, Section]]:
    """Every event with its bulletin, undated ones last, in an order that is always the same."""
    events = [
        (bulletin, section)
        for bulletin in library.bulletins
        for section in bulletin.sections
        if section.role == "event"
    ]
    return sorted(
        events, key=lambda event: (-(event[0].date.toordinal() if event[0].date else 0), event[0].name, event[1].start)
    )


def _is_telling(headline: str) -> bool:
    return len(headline.split()) >= MIN_HEADLINE_WORDS and len(headline) <= MAX_HEADLINE_CHARS


def _is_mentioned(library: Library, words: str) -> bool:
    # passages with all of the words, in any order and form
    matches = np.flatnonzero(library.lexical.coverage(terms(words)) > 0.99)
    for passage in map(library.passages.__getitem__, matches):
        text = library.cached_text(passage.bulletin)
        if words in " ".join(passage.of(text).split()).casefold():
            return True
    return False


def _with_article(district: str) -> str:
    """The name in a sentence: of the districts, only the development area takes an article."""
    return district if district.endswith(" District") else f"the {district}"
