"""Plain text as copied from the office's site: title, header lines, body."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.furniture import (
    header_fields,
    is_above_title,
    is_furniture,
    opens_related_links,
    read_date,
)
from rag.headline import ends_sentence, reads_as_headline
from rag.records import Line, Page

_LINE = re.compile(r"[^\r\n]+")
_HEADER_WITHIN = 40  # lines in which a header must begin; menus copied along can be long
_LONGEST_TITLE = 3  # lines
_BLANK = " \t\u00a0\u3000\v\f\u200b\ufeff"


def read_plain(text: str) -> Page:
    """The page that a decoded text file is.  ``text`` is kept as it is."""
    lines = list(_lines(text))
    first = _header(lines, text)
    title_lines, at = _title(lines, first, text)
    title = " ".join(" ".join(line.of(text).split()) for line in title_lines) or None
    date = source = url = None
    while at < len(lines) and (fields := header_fields(lines[at].of(text))):
        date, source, url = (
            date or read_date(fields.date),
            source or fields.source or None,
            url or fields.url or None,
        )
        at += 1
    return Page(text, title, date, source, url, None, tuple(body_lines(lines[at:], text)))


def body_lines(lines: Iterable[Line], text: str) -> list[Line]:
    """The lines that are the bulletin's own: furniture goes, and so does everything after "Related Links"."""
    kept: list[Line] = []
    lines = list(lines)
    for number, line in enumerate(lines):
        words = line.of(text)
        if opens_related_links(words) and not any(ends_sentence(after.of(text)) for after in lines[number + 1 :]):
            break
        if not is_furniture(words):
            kept.append(line)
    return kept


def _lines(text: str) -> Iterable[Line]:
    """The lines that aren't blank, without the white space around them."""
    for match in _LINE.finditer(text):
        words = match[0]
        start = match.start() + len(words) - len(words.lstrip(_BLANK))
        end = match.start() + len(words.rstrip(_BLANK))
        if start < end:
            yield Line(start, end)


def _header(lines: list[Line], text: str) -> int | None:
    """Number of the first header line.  After a paragraph, "Date: …" is part of a notice, not of the head."""
    for number, line in enumerate(lines[:_HEADER_WITHIN]):
        words = line.of(text)
        if header_fields(words):
            return number
        if len(words) > 200 and ends_sentence(words):
            return None
    return None


def _title(lines: list[Line], header: int | None, text: str) -> tuple[list[Line], int]:
    """The title's lines, and the number of the line after the title."""
    if header is None:
        at = next((n for n, line in enumerate(lines) if not is_above_title(line.of(text))), len(lines))
        if at < len(lines) - 1 and reads_as_headline(lines[at].of(text)):
            return [lines[at]], at + 1
        return [], at
    above: list[Line] = []
    for line in reversed(lines[:header]):
        if is_above_title(line.of(text)) or len(above) == _LONGEST_TITLE:
            break
        if above and not _adjacent(text, line, above[0]):
            break
        above.insert(0, line)
    return above, header


def _adjacent(text: str, upper: Line, lower: Line) -> bool:
    """No blank line stands between the two."""
    between = text[upper.end : lower.start]
    return len(re.findall(r"\r\n|\r|\n", between)) == 1
