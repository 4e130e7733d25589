"""What a reader must know of a quote's source: its text was corrected, another bulletin gives another figure, or the
desk corrected how it was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from rag.errors import one_line
from rag.ingest.near_duplicates import fold_typography
from rag.library.reader import Library
from rag.models import Correction, Hit, Period
from rag.text import districts as gazetteer
from rag.text.analyzer import question_terms, terms
from rag.text.dates import stated
from rag.text.numbers import numbers

CORRECTED = "Corrected by the desk: "
Counts = dict[str, float]
_COUNTED = re.compile(r"\W*(?:[^\W\d_]+[ -]){0,1}?([^\W\d_]{4,})")
_ALIKE = 4  # words that two quotes share which tell of one thing
_LONGEST_PERIOD = 366  # days; what two bulletins say of a longer time may well differ


def revision(library: Library, hit: Hit) -> str | None:
    """What an earlier or a later text of the hit's bulletin has to do with it; None where there is none, or where the
    earlier one says the same here."""
    bulletin = library.by_name[hit.passage.bulletin]
    if later := library.replaced_by.get(bulletin.name):
        return f"A later text of this bulletin, dated {library.by_name[later].date}, corrects it."
    spans = hit.passage.sentences
    words = fold_typography(library.words(bulletin.name)[spans[hit.first].start : spans[hit.last].end])
    for earlier in bulletin.replaces:
        if words not in fold_typography(library.words(earlier)):
            return f"An earlier text, dated {library.by_name[earlier].date}, differs here."
    return None


def correction(library: Library, hit: Hit) -> str | None:
    """What the desk corrected of the hit's district, then of its bulletin's title and date, with what the file gives;
    None where there is nothing.

    The sentence on title and date stands last and begins with ``CORRECTED``: it is the same for the bulletin's other
    quotes, so that a page shows it once.
    """
    bulletin = library.by_name[hit.passage.bulletin]
    district = next((one for one in bulletin.corrections if _is_of(one, library, hit)), None)
    told = [f"The desk corrected its district; the file gives {district.was or 'none'}."] if district else []
    if head := [_told_of(one) for one in bulletin.corrections if one.field != "districts"]:
        told.append(f"{CORRECTED}{'; '.join(head)}.")
    return " ".join(told) or None


def _is_of(one: Correction, library: Library, hit: Hit) -> bool:
    """Whether this corrects the districts of the hit's section, and not of another that looks like it now."""
    bulletin = library.by_name[hit.passage.bulletin]
    section = bulletin.sections[hit.passage.section]
    if one.field != "districts" or (one.heading, one.now) != (section.heading, "; ".join(section.districts) or None):
        return False
    if section.heading is not None:
        return True
    # Where no headline tells sections apart, the line that heads each does; the lead and the closing have none.
    text = library.words(bulletin.name)
    lines = {
        other.start: "; ".join(gazetteer.named(text[other.start : other.paragraphs[0].start])) or None
        for other in bulletin.sections
        if other.heading is None
    }
    own = lines[section.start]
    return own == one.was or (own is None and one.was not in lines.values())


def _told_of(one: Correction) -> str:
    if one.was is None:
        return f"the {one.field}, which the file doesn't state"
    was = f"“{one_line(one.was)}”" if one.field == "title" else one.was
    return f"the {one.field}, which the file gives as {was}"


def disagreements(library: Library, hits: Sequence[Hit]) -> dict[int, str]:
    """For the hits that tell another figure of one thing than another bulletin's, a note of it, by their place.

    Two figures are of one thing where both stand before the same noun, both quotes name the same districts, and both
    state the same day, month or year, or neither states any and they share several words.
    """
    found: dict[int, str] = {}
    told = [_told(library, hit) for hit in hits]
    for one, other in combinations(range(len(hits)), 2):
        names = {hits[one].passage.bulletin, hits[other].passage.bulletin}
        if len(names) < 2 or any(library.replaced_by.get(name) in names for name in names):
            continue
        periods, districts, counts, words = told[one]
        its_periods, its_districts, its_counts, its_words = told[other]
        undated = not periods and not its_periods and len(words & its_words) >= _ALIKE
        if districts != its_districts or not (periods & its_periods or undated):
            continue
        for noun in counts.keys() & its_counts.keys():
            if counts[noun] != its_counts[noun]:
                for place, instead, count in ((one, other, its_counts[noun]), (other, one, counts[noun])):
                    date = library.by_name[hits[instead].passage.bulletin].date
                    bulletin = f"Another bulletin, dated {date}," if date else "Another bulletin, undated,"
                    found.setdefault(place, f"{bulletin} gives {count:,g} here.")
    return found


def _told(library: Library, hit: Hit) -> tuple[set[Period], frozenset[str], Counts, set[str]]:
    passage = hit.passage
    date = library.by_name[passage.bulletin].date
    text = library.words(passage.bulletin)
    words = text[passage.sentences[hit.first].start : passage.sentences[hit.last].end]
    periods = {period for period in stated(words, date) if (period.last - period.first).days <= _LONGEST_PERIOD}
    counts: Counts = {}
    for number in numbers(words):
        if noun := _COUNTED.match(words, number.end):
            for term in terms(noun[1])[:1]:
                counts.setdefault(term, number.value)
    return periods, frozenset((*passage.districts, *passage.mentions)), counts, set(question_terms(words))
