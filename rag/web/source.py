"""One stored bulletin as a page of its own, with the quoted slice marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.records import Section, Span
from rag.web.cards import stretches
from rag.web.render import render

if TYPE_CHECKING:
    from rag.library import Library


def bulletin_html(library: Library, sha256: str, start: str | None, end: str | None) -> str | None:
    """The page of the bulletin with that digest, or None where the library holds no such bulletin.

    ``start`` and ``end`` come from the address: a pair that is no slice marks nothing, and the page says so.

    Raises:
        RagError: the stored text is damaged.
    """
    bulletin = library.by_digest.get(sha256)
    if bulletin is None:
        return None
    text = library.text(sha256)
    asked = start is not None or end is not None
    quote = _slice(start, end, len(text))
    marks = list(_marks(text, bulletin.sections))
    cuts = (Span(0, quote.start), quote, Span(quote.end, len(text))) if quote else (Span(0, len(text)),)
    parts = [[(span.of(text), mark) for span, mark in stretches(cut.start, cut.end, marks)] for cut in cuts]
    return render("bulletin.html", bulletin=bulletin, parts=parts, misplaced=asked and quote is None)


def _slice(start: str | None, end: str | None, length: int) -> Span | None:
    """A usable pair of offsets, else None; more than nine digits are no offset in a bulletin."""
    if not all(value and value.isascii() and value.isdigit() and len(value) < 10 for value in (start, end)):
        return None
    span = Span(int(start or 0), int(end or 0))
    return span if span.start < span.end <= length else None


def _marks(text: str, sections: tuple[Section, ...]) -> Iterator[tuple[Span, str]]:
    """The lines to set apart: those before the first section, and the headings that open each section."""
    if sections:
        yield Span(0, min(section.start for section in sections)), "front"
    for section in sections:
        if section.role != "event":
            continue
        opening = min((paragraph.start for paragraph in section.paragraphs), default=section.end)
        at = section.start
        for line in text[section.start : opening].splitlines(keepends=True):
            words = line.strip()
            if words:
                headline = section.heading is not None and section.heading in words
                yield Span(at, at + len(line.rstrip())), "headline" if headline else "district"
            at += len(line)
