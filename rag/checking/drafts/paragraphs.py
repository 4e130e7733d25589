"""A draft's lines and paragraphs, and the block quotations that lines beginning with ``>`` make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.budget import step
from rag.checking.config import DRAFTS
from rag.models import Span
from rag.text.cjk import EAST_ASIAN, FULL_WIDTH

BLOCK_MARKER = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_FIRST_WORD = re.compile(rf"\s*([{EAST_ASIAN}{FULL_WIDTH}]|[^\s{EAST_ASIAN}{FULL_WIDTH}]*)")
# What a sentence may end with: a full line that ends so needn't go on in the next one.
_ENDED = tuple(".!?:。！？：…\"'”’»」』)")


@dataclass(frozen=True, slots=True)
class Line(Span):
    """A line without its break and without the ``>`` it begins with; ``level`` counts those."""

    level: int


@dataclass(frozen=True, slots=True)
class Paragraph(Span):
    """A paragraph's words, from the first to the last; ``block`` is the innermost block quotation that holds it."""

    block: int | None


def trim(text: str, span: Span, characters: str | None = None) -> Span:
    """Returns the span without the white space, or without these characters, at its ends."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip(characters))
    return Span(start, start + len(words.strip(characters)))


def lines(text: str) -> list[Line]:
    """Returns every line of the text, in order."""
    text_lines: list[Line] = []
    for match in _LINE.finditer(text):
        step()
        end = match.start() + len(match[0].rstrip("\r\n"))
        marker = BLOCK_MARKER.match(text, match.start(), end)
        start = marker.end() if marker else match.start()
        text_lines.append(Line(start, end, text.count(">", match.start(), start)))
        if len(match[0]) == end - match.start():  # no line break: the last one
            break
    return text_lines


def quoted_lines(text: str, text_lines: Sequence[Line]) -> list[Span]:
    """Returns the block quotations that ``>`` makes, each once, outer before inner."""
    blocks: list[Span] = []
    open_: list[tuple[int, int]] = []  # level and start
    last = 0
    for line in [*text_lines, Line(len(text), len(text), 0)]:
        start = line.start
        while open_ and open_[-1][0] > line.level:
            _, start = open_.pop()
            blocks.append(Span(start, last))
        if line.level and (not open_ or open_[-1][0] < line.level):
            open_.append((line.level, start))
        last = line.end
    return sorted(set(blocks), key=lambda block: (block.start, -block.end))


def paragraphs(text: str, text_lines: Sequence[Line], blocks: Sequence[Span]) -> list[Paragraph]:
    """Returns the text's paragraphs, in order; none is blank, and none reaches over the edge of a block quotation.

    A blank line parts paragraphs.  So does a line break, except where an editor has wrapped the text.
    """
    paragraphs: list[Paragraph] = []
    block_numbers = _innermost(text_lines, blocks)
    run: list[tuple[Line, int | None]] = []
    for line, block in zip(text_lines, block_numbers, strict=True):
        step()
        if run and (run[-1][1] != block or run[-1][0].level != line.level or not line.of(text).strip()):
            paragraphs += _wrapped(text, run)
            run = []
        if line.of(text).strip():
            run.append((line, block))
    return [*paragraphs, *_wrapped(text, run)]


def _innermost(text_lines: Sequence[Line], blocks: Sequence[Span]) -> list[int | None]:
    """For each line the number of the innermost block that it begins in."""
    numbers: list[int | None] = []
    open_: list[int] = []
    at = 0
    for line in text_lines:
        while at < len(blocks) and blocks[at].start < max(line.end, line.start + 1):
            open_.append(at)
            at += 1
        while open_ and blocks[open_[-1]].end <= line.start:
            open_.pop()
        numbers.append(open_[-1] if open_ else None)
    return numbers


def _wrapped(text: str, run: Sequence[tuple[Line, int | None]]) -> Iterator[Paragraph]:
    """Lines that follow one another, as paragraphs: a line goes on in the next where that one's first word had no room
    in it."""
    if not run:
        return
    width = max(len(line.of(text).strip()) for line, _ in run)
    full = []
    for (line, _), (after, _) in pairwise(run):
        first = _FIRST_WORD.match(text, after.start, after.end)
        full.append(len(line.of(text).strip()) + 1 + len(first[1] if first else "") > width)
    unended = [not line.of(text).rstrip().endswith(_ENDED) for line, _ in run[:-1]]
    in_range = DRAFTS.min_wrapped_chars <= width <= DRAFTS.max_wrapped_chars
    wraps = in_range and any(f and u for f, u in zip(full, unended, strict=True))
    start: int | None = None
    for (line, block), goes_on in zip(run, [*(wraps and f for f in full), False], strict=True):
        start = line.start if start is None else start
        if not goes_on:
            words = trim(text, Span(start, line.end))
            yield Paragraph(words.start, words.end, block)
            start = None
