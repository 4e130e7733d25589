"""Plain text as copied from the office's site -> its bulletin: title, header lines, body.

The other readers share ``read_lines``, which tells these parts apart by the words of the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from rag.ingest.boilerplate import captions, content_lines, is_above_title, is_crumbs, is_paragraph
from rag.ingest.header import HeaderFields, find_header
from rag.ingest.headlines import is_headline
from rag.models import Document, Line, LineKind
from rag.text.cjk import CHINESE, FULL_WIDTH, PUNCTUATION

# The words of a line: around them is white space, or characters without width.
WORDS = re.compile(r"[^\s\u200b\ufeff](?:[^\r\n]*[^\s\u200b\ufeff])?")
# The first of them that a line can't be broken in; of Chinese, one character.
FIRST_WORD = re.compile(rf"[{PUNCTUATION}{CHINESE}{FULL_WIDTH}]|[^\s{PUNCTUATION}{CHINESE}{FULL_WIDTH}]+")
_BLANK = "".join(chr(n) for n in range(0x3001) if chr(n).isspace()) + "\u200b\ufeff"
AreApart = Callable[[Line, Line], bool]
_MAX_LINES_ABOVE_HEADER = 40  # menus that were copied along can be long
_MAX_TITLE_LINES = 3
_MAX_TITLE_LINE_CHARS = 400


def read_text(text: str) -> Document:
    """Returns the bulletin of a decoded text file; ``text`` is kept as it is."""
    lines = [Line(match.start(), match.end()) for match in WORDS.finditer(text)]
    return read_lines(text, lines, [line.of(text) for line in lines])


def read_lines(
    text: str,
    lines: Sequence[Line],
    words: Sequence[str],
    *,
    stated: HeaderFields | None = None,
    title: str | None = None,
    top_headings: Collection[int] = (),
    apart: AreApart | None = None,
) -> Document:
    """Returns the document that a file's lines make: their places in its text, and their words as a reader sees them.

    ``stated`` and ``title`` are given elsewhere in the file, and come first; ``top_headings`` are the numbers of the
    lines that it marks as headings of the first level; ``apart`` tells whether two lines stand apart, by default where
    a blank line is between them.
    """
    apart = apart or (lambda upper, lower: not adjacent(text, upper, lower))
    if header := find_header(words[:_MAX_LINES_ABOVE_HEADER]):
        start, body, fields = header
        # Where the header's own lines stand apart, blank lines say nothing.
        spaced = body - start > 1 and apart(lines[start], lines[start + 1])
        first, end = _title_above(lines[:start], words, spaced, apart), start
    else:
        fields = HeaderFields()
        first, end = (0, 0) if title else _title_without_header(words, top_headings)
        body = end
    # The title can stand below the header, or be stated once more.
    if (title and words[body : body + 1] == [title]) or ((title or first == end) and {*top_headings} == {body}):
        first, end, body = body, body + 1, body + 1
    fields = (stated or HeaderFields()) | fields
    return Document(
        text=text,
        title=title or fields.title or " ".join(" ".join(words[first:end]).split()) or None,
        date=fields.day(),
        source=fields.source or None,
        url=fields.url or None,
        column=None,
        body=tuple(_body(lines[body:], words[body:])),
    )


def _body(lines: Sequence[Line], words: Sequence[str]) -> Iterator[Line]:
    """Yields the lines of the body, those under pictures as captions."""
    under_pictures = captions(words)
    for number in content_lines(words):
        yield replace(lines[number], kind="caption") if number in under_pictures else lines[number]


def line_of_words(text: str, start: int, end: int, kind: LineKind = "") -> Line | None:
    """Returns the line of the words in [start:end], the white space around them left out; None where there are none."""
    words = text[start:end]
    first = len(words) - len(words.lstrip(_BLANK))
    return Line(start + first, start + len(words.rstrip(_BLANK)), kind) if words.strip(_BLANK) else None


def adjacent(text: str, upper: Line, lower: Line) -> bool:
    """Whether no blank line stands between the two lines."""
    between = text[upper.end : lower.start]
    return len(re.findall(r"\r\n|\r|\n", between)) == 1


def unwrap(words: str) -> str:
    """Returns the words of a paragraph or heading of several lines on one line.

    In a Markdown quotation a mark stands before each line; it is left out.
    """
    first, *others = re.split(r"[\r\n]+", words)
    return " ".join([first.rstrip(), *(line.lstrip(f"{_BLANK}>").rstrip() for line in others)]) if others else words


def _title_above(above: Sequence[Line], words: Sequence[str], spaced: bool, apart: AreApart) -> int:
    """Returns the number of the title's first line.

    The lines right above the header are the title's, up to a menu, or to where lines stand apart unless all are
    ``spaced``.
    """
    first = len(above)
    for number in range(len(above) - 1, max(len(above) - _MAX_TITLE_LINES, 0) - 1, -1):
        parted = not spaced and first < len(above) and apart(above[number], above[first])
        if parted or len(words[number]) > _MAX_TITLE_LINE_CHARS or is_above_title(words[number]):
            break
        # Words in capitals above a title that isn't name a column.
        if first < len(above) and words[number].isupper() and not words[first].isupper():
            break
        first = number
    return first


def _title_without_header(words: Sequence[str], top_headings: Collection[int]) -> tuple[int, int]:
    """Returns [start:end] of the title's line, empty where the first line doesn't read as one."""
    head = range(
        min(next((n for n, line in enumerate(words) if is_paragraph(line)), len(words)), _MAX_LINES_ABOVE_HEADER)
    )
    below_crumbs = max((n + 1 for n in head if is_crumbs(words[n])), default=0)
    at = next((n for n in range(below_crumbs, len(words)) if not is_above_title(words[n])), len(words))
    is_title = at < len(words) - 1 and (at in top_headings or is_headline(words[at]))
    return (at, at + 1) if is_title else (at, at)
