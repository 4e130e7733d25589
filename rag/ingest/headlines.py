"""Tells headlines from prose by typography alone, without word lists."""

from __future__ import annotations

import re

from rag import limits
from rag.models import Span
from rag.text.sentences import split_sentences

_CLOSERS = "\"'\u201d\u2019)\uff09]】」』»› \t\u00a0\u3000"
_ENDS = ".!?\u2026。！？"
_GOES_ON = ",;:，；：、"
_INITIALS = re.compile(r"(?:\b[A-Z]\.){2,}$|\b(?:Inc|Ltd|Co|Corp|Jr|Sr|etc)\.$")
_ITEM = re.compile(r"^(?:[•·●○▪■◆*‣–-]\s+|[•·●○▪■◆])")
_NUMBERED = re.compile(r"^(?:\(?\d{1,2}[.)、．]\s*|[①-⑳]\s*|\(?[a-z][.)]\s+)")
_NUMBERING = re.compile(r"^(?:[IVXivx]{1,5}|\d{1,2}|[A-Za-z]|Step \w+|Part \w+)[.)、．]\s+")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_SHORT_WORDS, _MAX_SHORT_CHARS = 12, 80  # of a line that may lead over
_GAP = re.compile(r"[ \t\u00a0\u3000]{3,}|\t")
_GAP_OR_BAR = re.compile(rf"{_GAP.pattern}|[ \t]*\|[ \t]*")


def ends_sentence(line: str) -> bool:
    """Whether the line ends as a sentence does, before any closing quotation marks and brackets."""
    return line.rstrip(_CLOSERS)[-1:] in tuple(_ENDS)


def is_bullet(line: str) -> bool:
    """Whether the line begins with a bullet."""
    return bool(_ITEM.match(line))


def is_numbered(line: str) -> bool:
    """Whether the line begins with a number, as list items and some headings do."""
    return bool(_NUMBERED.match(line))


def split_cells(line: str) -> list[str]:
    """Returns the line's parts between tabs or runs of spaces, as in a table or a row of captions."""
    return [cell.of(line) for cell in cell_spans(line)]


def cell_spans(line: str, *, bars: bool = False) -> list[Span]:
    """Returns where the parts of ``split_cells`` stand in the line; in a table's row ``bars`` part cells too."""
    gaps = [match.span() for match in (_GAP_OR_BAR if bars else _GAP).finditer(line)]
    edges = zip([0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(line)], strict=True)
    return [Span(start, end) for start, end in edges if line[start:end].strip()]


def is_headline(line: str) -> bool:
    """Whether the line is short, begins like a title, neither ends nor goes on as a sentence, and is no item or row."""
    line = line.strip()
    if (
        len(line) > limits.MAX_HEADLINE_CHARS
        or len(line.split()) > limits.MAX_HEADLINE_WORDS
        or not _LETTER.search(line)
    ):
        return False
    if is_bullet(line) or len(split_cells(line)) > 1 or line[0].islower():
        return False
    bare = line.rstrip(_CLOSERS)
    if not bare or bare[-1] in _GOES_ON or line[-1] in _GOES_ON:
        return False
    if bare[-1] in ".。\u2026" and not _INITIALS.search(bare):
        return False
    bare = _NUMBERING.sub("", line)
    sentences = [span.of(bare).rstrip(_CLOSERS) for span in split_sentences(bare)]
    return len(sentences) == 1 or all(sentence.endswith(("?", "？")) for sentence in sentences)


def is_short_line(line: str) -> bool:
    """Whether the line is one short sentence or less, as a line is that leads over to what follows."""
    long = len(line) > _MAX_SHORT_CHARS or len(line.split()) > _MAX_SHORT_WORDS
    return not long and len(split_sentences(line)) == 1
