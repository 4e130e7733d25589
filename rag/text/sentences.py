"""Splits a text into sentences, in English and in Chinese."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from rag import limits
from rag.models import Span
from rag.text.cjk import CHINESE, is_chinese

_WORD = re.compile(rf"[^\W\d_]{{2}}|[{CHINESE}]")
_SPACE = re.compile(r"\s*")
_BREAK = re.compile(r"[\r\n]+")
# Ends that sentencex misses: after a closing bracket or quotation mark, and a Chinese full stop before a number.
_MISSED = re.compile(r"(?<=[a-z0-9][.!?][)\]\u201d\"]) +(?=[A-Z][a-z]+ [a-z])|[。！？](?=\d)")
# Ends that it sees where there are none.
_ABBREVIATION = re.compile(r"\b(?:Ms|Mses|Vol|Nos|approx|est)\.\s*$")
# An opening mark belongs to the sentence that it opens; sentencex leaves it with the one before.
_OPENING = re.compile(r"[“‘«「『《(（\[]+\s*")
# Between an initial and a full stop, sentencex takes white space for one byte, and ends the program where it has more.
_WIDE_SPACE = re.compile(r"(?<=[^\W\d_])[^\S\x00-\x7f](?=\.)")
_MAX_CHARS = 5_000  # given to sentencex at once, which keeps its work linear


def split_sentences(text: str) -> list[Span]:
    """The text's sentences, in order: together they are the whole text, each with the white space after it.

    A line break always ends a sentence; what holds no word ("1.", a dash) joins the sentence after it.
    """
    spans: list[Span] = []
    start = seen = 0
    for end in _ends(text):
        if _WORD.search(text, seen, end):
            spans.append(Span(start, end))
            start = end
        seen = end
    if start < len(text):
        spans[-1:] = [Span(spans[-1].start if spans else start, len(text))]
    return spans


def trim(span: Span, text: str) -> Span:
    """The span without the white space at its ends."""
    words = span.of(text)
    return Span(span.end - len(words.lstrip()), span.start + len(words.rstrip()))


def split_long_sentence(span: Span, text: str) -> list[Span]:
    """A long sentence in two or three parts, cut after white space where there is any; none is blank."""
    half = max((span.end - span.start + 1) // 2, 1)
    parts = [Span(*part) for part in _parts(text, span.start, span.end, half)]
    return [part for part in parts if part.of(text).strip()]


def _ends(text: str) -> list[int]:
    ends = {match.end() for match in _BREAK.finditer(text)} | {len(text)}
    at = 0
    for line_end in sorted(ends):
        for start, end in _parts(text, at, line_end, _MAX_CHARS):
            line = text[start:end].rstrip("\r\n")
            language = "zh" if is_chinese(line) else "en"
            seen = [boundary["end_index"] for boundary in get_sentence_boundaries(language, _WIDE_SPACE.sub(" ", line))]
            seen = [end for end in seen if not _ABBREVIATION.search(line, max(end - 12, 0), end)]
            opening = {
                end: mark.start() for mark in _OPENING.finditer(line) for end in range(mark.start() + 1, mark.end() + 1)
            }
            ends.update(start + (opening.get(end, end) if end < len(line) else end) for end in seen)
            ends.update(start + match.end() for match in _MISSED.finditer(line))
        at = line_end
    # The white space after a sentence belongs to it.
    ends = {_SPACE.match(text, end).end() for end in ends}  # type: ignore[union-attr]
    # What is over the limit has lost its full stops, and the encoder reads no more.
    sentences = itertools.pairwise((0, *sorted(ends)))
    return [end for span in sentences for _, end in _parts(text, *span, limits.MAX_SENTENCE_CHARS)]


def _parts(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """[start:end] in parts of at most ``max_chars`` characters, cut after white space where there is any."""
    while end - start > max_chars:
        last = start + max_chars
        cut = next((n for n in range(last, last - max_chars // 2, -1) if text[n - 1].isspace()), last)
        yield start, cut
        start = cut
    if start < end:
        yield start, end
