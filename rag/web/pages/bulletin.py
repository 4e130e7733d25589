"""One stored bulletin as a page: what is known of it, its sections, and its text with the quoted slice marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.library import archive
from rag.models import Section, Span, StoredBulletin
from rag.web.chat.answer_cards import stretches
from rag.web.pages.text_diff import whole
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of sections; ``anchor`` is the id of its place in the text."""

    anchor: str
    districts: tuple[str, ...]
    heading: str | None


def bulletin_html(library: Library, sha256: str, start: str | None, end: str | None, *, up: str = "../") -> str | None:
    """The page of the bulletin whose text has that digest, or None where the library holds no such text.

    ``start`` and ``end`` come from the address: a pair that is no slice marks nothing, and the page says so.  ``up``
    leads from the page's address to the desk's root.

    Raises:
        RagError: the stored text is damaged.
    """
    kept = archive.kept(library, sha256)
    if kept is None:
        return None
    text = kept.text
    bulletin = kept.bulletin or _nobody_s(sha256)
    asked = start is not None or end is not None
    quote = span_of(start, end, len(text))
    marks = list(_marks(text, bulletin.sections))
    anchors = {section.start: f"s{n}" for n, section in enumerate(bulletin.sections) if section.role == "event"}
    cuts = (Span(0, quote.start), quote, Span(quote.end, len(text))) if quote else (Span(0, len(text)),)
    return render(
        "bulletin.html",
        up=up,
        kept=kept,
        bulletin=bulletin,
        parts=[list(_pieces(text, cut, marks, anchors)) for cut in cuts],
        quote=quote,
        misplaced=asked and quote is None,
        entries=[Entry(anchors[s.start], s.districts, s.heading) for s in bulletin.sections if s.start in anchors],
        related=related(library, bulletin),
        versions=archive.versions(library, bulletin.name) if kept.bulletin else (),
    )


def beside_html(library: Library, sha256: str, other: str, *, up: str) -> str | None:
    """The page of two stored texts side by side, the earlier on the left; None where there is no such text.

    Raises:
        RagError: a stored text is damaged.
    """
    old, new = archive.kept(library, sha256), archive.kept(library, other)
    if old is None or new is None:
        return None
    pairs = whole(old.text, new.text)
    return render(
        "beside.html",
        up=up,
        old=old.bulletin or _nobody_s(sha256),
        new=new.bulletin or _nobody_s(other),
        pairs=pairs,
        differ=sum(not pair.same for pair in pairs),
    )


@dataclass(frozen=True, slots=True)
class Related:
    """Bulletins of today that carry the same text, and those that this one corrects."""

    copies: tuple[StoredBulletin, ...]
    corrects: tuple[StoredBulletin, ...]


def related(library: Library, bulletin: StoredBulletin) -> Related:
    return Related(
        tuple(library.by_name[name] for name in library.copies.get(bulletin.body, ()) if name != bulletin.name),
        tuple(library.by_name[name] for name in bulletin.replaces if name in library.by_name),
    )


def _nobody_s(sha256: str) -> StoredBulletin:
    """What stands for the bulletin of a text that nothing tells of any more."""
    return StoredBulletin(f"texts/{sha256}.txt", None, None, None, None, None, "utf-8", sha256, "", (), "", ())


def span_of(start: str | None, end: str | None, length: int) -> Span | None:
    """A usable pair of offsets, else None; more than nine digits are no offset in a bulletin."""
    if not all(value and value.isascii() and value.isdigit() and len(value) < 10 for value in (start, end)):
        return None
    span = Span(int(start or 0), int(end or 0))
    return span if span.start < span.end <= length else None


def _pieces(
    text: str, cut: Span, marks: Iterable[tuple[Span, str]], anchors: dict[int, str]
) -> Iterator[tuple[str, str, str | None]]:
    """The words of a stretch in order, each with its mark and with the anchor that stands right before it."""
    for span, mark in stretches(cut.start, cut.end, marks):
        ends = [*sorted(at for at in anchors if span.start < at < span.end), span.end]
        for start, end in zip([span.start, *ends[:-1]], ends, strict=True):
            yield text[start:end], mark, anchors.get(start)


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
