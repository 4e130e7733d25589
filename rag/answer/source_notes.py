"""Notes on a quote's source: its text was revised, another bulletin gives another figure, or the desk corrected how the
file was read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.errors import one_line
from rag.ingest.near_duplicates import fold_typography
from rag.library.reader import Library
from rag.models import Correction, Hit, Period, Quote
from rag.text.analyzer import question_terms, terms
from rag.text.dates import long_date, stated_periods
from rag.text.districts import names_in
from rag.text.numbers import numbers
from rag.text.phrases import join_names

CORRECTED = "Corrected by the desk: "
MAX_COPIES_NAMED = 3  # before the others are counted
_COUNTED_NOUN = re.compile(r"\W*(?:[^\W\d_]+[ -]){0,1}?([^\W\d_]{4,})")
_MIN_SHARED_WORDS = 4  # of two undated quotes that are about one thing
_MAX_PERIOD_DAYS = 366  # what two bulletins say of a longer time may well differ


def revision(library: Library, hit: Hit) -> str | None:
    """Says that a later or an earlier text of the hit's bulletin hasn't the words of the hit; None otherwise."""
    bulletin = library.by_name[hit.passage.bulletin]
    spans = hit.passage.sentences
    words = fold_typography(library.cached_text(bulletin.name)[spans[hit.first].start : spans[hit.last].end])
    later = library.replaced_by.get(bulletin.name)
    for other, which in ((later, "A later"), *((earlier, "An earlier") for earlier in bulletin.replaces)):
        if other and words not in fold_typography(library.cached_text(other)):
            return f"{which} text of this bulletin, {_dated(library.by_name[other].date)}, has other words here."
    return None


def copies(library: Library, quote: Quote) -> str:
    """Says in a sentence which other bulletins carry the text that is quoted, by titles and dates; "" for none."""
    others = [library.by_name[name] for name in quote.also_in if name in library.by_name]
    heads = dict.fromkeys((other.title, other.date) for other in others)
    heads.pop((quote.title, quote.date), None)  # the same bulletin in another file
    names = {title: f"“{title}”" if title and title != quote.title else "the bulletin" for title, _ in heads}
    places = [f"{names[title]} {_dated(date)}" for title, date in heads]
    if len(places) > MAX_COPIES_NAMED:
        places = [*places[:MAX_COPIES_NAMED], f"{len(places) - MAX_COPIES_NAMED} more"]
    return f"The same text also stands in {join_names(places)}." if places else ""


def _dated(date: dt.date | None) -> str:
    return f"dated {long_date(date)}" if date else "undated"


def correction(library: Library, hit: Hit) -> str | None:
    """Says what the desk corrected of the hit's district, then of its bulletin's title and date; None for nothing.

    The sentence on title and date stands last and begins with ``CORRECTED``: it is the same for the bulletin's other
    quotes, so that a page shows it once.
    """
    corrections = library.by_name[hit.passage.bulletin].corrections
    district = next((change for change in corrections if _corrects_section(change, library, hit)), None)
    sentences = [f"The desk corrected its district; the file gives {district.was or 'none'}."] if district else []
    if head := [_describe(change) for change in corrections if change.field != "districts"]:
        sentences.append(f"{CORRECTED}{'; '.join(head)}.")
    return " ".join(sentences) or None


def _corrects_section(change: Correction, library: Library, hit: Hit) -> bool:
    """Whether the change is of the districts of the hit's section, not of one that looks like it now."""
    bulletin = library.by_name[hit.passage.bulletin]
    section = bulletin.sections[hit.passage.section]
    if change.field != "districts" or (change.heading, change.now) != (
        section.heading,
        "; ".join(section.districts) or None,
    ):
        return False
    if section.heading is not None:
        return True
    # Sections without a headline are told apart by the line that opens each; the lead and the closing have none.
    text = library.cached_text(bulletin.name)
    district_lines = {
        other.start: "; ".join(names_in(text[other.start : other.paragraphs[0].start])) or None
        for other in bulletin.sections
        if other.heading is None
    }
    line = district_lines[section.start]
    return line == change.was or (line is None and change.was not in district_lines.values())


def _describe(change: Correction) -> str:
    if change.was is None:
        return f"the {change.field}, which the file doesn't state"
    was = f"“{one_line(change.was)}”" if change.field == "title" else long_date(dt.date.fromisoformat(change.was))
    return f"the {change.field}, which the file gives as {was}"


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a quote states: its periods and districts, the numbers by the noun that they count, and its terms."""

    periods: frozenset[Period]
    districts: frozenset[str]
    counts: dict[str, float]
    terms: frozenset[str]

    def is_about_same(self, other: _Statement) -> bool:
        """Whether districts and periods agree; where neither states a period, several terms have to."""
        undated = not self.periods and not other.periods and len(self.terms & other.terms) >= _MIN_SHARED_WORDS
        return self.districts == other.districts and (bool(self.periods & other.periods) or undated)


def disagreements(library: Library, hits: Sequence[Hit]) -> dict[int, str]:
    """Notes for the hits that give another figure of one thing than another bulletin's hit, by their index.

    Two figures are of one thing where both stand before the same noun, both quotes name the same districts, and both
    state the same day, month or year, or neither states any and they share several words.
    """
    notes: dict[int, str] = {}
    statements = [_statement_of(library, hit) for hit in hits]
    for first, second in combinations(range(len(hits)), 2):
        names = {hits[first].passage.bulletin, hits[second].passage.bulletin}
        if len(names) < 2 or any(library.replaced_by.get(name) in names for name in names):
            continue
        if not statements[first].is_about_same(statements[second]):
            continue
        for noun in statements[first].counts.keys() & statements[second].counts.keys():
            if statements[first].counts[noun] != statements[second].counts[noun]:
                for index, other in ((first, second), (second, first)):
                    date = library.by_name[hits[other].passage.bulletin].date
                    note = f"Another bulletin, {_dated(date)}, gives {statements[other].counts[noun]:,g}"
                    notes.setdefault(index, f"{note} instead of {statements[index].counts[noun]:,g}.")
    return notes


def _statement_of(library: Library, hit: Hit) -> _Statement:
    passage = hit.passage
    date = library.by_name[passage.bulletin].date
    text = library.cached_text(passage.bulletin)
    words = text[passage.sentences[hit.first].start : passage.sentences[hit.last].end]
    periods = (
        period for period in stated_periods(words, date) if (period.last - period.first).days <= _MAX_PERIOD_DAYS
    )
    counts: dict[str, float] = {}
    for number in numbers(words):
        if noun := _COUNTED_NOUN.match(words, number.end):
            for term in terms(noun[1])[:1]:
                counts.setdefault(term, number.value)
    return _Statement(
        frozenset(periods),
        frozenset((*passage.districts, *passage.mentions)),
        counts,
        frozenset(question_terms(words)),
    )
