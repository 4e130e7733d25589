"""Plain text as copied from the office's site: title, header lines, body."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.furniture import HeaderFields, find_header, is_above_title, own_lines, read_date
from rag.headline import reads_as_headline
from rag.records import Line, Page

# A line's own words: what stands around them is white space, or has no width.
WORDS = re.compile(r"[^\s\u200b\ufeff](?:[^\r\n]*[^\s\u200b\ufeff])?")
_HEADER_WITHIN = 40  # lines in which a header must stand; menus copied along can be long
_LONGEST_TITLE = 3  # lines
_LONGEST_TITLE_LINE = 400  # characters


def read_plain(text: str) -> Page:
    """The page that a decoded text file is.  ``text`` is kept as it is."""
    lines = [Line(match.start(), match.end()) for match in WORDS.finditer(text)]
    words = [line.of(text) for line in lines]
    if header := find_header(words[:_HEADER_WITHIN]):
        start, body, fields = header
        # Where the header's own lines stand apart, blank lines tell nothing.
        spaced = body - start > 1 and not _adjacent(text, lines[start], lines[start + 1])
        title_lines = _title_above(lines[:start], text, spaced)
    else:
        fields = HeaderFields()
        title_lines, body = _title_without_header(lines, text)
    return Page(
        text=text,
        title=" ".join(" ".join(line.of(text).split()) for line in title_lines) or None,
        date=read_date(fields.date),
        source=fields.source or None,
        url=fields.url or None,
        column=None,
        body=tuple(lines[body + number] for number in own_lines(words[body:])),
    )


def _title_above(above: Sequence[Line], text: str, spaced: bool) -> Sequence[Line]:
    """The title's lines: those right above the header, up to a menu, or to a blank line unless all are ``spaced``."""
    first = len(above)
    for number in range(len(above) - 1, max(len(above) - _LONGEST_TITLE, 0) - 1, -1):
        words = above[number].of(text)
        apart = not spaced and first < len(above) and not _adjacent(text, above[number], above[first])
        if apart or len(words) > _LONGEST_TITLE_LINE or is_above_title(words):
            break
        first = number
    return above[first:]


def _title_without_header(lines: Sequence[Line], text: str) -> tuple[Sequence[Line], int]:
    """The title's line, where the first line reads as one, and the number of the line after it."""
    at = next((n for n, line in enumerate(lines) if not is_above_title(line.of(text))), len(lines))
    if at < len(lines) - 1 and reads_as_headline(lines[at].of(text)):
        return lines[at : at + 1], at + 1
    return [], at


def _adjacent(text: str, upper: Line, lower: Line) -> bool:
    """No blank line stands between the two."""
    between = text[upper.end : lower.start]
    return len(re.findall(r"\r\n|\r|\n", between)) == 1
