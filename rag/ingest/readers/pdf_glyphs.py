"""The characters that a PDF's page shows, with their places, and the lines that they make."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rag.ingest.readers.pdf_rows import Row

_MAX_LENGTH_POINTS = 1e6
# In the font's size.
_SAME_LINE = 0.6  # raised and lowered characters are no further from the base line
_WORD_GAP, _WIDE_WORD_GAP = 0.15, 0.6  # between words, and between Chinese ones, whose lines are spaced out
_NO_ROOM = 0.05
_SPACED_OUT = 1.7  # of the usual room between a line's letters, where these are spaced out
_STEP_BACK = 0.5  # further to the left a line begins
_RAISED, _RAISED_SIZE = 0.15, 0.85
_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Glyph:
    """What a glyph says and where: ``at`` and ``end`` along its line, ``base`` across it, all in points."""

    words: str
    at: float
    end: float
    base: float
    size: float
    bold: bool
    left: float  # on the page
    bottom: float
    direction: float

    @property
    def is_wide(self) -> bool:
        """Whether it is Chinese, or of another writing without spaces between words."""
        return self.words > "\u2e7f"


@dataclass(slots=True)
class GlyphLine:
    """A line of a page, character after character."""

    characters: list[Glyph] = field(default_factory=list)

    def takes(self, new: Glyph) -> bool:
        """Whether the character goes on where the line is."""
        if not self.characters:
            return True
        last = self.characters[-1]
        near = abs(new.base - last.base) <= _SAME_LINE * max(new.size, last.size)
        return near and new.direction == last.direction and new.at >= last.end - _STEP_BACK * new.size

    def row(self, page: int) -> Row:
        """Returns the line as a row of that page: of the size that most of it has, and bold if all of it is."""
        filled = [one for one in self.characters if one.words.strip()]
        if not filled:
            return Row(page, "", left=0.0, base=0.0, size=0.1, bold=False, right=0.0, first=0.0)
        size = Counter(one.size for one in filled).most_common(1)[0][0]
        usual = next(one for one in filled if one.size == size)
        first = filled[0]
        end = first.end
        for one in filled[1:] if not first.is_wide else ():
            if one.is_wide or one.at - end > _WORD_GAP * size:
                break
            end = one.end
        bold = all(one.bold for one in filled)
        width = filled[-1].end - first.at
        words = "".join(self._words(size, usual.base))
        right = points(first.left + width)
        return Row(page, words, first.left, usual.bottom, size, bold, right, first=points(end - first.at))

    def _words(self, size: float, base: float) -> Iterator[str]:
        """Yields the characters, and between them the spaces that can be seen: a browser writes some that take no room
        where a word could be parted."""
        last: Glyph | None = None
        space = ""
        spacing = self._letter_spacing()
        for one in self.characters:
            if one.words.isspace():
                space += one.words
                continue
            if last:
                room = one.at - last.end
                gap = _WIDE_WORD_GAP if last.is_wide and one.is_wide else _WORD_GAP
                if space and (room > _NO_ROOM * size or last.end == last.at):
                    yield space
                elif room > max(gap * size, _SPACED_OUT * spacing):
                    yield " "
            raised = one.size <= _RAISED_SIZE * size and one.base - base > _RAISED * size
            yield one.words.translate(_DIGITS) if raised else one.words
            last, space = one, ""

    def _letter_spacing(self) -> float:
        """Returns the usual room between two characters that stand side by side."""
        rooms = sorted(
            right.at - left.end
            for left, right in pairwise(self.characters)
            if not (left.words.isspace() or right.words.isspace())
        )
        return rooms[len(rooms) // 2] if rooms else 0.0


def place_glyph(words: str, matrix: Any, fontsize: float, rise: float, advance: float, bold: bool) -> Glyph:
    """Returns the character where the page's matrix puts it."""
    a, b, c, d, e, f = matrix
    scale = math.hypot(a, b) or 1.0
    along, across = (a / scale, b / scale), (-b / scale, a / scale)
    left, bottom = e, f
    raised = rise * math.hypot(c, d)
    at = left * along[0] + bottom * along[1]
    base = left * across[0] + bottom * across[1] + raised
    return Glyph(
        words=words,
        at=points(at),
        end=points(at + advance * scale),
        base=points(base),
        size=max(points(abs(fontsize) * math.hypot(c, d)), 0.1),
        bold=bold,
        left=points(left),
        bottom=points(bottom),
        direction=round(math.atan2(b, a), 1),
    )


def points(length: float) -> float:
    """Returns the length in tenths of a point, 0 for one that no page has."""
    return round(length, 1) if math.isfinite(length) and abs(length) < _MAX_LENGTH_POINTS else 0.0
