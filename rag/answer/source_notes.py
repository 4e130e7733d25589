"""Notes on a quote's source: its text was revised, another bulletin gives another figure, or the desk corrected how the
file was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.errors import one_line
from rag.ingest.near_duplicates import fold_typography
from rag.library.reader import Library
from rag.models import Correction, Hit, Period
from rag.text.analyzer import question_terms, terms
from rag.text.dates import stated_periods
from rag.text.districts import names_in
from rag.text.numbers import numbers

CORRECTED = "Corrected by the desk: "
_COUNTED_NOUN = re.compile(r"\W*(?:[^\W\d_]+[ -]){0,1}?([^\W\d_]{4,})")
_MIN_SHARED_WORDS = 4  # of two undated quotes that are about one thing
_MAX_PERIOD_DAYS = 366  # what two bulletins say of a longer time may well differ


def revision(library: Library, hit: Hit) -> str | None:
    """Says that a later text corrects the hit's bulletin, or that an earlier one differs here; None otherwise."""
    bulletin = library.by_name[hit.passage.bulletin]
    if later := library.replaced_by.get(bulletin.name):
        return f"A later text of this bulletin, dated {library.by_name[later].date}, corrects it."
    spans = hit.passage.sentences
    words = fold_typography(library.cached_text(bulletin.name)[spans[hit.first].start : spans[hit.last].end])
    for earlier in bulletin.replaces:
        if words not in fold_typography(library.cached_text(earlier)):
            return f"An earlier text, dated {library.by_name[earlier].date}, differs here."
    return None


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
    was = f"“{one_line(change.was)}”" if change.field == "title" else change.was
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
                    bulletin = f"Another bulletin, dated {date}," if date else "Another bulletin, undated,"
                    notes.setdefault(index, f"{bulletin} gives {statements[other].counts[noun]:,g} here.")
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
