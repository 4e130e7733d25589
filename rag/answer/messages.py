"""The messages above an answer's quotes: what was searched, how much was found, or why nothing was."""

from __future__ import annotations

from collections.abc import Sequence

from rag.library.reader import Library
from rag.models import Hit
from rag.query.conditions import period_label
from rag.query.models import Query
from rag.query.spelling import Correction
from rag.query.weekdays import weekday_label
from rag.search.entity_support import Unsupported
from rag.text.dates import format_period
from rag.text.districts import DEVELOPMENT_AREA
from rag.text.phrases import join_names


def summary(library: Library, query: Query, hits: Sequence[Hit], shown: int) -> str:
    """ "Haidian District, 2023: 11 passages in 7 of 70 bulletins, 20 January to 2 November 2023, newest first." """
    if not query.exhaustive and query.kind != "latest":
        nearest = "the passage" if len(hits) == 1 else "the passages"
        return under_conditions(query, f"{nearest} nearest to the question.")
    names = {hit.passage.bulletin for hit in hits}
    dates = sorted(date for name in names if (date := library.by_name[name].date))
    period = f", {format_period(dates[0], dates[-1])}" if dates else ""
    order = {"date-asc": ", oldest first", "date-desc": ", newest first", "relevance": ""}[query.sort]
    part = f"; {shown} shown" if shown < len(hits) else ""
    bulletins = count_of(len(library.bulletins), "bulletin")
    text = f"{count_of(len(hits), 'passage')} in {len(names)} of {bulletins}{period}{order}{part}."
    text += " I find no more than these." if query.more else ""
    return under_conditions(query, text)


def nothing_found_for(labels: Sequence[str]) -> str:
    """Says for which of the things compared nothing was found; "" for none."""
    return f" There is nothing on {join_names(labels)}." if labels else ""


def filtered_out(library: Library, query: Query, searched: str) -> str:
    """Says that the districts and the period leave no passage; ``searched`` says what the near misses were searched
    without, "" where there are none."""
    offer = f" Below are the nearest passages {searched}." if searched else ""
    return under_conditions(query, f"none of these bulletins tells of this.{offer} {searched_range(library)}")


def missing_entities(library: Library, query: Query, missing: Unsupported) -> str:
    """Says that no passage about the rest of the question names what it names."""
    words = join_names([f"“{word}”" for word in missing.written])
    text = f"no passage near to the question tells of {words}"
    if missing.places and missing.instead:
        text += f"; the nearest tells of {join_names(missing.instead)}"
    return under_conditions(query, f"{text}. {searched_range(library)}")


_VALUE_NAMES = {
    "money": "sum of money",
    "phone": "telephone number",
    "web": "address on the Web",
    "address": "address",
    "person": "leader",
}


def no_value_of_type(library: Library, query: Query) -> str:
    """Says that the nearest passage holds no value of the type that is asked for."""
    thing = _VALUE_NAMES.get(query.answer_type or "", "such thing")
    return under_conditions(query, f"the nearest passage tells of this, but of no {thing}. {searched_range(library)}")


def off_topic(library: Library, query: Query) -> str:
    """Says that no bulletin is about what is asked."""
    return under_conditions(query, f"nothing in these bulletins is about this. {searched_range(library)}")


_INNER_QUOTES = str.maketrans("“”", "‘’")


def help_with(examples: Sequence[str]) -> str:
    """Says what the desk does, to whoever greets it or asks about it; ``examples`` are questions that it can answer."""
    text = (
        "This is the Bulletin Desk. It answers questions about the foreign affairs bulletins of Beijing's districts by"
        " quoting them word for word, with their dates. Ask about a matter, a district or a time"
    )
    quoted = [f"“{question.translate(_INNER_QUOTES)}”" for question in examples]
    return f"{text}, for example: {' '.join(quoted)}" if examples else f"{text}."


def asks_for_the_most(library: Library, query: Query) -> str:
    """Says that the desk quotes, and doesn't compare what many passages tell."""
    text = "which one had the most is stated nowhere near to the question, and I quote what the bulletins say without"
    return under_conditions(query, f"{text} comparing their figures. {searched_range(library)}")


def unread_language(library: Library, name: str) -> str:
    """Says that the question is in a language that the desk doesn't read."""
    bulletins = count_of(len(library.bulletins), "bulletin")
    return f"This question seems to be in {name}, and I read English and Chinese. I searched none of the {bulletins}."


def not_of_beijing(districts: Sequence[str]) -> str:
    """Tells the asker that these districts aren't Beijing's; "" for none."""
    if not districts:
        return ""
    are_none = "isn't a district" if len(districts) == 1 else "aren't districts"
    return (
        f" {' and '.join(districts)} {are_none} of Beijing; these bulletins tell of Beijing's sixteen districts"
        f" and the {DEVELOPMENT_AREA}."
    )


def spelling_note(question: str, corrections: Sequence[Correction]) -> str:
    """Says which words were taken for misspellings of others; "" for none."""
    pairs = [f"“{fix.of(question)}” as “{fix.written_as(fix.of(question))}”" for fix in corrections]
    return f"Reading {join_names(pairs)}. " if pairs else ""


def time_notes(query: Query) -> str:
    """Says how times were read that can be read in more than one way, and which were searched for as mere words."""
    notes = list(query.notes)
    if query.unread and not query.exhaustive:
        times = join_names([f"“{time}”" for time in query.unread])
        notes.append(f"I can't tell which days {times} means, so its words were searched for.")
    return "".join(f"{note} " for note in notes)


def unread_time(query: Query) -> str:
    """Says that the time asked about can't be reckoned."""
    times = join_names([f"“{time}”" for time in query.unread])
    return (
        f"I can't tell which days {times} means: I reckon from calendar days, not from events. Name a date or a month."
        " Below are the passages nearest to the words."
    )


def searched_range(library: Library) -> str:
    """Says how many bulletins were searched, and of which dates; those without a date are counted apart."""
    looked = f"I looked through {count_of(len(library.bulletins), 'bulletin')}"
    dates = library.date_range()
    if not dates:
        return f"{looked}."
    dated = sum(bulletin.date is not None for bulletin in library.bulletins)
    undated = len(library.bulletins) - dated
    period = f"dated {format_period(*dates)}"
    return f"{looked}: {dated:,} {period} and {undated:,} undated." if undated else f"{looked} {period}."


def under_conditions(query: Query, text: str) -> str:
    """The text after what was inherited from earlier questions and the conditions: "Haidian District, 2024: …"."""
    parts = [*query.districts, period_label(query), weekday_label(query.weekdays)]
    parts += [each.label for each in query.excluded]
    conditions = ", ".join(part for part in parts if part)
    inherited = f"Following on from “{', '.join(query.inherited)}”. " if query.inherited else ""
    text = f"{conditions}: {text}" if conditions else text
    return f"{inherited}{text[0].upper()}{text[1:]}"


def count_of(number: int, noun: str) -> str:
    """ "1 bulletin", "2 bulletins"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
