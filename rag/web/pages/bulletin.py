"""The page of a stored bulletin: its metadata, its sections, and its text with the quoted slice marked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rag.library import archive
from rag.library.archive import ArchivedText
from rag.models import Section, Span, StoredBulletin
from rag.web.pages.text_diff import diff_texts
from rag.web.templating import render
from rag.web.text_runs import split_at_marks

if TYPE_CHECKING:
    from rag.library.reader import Library


def bulletin_html(library: Library, sha256: str, start: str | None, end: str | None, *, up: str = "../") -> str | None:
    """Returns the page of the bulletin whose text has that digest, or None where the library holds no such text.

    ``start`` and ``end`` come from the address: a pair that is no slice marks nothing, and the page says so.  ``up``
    leads from the page's address to the desk's root.

    Raises:
        RagError: the stored text is damaged.
    """
    archived = archive.find(library, sha256)
    if archived is None:
        return None
    text = archived.text
    bulletin = archived.bulletin or _unknown_bulletin(sha256)
    slice_given = start is not None or end is not None
    quote = parse_span(start, end, len(text))
    return render(
        "bulletin.html",
        up=up,
        archived=archived,
        bulletin=bulletin,
        **lay_out(text, bulletin.sections, quote),
        misplaced=slice_given and quote is None,
        copies=[library.by_name[name] for name in library.copies.get(bulletin.body, ()) if name != bulletin.name],
        corrects=[library.by_name[name] for name in bulletin.replaces if name in library.by_name],
        versions=archive.versions(library, bulletin.name) if archived.bulletin else (),
    )


def lay_out(text: str, sections: tuple[Section, ...], quote: Span | None = None) -> dict[str, Any]:
    """Returns what the templates show of a bulletin's text: its parts before, in and after the quote, or all of it in
    one; its sections; and by the start of each the anchor that leads to it."""
    marks = list(_marks(text, sections))
    anchors = {section.start: f"s{n}" for n, section in enumerate(sections) if section.role == "event"}
    cuts = (Span(0, quote.start), quote, Span(quote.end, len(text))) if quote else (Span(0, len(text)),)
    return {
        "parts": [list(_anchored_runs(text, cut, marks, anchors)) for cut in cuts],
        "quote": quote,
        "entries": [section for section in sections if section.start in anchors],
        "anchors": anchors,
    }


def comparison_html(library: Library, sha256: str, other: str, *, up: str) -> str | None:
    """Returns the page of two stored texts side by side, the earlier on the left; None where there is no such text, or
    the one is neither a version nor a correction of the other.

    Raises:
        RagError: a stored text is damaged.
    """
    old, new = archive.find(library, sha256), archive.find(library, other)
    if old is None or new is None or not (_is_later(library, old, new) or _is_later(library, new, old)):
        return None
    pairs = diff_texts(old.text, new.text)
    return render(
        "beside.html",
        up=up,
        old=old.bulletin or _unknown_bulletin(sha256),
        new=new.bulletin or _unknown_bulletin(other),
        pairs=pairs,
        differ=sum(not pair.same for pair in pairs),
    )


def _is_later(library: Library, old: ArchivedText, new: ArchivedText) -> bool:
    """Whether the second is another text of the first's bulletin, or of one that corrects it."""
    linked = {bulletin.sha256 for bulletin in (old.now, old.corrected_by) if bulletin}
    if new.sha256 in linked:
        return True
    versions = archive.versions(library, old.bulletin.name) if old.bulletin else ()
    return {old.sha256, new.sha256} <= {text.sha256 for text in versions}


def _unknown_bulletin(sha256: str) -> StoredBulletin:
    """Stands for the bulletin of a text about which nothing else is known."""
    return StoredBulletin(f"texts/{sha256}.txt", None, None, None, None, None, "utf-8", sha256, "", (), "", ())


def parse_span(start: str | None, end: str | None, length: int) -> Span | None:
    """The span of two offsets of an address, None unless it lies within ``length``; no offset has ten digits."""
    if not all(value and value.isascii() and value.isdigit() and len(value) < 10 for value in (start, end)):
        return None
    span = Span(int(start or 0), int(end or 0))
    return span if span.start < span.end <= length else None


def _anchored_runs(
    text: str, span: Span, marks: Iterable[tuple[Span, str]], anchors: dict[int, str]
) -> Iterator[tuple[str, str, str | None]]:
    """The words of a span in runs, each with its mark and with the anchor that stands right before it."""
    places = sorted(anchors)
    for run, mark in split_at_marks(span, marks):
        ends = [*places[bisect_right(places, run.start) : bisect_left(places, run.end)], run.end]
        for start, end in zip([run.start, *ends[:-1]], ends, strict=True):
            yield text[start:end], mark, anchors.get(start)


def _marks(text: str, sections: tuple[Section, ...]) -> Iterator[tuple[Span, str]]:
    """What is set off from the text: all before the first section, and the headings that open each section."""
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
