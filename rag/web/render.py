"""Records to HTML.  Every template is autoescaped: this is the page's one escaping point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rag.quote import prove
from rag.records import Answer, Quote, Span

if TYPE_CHECKING:
    from rag.library import Library


def day(date: dt.date | None) -> str:
    """A date as a person writes it, "11 March 2024"; "undated" where the bulletin states none."""
    return f"{date.day} {date:%B %Y}" if date else "undated"


def listed(names: Iterable[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def verbatim(text: str) -> Markup:
    """Stored text, escaped.  A parser turns a bare carriage return into a line feed, so it goes by its number."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def stretches(start: int, end: int, marked: Iterable[tuple[Span, str]]) -> Iterator[tuple[Span, str]]:
    """Cover ``[start, end)`` in order and without a gap, each stretch with its mark ("" for none)."""
    at = start
    for span, mark in sorted(marked, key=lambda item: (item[0].start, item[0].end)):
        first, last = max(span.start, at), min(span.end, end)
        if first >= last:
            continue
        if at < first:
            yield Span(at, first), ""
        yield Span(first, last), mark
        at = last
    if at < end:
        yield Span(at, end), ""


TEMPLATES = Environment(
    loader=PackageLoader("rag.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters.update(day=day, listed=listed, verbatim=verbatim)


def render(template: str, **values: object) -> str:
    """The filled-in template, as HTML."""
    return TEMPLATES.get_template(template).render(**values)


def answer_html(answer: Answer, library: Library) -> str:
    """An answer as the chat shows it, each quote compared with the stored bulletin once more.

    Raises:
        QuoteMismatch: a quote is not what its bulletin holds at its place.
        RagError: the library can't give a bulletin's text.
    """
    cards = [(quote, _pieces(quote, library.text(quote.sha256))) for quote in answer.quotes]
    return render("answer.html", answer=answer, cards=cards)


def _pieces(quote: Quote, text: str) -> list[tuple[str, str]]:
    prove(quote, text)
    marks = ((span, "mark") for span in quote.highlights)
    return [(span.of(text), mark) for span, mark in stretches(quote.start, quote.end, marks)]
