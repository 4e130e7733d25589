"""A PDF -> its bulletin: the lines on its pages become paragraphs and headings, by their places and their ends.

The stored text has a line for each on the page, paragraph after paragraph, with parted words whole; page numbers,
running heads and footnotes' marks are left out, and footnotes stand behind the paragraph that they interrupt.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from rag.ingest.header import header_fields
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, is_numbered
from rag.ingest.readers.pdf_file import DAMAGED, extract
from rag.ingest.readers.pdf_rows import (
    HEADING_SIZE,
    SAME_SIZE,
    Row,
    mark_footnotes,
    running_heads,
    same_size,
    usual_size,
)
from rag.ingest.readers.pdf_words import is_parted, join_lines, readable, whole_words
from rag.ingest.readers.text import line_of_words, read_lines, unwrap
from rag.ingest.refused import Refused
from rag.models import Document, Line, LineKind
from rag.text.district_headings import is_heading_row

_SIGNATURE_BYTES = 1024  # in which readers look for a PDF's first words
_SPACE = 0.25  # of the font's size: the usual width of a space
_FULL_LINE = 0.95  # of a column's width: reached by a wrapped line with the first word of the next
_MAX_FIELD_REST = 0.9  # of a column's width: the second line of a header's field is shorter
_PARAGRAPH_GAP = 1.25  # of the usual distance of a paragraph's lines: a line further away begins another
_INDENT = 0.8  # of the font's size: an indented line begins that far to the right
_MIN_COLUMN_POINTS = 40.0  # between the left edges of columns
_MAX_LEADING, _MIN_WRAPPED_LINES = 1.8, 8  # in the font's size; that many lines prove a wider one
_MIN_EDGE_LINES = 3  # that end at one edge show that it is a column's
_RIGHT_MARGIN = 1.5  # of the left margin: the right one is hardly wider


def read_pdf(data: bytes) -> Document:
    """Returns the bulletin in a PDF's bytes; raises ``Refused`` as ``pdf_file.extract`` does."""
    if b"%PDF-" not in data[:_SIGNATURE_BYTES]:
        raise Refused(*DAMAGED)
    rows, widths = extract(data)
    rows = [replace(row, words=readable(row.words)) for row in rows]
    running = running_heads(rows, len(widths))
    kept = [row for number, row in enumerate(rows) if row.words and number not in running]
    return _Flow(mark_footnotes(kept), max(widths)).document()


class _Flow:
    """The rows in reading order, and the sizes, edges and distances that are usual among them."""

    def __init__(self, rows: Sequence[Row], width: float) -> None:
        self._rows = rows
        self._size = usual_size(rows)
        self._edges = _edges(rows, self._size, width)
        self._leading = self._usual_leading()
        # Paragraphs begin indented where several indented lines are followed by one that isn't.
        returns = (self._indent(upper) >= _INDENT > self._indent(lower) for upper, lower in pairwise(rows))
        self._indented = sum(returns) >= _MIN_EDGE_LINES

    def document(self) -> Document:
        """Returns the bulletin that the rows make."""
        known = whole_words(row.words for row in self._rows)
        groups = self._groups()
        parts = [join_lines([row.words for row in group], known) for group in groups]
        text = "\n".join(parts)
        starts = accumulate((len(part) + 1 for part in parts), initial=0)
        lines: list[Line] = []
        rows_of: dict[int, list[Row]] = {}
        for start, part, group in zip(starts, parts, groups, strict=False):
            if line := line_of_words(text, start, start + len(part), self._kind(group)):
                lines.append(line)
                rows_of[line.start] = group
        return read_lines(
            text,
            lines,
            [unwrap(line.of(text)) for line in lines],
            apart=lambda upper, lower: self._apart(rows_of[upper.start][-1], rows_of[lower.start][0]),
        )

    def _groups(self) -> list[list[Row]]:
        """Returns the rows of each paragraph, heading and footnote; footnotes come where a paragraph ends."""
        groups: list[list[Row]] = []
        notes: list[list[Row]] = []
        current: list[Row] = []
        for row in self._rows:
            if row.in_note:
                if row.begins_note or not notes:
                    notes.append([])
                notes[-1].append(row)
            elif current and self._continues(current, row):
                current.append(row)
            else:
                current = [row]
                groups += [*notes, current]
                notes = []
        return groups + notes

    def _kind(self, group: Sequence[Row]) -> LineKind:
        if group[0].in_note:
            return "caption"  # it belongs to no sentence around it
        if is_bullet(group[0].words):
            return "item"
        if group[0].size > HEADING_SIZE * self._size:
            return "heading"
        return "strong" if all(row.bold for row in group) else ""

    def _continues(self, group: Sequence[Row], row: Row) -> bool:
        """Whether the row continues the paragraph, or the heading, that the group is so far."""
        last, words = group[-1], row.words
        if not same_size(last, row) or last.bold != row.bold or not self._is_full(last, row):
            return False
        if header_fields(words):
            return False
        if header_fields(group[0].words):
            below = row.page == last.page and row.base < last.base and not self._apart(last, row)
            return below and not ends_sentence(words) and row.right - row.left < _MAX_FIELD_REST * self._span(row)
        if is_heading_row(words) or (is_heading_row(last.words) and not words[0].islower()):
            return False
        listed = is_bullet(group[0].words) or is_numbered(group[0].words)
        ended = ends_sentence(last.words) and not words[0].islower()
        if is_bullet(words) or (is_numbered(words) and (listed or ended or last.words.rstrip()[-1:] in ":;：；")):
            return False
        gap = last.base - row.base
        if row.page != last.page or gap <= 0:  # on the next page, or in the next column
            heading = len(group) == 1 and is_headline(last.words) and not is_parted(last.words, words)
            return row.page - last.page in (0, 1) and not ended and not heading
        indent = (row.left - last.left) / row.size
        outdented = self._indent(group[0]) >= _INDENT > self._indent(row)
        if self._apart(last, row) or (ended and self._leading is None and not outdented):
            return False
        if len(group) > 1 or indent >= _INDENT:
            return -_INDENT < indent < _INDENT or (len(group) == 1 and listed)
        # The first row of a paragraph is indented, or all of its rows are.
        inset = self._indent(row) >= _INDENT and not listed
        return not inset or not (ended or self._indented)

    def _indent(self, row: Row) -> float:
        """Returns the row's distance from its column's left edge, in the font's size."""
        return (row.left - self._column(row)) / row.size

    def _column(self, row: Row) -> float:
        """Returns the left edge of the row's column."""
        return max((left for left in self._edges if left <= row.left + 1), default=row.left)

    def _is_full(self, row: Row, following: Row) -> bool:
        """Whether the row reached its column's edge, so that the next row's first word had no room."""
        right = row.right + _SPACE * row.size + following.first
        return is_parted(row.words, following.words) or right >= self._column(row) + _FULL_LINE * self._span(row)

    def _span(self, row: Row) -> float:
        """Returns the width of the row's column."""
        column = self._column(row)
        return self._edges.get(column, column) - column

    def _apart(self, upper: Row, lower: Row) -> bool:
        """Whether the two are further apart than the lines of a paragraph are."""
        leading = self._leading or 1.3
        return (
            upper.page != lower.page
            or not same_size(upper, lower)
            or upper.base - lower.base > _PARAGRAPH_GAP * leading * max(upper.size, lower.size)
        )

    def _usual_leading(self) -> float | None:
        """Returns the usual distance of lines that were surely wrapped, in their font's size; None where none were."""
        pairs = [
            ((upper.base - lower.base) / upper.size, not ends_sentence(upper.words) and self._is_full(upper, lower))
            for upper, lower in pairwise(self._rows)
            if upper.page == lower.page and upper.base - lower.base > 0.9 * upper.size and same_size(upper, lower)
        ]
        wrapped = sorted(distance for distance, is_wrapped in pairs if is_wrapped)
        if not wrapped:
            return None
        leading = wrapped[len(wrapped) // 4]
        # Where all lines are equally far apart, they may be paragraphs of one line each.
        parted = any(distance > _PARAGRAPH_GAP * leading for distance, _ in pairs)
        return leading if len(wrapped) >= _MIN_WRAPPED_LINES or (parted and leading < _MAX_LEADING) else None


def _edges(rows: Sequence[Row], size: float, width: float) -> dict[float, float]:
    """Returns each column's left edge and its right one.

    The right edge is where several lines end, else the next column, or a margin about as wide as the left one.
    """
    body = [row for row in rows if size / SAME_SIZE <= row.size <= size * SAME_SIZE]
    often = Counter(float(round(row.left)) for row in body)
    lefts: list[float] = []
    for left in sorted(left for left, times in often.items() if times > 2) or sorted(often)[:1]:
        if not lefts or left - lefts[-1] > _MIN_COLUMN_POINTS:
            lefts.append(left)
    rights: defaultdict[float, list[float]] = defaultdict(list)
    for row in body:
        column = max((left for left in lefts if left <= row.left + 1), default=lefts[0])
        rights[column].append(row.right)
    edges: dict[float, float] = {}
    for left, next_left in zip(lefts, [*lefts[1:], None], strict=True):
        ends = sorted(rights[left], reverse=True)
        edge = ends[1 if len(ends) > 3 else 0]  # one line may run over
        near = sum(right >= left + _FULL_LINE * (edge - left) for right in ends)
        if near < max(_MIN_EDGE_LINES, len(ends) / 5):
            edge = max(edge, next_left - size if next_left else width - _RIGHT_MARGIN * lefts[0])
        edges[left] = edge
    return edges
