"""Plain text as copied from the office's site: title, header lines, body."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from rag.ingest.boilerplate import HeaderFields, content_lines, find_header, is_above_title, parse_date
from rag.ingest.headlines import is_headline
from rag.models import Document, Line, LineKind

# A line's own words: what stands around them is white space, or has no width.
WORDS = re.compile(r"[^\s\u200b\ufeff](?:[^\r\n]*[^\s\u200b\ufeff])?")
# The first of them that can't be broken off: of Chinese, a character.
FIRST_WORD = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]|[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
_BLANK = "".join(chr(n) for n in range(0x3001) if chr(n).isspace()) + "\u200b\ufeff"
Apart = Callable[[Line, Line], bool]
_HEADER_WITHIN = 40  # lines in which a header must stand; menus copied along can be long
_LONGEST_TITLE = 3  # lines
_LONGEST_TITLE_LINE = 400  # characters


def read_text(text: str) -> Document:
    """The page that a decoded text file is.  ``text`` is kept as it is."""
    lines = [Line(match.start(), match.end()) for match in WORDS.finditer(text)]
    return read_lines(text, lines, [line.of(text) for line in lines])


def read_lines(
    text: str,
    lines: Sequence[Line],
    words: Sequence[str],
    *,
    stated: HeaderFields | None = None,
    title: str | None = None,
    top: Collection[int] = (),
    apart: Apart | None = None,
) -> Document:
    """The page that a file's lines make: their places in its text, and their words as a reader sees them.

    ``stated`` and ``title`` are what the file says elsewhere, and come first; ``top`` are the numbers of the lines that
    it marks as headings of the first level; ``apart`` tells whether two lines stand apart, by default where a blank
    line does.
    """
    apart = apart or (lambda upper, lower: not _adjacent(text, upper, lower))
    if header := find_header(words[:_HEADER_WITHIN]):
        start, body, fields = header
        # Where the header's own lines stand apart, blank lines tell nothing.
        spaced = body - start > 1 and apart(lines[start], lines[start + 1])
        first, end = _title_above(lines[:start], words, spaced, apart), start
    else:
        fields = HeaderFields()
        first, end = (0, 0) if title else _title_without_header(words, top)
        body = end
    # The title can stand below the header, or be stated once more.
    if (title and words[body : body + 1] == [title]) or ((title or first == end) and {*top} == {body}):
        first, end, body = body, body + 1, body + 1
    fields = (stated or HeaderFields()) | fields
    return Document(
        text=text,
        title=title or " ".join(" ".join(words[first:end]).split()) or None,
        date=parse_date(fields.date),
        source=fields.source or None,
        url=fields.url or None,
        column=None,
        body=tuple(lines[body + number] for number in content_lines(words[body:])),
    )


def _title_above(above: Sequence[Line], words: Sequence[str], spaced: bool, apart: Apart) -> int:
    """Number of the title's first line: the lines right above the header are the title's, up to a menu, or to where
    lines stand apart unless all are ``spaced``."""
    first = len(above)
    for number in range(len(above) - 1, max(len(above) - _LONGEST_TITLE, 0) - 1, -1):
        parted = not spaced and first < len(above) and apart(above[number], above[first])
        if parted or len(words[number]) > _LONGEST_TITLE_LINE or is_above_title(words[number]):
            break
        first = number
    return first


def _title_without_header(words: Sequence[str], top: Collection[int]) -> tuple[int, int]:
    """[start:end] of the title's line, where the first line reads as one."""
    at = next((n for n, line in enumerate(words) if not is_above_title(line)), len(words))
    return (at, at + 1) if at < len(words) - 1 and (at in top or is_headline(words[at])) else (at, at)


def _adjacent(text: str, upper: Line, lower: Line) -> bool:
    """No blank line stands between the two."""
    between = text[upper.end : lower.start]
    return len(re.findall(r"\r\n|\r|\n", between)) == 1


def placed(text: str, start: int, end: int, mark: LineKind = "") -> Line | None:
    """The line of the words in [start:end]; None where there are none."""
    words = text[start:end]
    first = len(words) - len(words.lstrip(_BLANK))
    return Line(start + first, start + len(words.rstrip(_BLANK)), mark) if words.strip(_BLANK) else None


def unwrapped(words: str) -> str:
    """The words of a paragraph or heading that goes over several lines, on one line; in Markdown a quotation's mark
    stands before each."""
    first, *others = re.split(r"[\r\n]+", words)
    return " ".join([first.rstrip(), *(line.lstrip(f"{_BLANK}>").rstrip() for line in others)]) if others else words
