"""A saved web page -> its bulletin: the government page's metadata first, then the lines among its boilerplate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from rag.ingest.boilerplate import content_lines, is_above_title
from rag.ingest.header import HeaderFields, find_header
from rag.ingest.headlines import ends_sentence, is_headline
from rag.ingest.readers.html_layout import Layout, PageLine, check_nesting, lay_out
from rag.ingest.readers.html_metadata import PageMetadata
from rag.ingest.readers.left_out import LeftOut, left_out_notes
from rag.ingest.readers.text import WORDS
from rag.models import Document, Line

_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)
_INDENT = " \t\u00a0\u3000"
_MAX_LINES_TO_HEADER = 3  # from the title to the header: a subtitle can stand between


def read_html(text: str) -> Document:
    """Returns a saved page's bulletin, whose text is title and body; raises ``Refused`` as ``check_nesting`` does."""
    check_nesting(text)
    tree = LexborHTMLParser(text)
    page = PageMetadata(tree)
    lines, article_start, left_out = _article_lines(lay_out(tree))
    words = [line.words for line in lines]
    header = find_header([line.stated or line.words for line in lines])
    start, end, fields = header or (_first_paragraph(words), 0, HeaderFields())
    titles = page.titles()
    shown_title = _shown_title(lines[:start], [page.title, *titles], header is not None)
    title = page.title or shown_title or next(iter(titles), None)
    body_start = _body_start(words, max(end, article_start), {title, shown_title})
    known = {_casefold(title or "")}
    first = next((number for number, line in enumerate(words[:body_start]) if _casefold(line) in known), body_start)
    page_text, body = _compose(title, [lines[body_start + number] for number in content_lines(words[body_start:])])
    return Document(
        text=page_text,
        title=title,
        date=page.published or fields.day() or page.updated,
        source=page.source or fields.source or page.publisher,
        url=page.url(_SAVED_FROM.search(text[:4096])) or fields.url or None,
        column=page.column,
        body=tuple(body),
        notes=left_out_notes([piece for number, piece in left_out if number >= first]),
    )


def _compose(title: str | None, lines: Sequence[PageLine]) -> tuple[str, list[Line]]:
    """Returns the bulletin's text, and its body's lines as slices of it."""
    parts, at = ([title], len(title) + 1) if title else ([], 0)
    body = []
    for line in lines:
        # An indent of no-break or full-width spaces stays in the text; the line begins after it.
        if words := WORDS.search(line.words):
            body.append(Line(at + words.start(), at + words.end(), line.kind))
        parts.append(line.words)
        at += len(line.words) + 1
    return "\n".join(parts), body


def _article_lines(layout: Layout) -> tuple[list[PageLine], int, list[tuple[int, LeftOut]]]:
    """Returns the page's lines up to the end of the article's box without boilerplate, the number of its first, and
    what was left out in that box, with the number of the line below.

    Names of boxes can mislead: boilerplate never holds half of a page's prose, and an article's box holds most of it.
    """
    lines = layout.lines
    prose = [0, *accumulate(line.prose for line in lines)]
    kept = [True] * len(lines)
    for start, end in layout.boilerplate:
        if (prose[end] - prose[start]) * 2 <= prose[-1]:
            kept[start:end] = [False] * (end - start)
    shown = [keep and not line.left_out for line, keep in zip(lines, kept, strict=True)]
    before = [0, *accumulate(shown)]
    prose = [0, *accumulate(line.prose * keep for line, keep in zip(lines, kept, strict=True))]
    boxes = [(start, end) for start, end in layout.articles if (prose[end] - prose[start]) * 10 >= prose[-1] * 8 > 0]
    # Elements close from the inside out: the first box is an innermost one.
    start, end = boxes[0] if boxes else (0, len(lines))
    left_out = [(before[n], piece) for n in range(start, end) if (piece := lines[n].left_out) and kept[n]]
    return [line for line, show in zip(lines[:end], shown, strict=False) if show], before[start], left_out


def _body_start(words: Sequence[str], at: int, titles: set[str | None]) -> int:
    """Returns the number of the first line after header, menus and title, from ``at`` on."""
    while at < len(words) and is_above_title(words[at]):
        at += 1
    known = {_casefold(title) for title in titles if title}
    above = range(at, _first_paragraph(words, at))
    return max((number + 1 for number in above if _casefold(words[number]) in known), default=at)


def _first_paragraph(words: Sequence[str], at: int = 0) -> int:
    paragraphs = (n for n in range(at, len(words)) if ends_sentence(words[n]) and not is_headline(words[n]))
    return next(paragraphs, len(words))


def _shown_title(lines: Sequence[PageLine], titles: Sequence[str | None], above_header: bool) -> str | None:
    """Returns the title as it is shown: one that the page states, the highest heading, or the line above the header."""
    near = [line for line in lines if line.kind not in ("item", "caption") and not is_above_title(line.words)]
    near = near[-_MAX_LINES_TO_HEADER:] if above_header else near
    shown = {_casefold(line.words) for line in near}
    if stated := next((title for title in titles if title and _casefold(title) in shown), None):
        return stated
    headings = [line for line in near if 0 < line.level <= 2]
    if headings:
        return min(headings, key=lambda line: line.level).words.strip(_INDENT)
    return near[-1].words.strip(_INDENT) if near and above_header else None


def _casefold(words: str) -> str:
    return " ".join(words.split()).casefold()
