"""What the desk says beside its quotes: what it looked through, how much it found, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from rag.library.reader import Library
from rag.models import Hit, Query
from rag.query.spelling import Correction
from rag.search.claims import Missing
from rag.text.dates import written


def summary(library: Library, understood: Query, hits: Sequence[Hit], shown: int) -> str:
    """ "Haidian District, 2023: 11 passages in 7 of 70 bulletins, 2023-01-20 to 2023-11-02, newest first." """
    about = conditions(understood)
    if not understood.every and understood.kind != "latest":
        nearest = "the passage" if len(hits) == 1 else "the passages"
        text = f"{about}{nearest} nearest to the question."
        return text[0].upper() + text[1:]
    names = {hit.passage.bulletin for hit in hits}
    dates = sorted(date for name in names if (date := library.by_name[name].date))
    period = f", {written(dates[0], dates[-1])}" if dates else ""
    order = {"date-asc": ", oldest first", "date-desc": ", newest first", "relevance": ""}[understood.sort]
    part = f"; {shown} shown" if shown < len(hits) else ""
    whole = counted(len(library.bulletins), "bulletin")
    return f"{about}{counted(len(hits), 'passage')} in {len(names)} of {whole}{period}{order}{part}."


def nothing_of(labels: Sequence[str]) -> str:
    """The things compared that nothing was found for."""
    return f" There is nothing on {_listed(labels)}." if labels else ""


def nothing_left(library: Library, understood: Query, instead: str) -> str:
    """The districts and the period leave no passage; ``instead`` is what was searched without them."""
    offer = f" Below are the nearest passages {instead}." if instead else ""
    text = f"{conditions(understood)}none of these bulletins tells of this.{offer} {looked_over(library)}"
    return f"{text[0].upper()}{text[1:]}"


def unsaid(library: Library, understood: Query, missing: Missing) -> str:
    """What the question names stands in no passage that is about the rest of it."""
    words = _listed([f"“{word}”" for word in missing.words])
    text = f"{conditions(understood)}no passage near to the question tells of {words}"
    if missing.places and missing.instead:
        text += f"; the nearest tells of {_listed(missing.instead)}"
    return f"{text[0].upper()}{text[1:]}. {looked_over(library)}"


_THINGS = {"money": "sum of money", "phone": "telephone number", "web": "address on the Web", "person": "leader"}


def untold(library: Library, understood: Query) -> str:
    """A kind of thing is asked for that the passage about the rest doesn't hold."""
    thing = _THINGS.get(understood.asks or "", "such thing")
    text = f"{conditions(understood)}the nearest passage tells of this, but of no {thing}."
    return f"{text[0].upper()}{text[1:]} {looked_over(library)}"


def far(library: Library, understood: Query) -> str:
    """Nothing is about what is asked."""
    text = f"{conditions(understood)}nothing in these bulletins is about this. {looked_over(library)}"
    return f"{text[0].upper()}{text[1:]}"


def read_as(question: str, corrections: Sequence[Correction]) -> str:
    """Which words were taken for others."""
    pairs = [f"“{question[one.start : one.end]}” as “{one.instead}”" for one in corrections]
    return f"Reading {_listed(pairs)}. " if pairs else ""


def looked_over(library: Library) -> str:
    dates = library.dates()
    period = f" dated {written(*dates)}" if dates else ""
    return f"I looked through {counted(len(library.bulletins), 'bulletin')}{period}."


def conditions(understood: Query) -> str:
    """What was carried over and what the answer was narrowed to: "Haidian District, 2024: "."""
    parts = [*understood.districts, written(understood.date_from, understood.date_to)]
    narrowed = ", ".join(part for part in parts if part)
    carried = f"Following on from “{', '.join(understood.carried)}”. " if understood.carried else ""
    return f"{carried}{narrowed}: " if narrowed else carried


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
