"""The permanent page of a quote: its words, its citation, its files for other tools, and what became of it since."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answer.citation import receipt
from rag.answer.citation.annotation import annotation
from rag.answer.citation.bibliography import bibtex, csl_json, ris
from rag.answer.citation.source import cite
from rag.answer.citation.text_fragment import text_fragment_url
from rag.ingest.near_duplicates import fold_typography
from rag.library import archive
from rag.library.archive import ArchivedText
from rag.models import Citation, Span, StoredBulletin
from rag.web.pages.bulletin import parse_span
from rag.web.pages.text_diff import ParagraphPair, diff_quoted
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

# What a quote can be saved as: the end of its address, its name on the page and its media type.
FILES = {
    ".csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json"),
    ".bib": ("BibTeX", "application/x-bibtex; charset=utf-8"),
    ".ris": ("RIS", "application/x-research-info-systems; charset=utf-8"),
    ".annotation.json": ("Web Annotation", 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'),
    ".receipt.json": ("Receipt", "application/json"),
}
_PLACE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class LaterText:
    """Quoted words in a later text of their bulletin, or of one that corrects it.

    ``at`` is where they stand unchanged, ``alike`` whether they stand there but for spaces, quotation marks and dashes;
    ``pairs`` are their paragraphs beside those of the later text.
    """

    later: StoredBulletin
    at: Span | None
    alike: bool
    pairs: tuple[ParagraphPair, ...]


def quote_html(library: Library, sha256: str, place: str, *, up: str) -> str | None:
    """Returns the page of the slice "START-END" of the text with that digest, None where there is no such slice.

    Raises:
        QuoteMismatch, LibraryDamaged: the stored text isn't what was stored.
    """
    match = _lookup(library, sha256, place)
    if match is None:
        return None
    archived, cited = match
    return render(
        "quote_page.html",
        up=up,
        cited=cited,
        archived=archived,
        original=text_fragment_url(cited.url, archived.text, cited.start, cited.end),
        files={suffix: name for suffix, (name, _) in FILES.items()},
        since=later_text(library, archived, cited),
    )


def quote_file(library: Library, sha256: str, place: str, suffix: str) -> File | None:
    """Returns the slice as one of ``FILES``, None where there is no such slice.

    Raises:
        QuoteMismatch, LibraryDamaged: the stored text isn't what was stored.
    """
    match = _lookup(library, sha256, place)
    if match is None:
        return None
    archived, cited = match
    today = dt.date.today()
    content: str | bytes
    if suffix == ".bib":
        content = bibtex(cited, today)
    elif suffix == ".ris":
        content = ris(cited, today)
    elif suffix == ".csl.json":
        content = _json([csl_json(cited, today)])
    elif suffix == ".annotation.json":
        content = _json(annotation(cited, archived.text))
    else:
        content = receipt.of_citation(cited, library, today).to_bytes()
    data = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
    return File(data, FILES[suffix][1], f"{cited.key}{suffix}")


def later_text(library: Library, archived: ArchivedText, quoted: Span) -> LaterText | None:
    """Finds the quoted words in the later text; None where there is none.

    Raises:
        LibraryDamaged: a stored text isn't what was stored.
    """
    later = archived.now if archived.state == "changed" else archived.corrected_by
    if later is None or archived.bulletin is None:
        return None
    new = library.text(later.sha256)
    words = quoted.of(archived.text)
    at = new.find(words)
    return LaterText(
        later,
        Span(at, at + len(words)) if at >= 0 else None,
        at < 0 and fold_typography(words) in fold_typography(new),
        diff_quoted(archived.text, archived.bulletin, quoted, new, later),
    )


def _lookup(library: Library, sha256: str, place: str) -> tuple[ArchivedText, Citation] | None:
    numbers = _PLACE.fullmatch(place)
    archived = archive.find(library, sha256) if numbers else None
    if numbers is None or archived is None:
        return None
    span = parse_span(numbers[1], numbers[2], len(archived.text))
    return (archived, cite(archived.text, archived.bulletin, span.start, span.end)) if span else None


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)
