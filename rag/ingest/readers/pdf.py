"""A PDF -> its bulletin: the lines on its pages become paragraphs and headings, by their places and their ends.

The stored text is what pypdf extracts, with a line feed between pages; page numbers and running heads are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.ingest.boilerplate import header_fields
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, is_numbered
from rag.ingest.readers.text import FIRST_WORD, line_of_words, read_lines, unwrap
from rag.ingest.sandbox import runner
from rag.ingest.sandbox.pdf import DAMAGED
from rag.ingest.sandbox.runner import Refused
from rag.models import Document, Line, LineKind
from rag.text.district_headings import is_heading_row

_PAGE_NUMBER = re.compile(
    r"(?:https?://\S+\s+)?[-–—·|\s]*(?:page\s*|第\s*)?(\d{1,3})(\s*(?:/|of)\s*\d{1,3})?[-–—·|\s]*页?", re.IGNORECASE
)
_SIGNATURE_BYTES = 1024  # in which readers look for a PDF's first words
_DIGITS = re.compile(r"\d+")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
# Letters by their width; the widths of a line's letters add up to its length within 2 in 100.
_NARROW, _WIDE = frozenset(" iljtfrI.,;:!|'’‘()[]-/"), frozenset("mwMW—…@%")
_FULL_LINE = 0.95  # of a column's width: reached by a wrapped line with the first word of the next
_MAX_FIELD_REST = 0.9  # of a column's width: the second line of a header's field is shorter
_PARAGRAPH_GAP = 1.25  # of the usual distance of a paragraph's lines: a line further away begins another
_SAME_SIZE = 1.06  # ratio of two font sizes that count as one
_HEADING_SIZE = 1.12  # of the size that most words have
_INDENT = 0.8  # of the font's size: an indented line begins that far to the right
_MIN_COLUMN_POINTS = 40.0  # between the left edges of columns
_MAX_LEADING, _MIN_WRAPPED_LINES = 1.8, 8  # in the font's size; that many lines prove a wider one
_MIN_EDGE_LINES = 3  # that end at one edge show that it is a column's
_RIGHT_MARGIN = 1.5  # of the left margin: the right one is hardly wider
_RUNNING_HEAD_GAP = 1.6  # of the font's size: running heads stand at least that far from the text
_MAX_FOOTER_CHARS = 300
_RUNNING_HEAD_LINES = 2  # at the top and the foot of a page, in which running heads are looked for


@dataclass(frozen=True, slots=True)
class _Row:
    """A line on a page: left edge, base line and font size in points; ``start`` is its place in the stored text."""

    page: int
    words: str
    left: float
    base: float
    size: float
    bold: bool
    start: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.words)


def read_pdf(data: bytes) -> Document:
    """Returns the bulletin in a PDF's bytes; raises ``Refused`` as ``rag.ingest.sandbox.pdf`` does."""
    if b"%PDF-" not in data[:_SIGNATURE_BYTES]:
        raise Refused(*DAMAGED)
    pages = runner.extract("pdf", data)["pages"]
    rows = [_Row(number, *line) for number, page in enumerate(pages) for line in page["lines"]]
    running = _running_heads(rows, len(pages))
    kept: list[_Row] = []
    at = 0
    for number, row in enumerate(rows):
        if number not in running:
            kept.append(replace(row, start=at))
            at += len(row.words) + 1
    text = "\n".join(row.words for row in kept)
    width = max(page["width"] for page in pages)
    return _Flow([row for row in kept if row.words.strip()], width).document(text)


class _Flow:
    """The rows in reading order, and the sizes, edges and distances that are usual among them."""

    def __init__(self, rows: Sequence[_Row], width: float) -> None:
        self._rows = rows
        self._size = _usual_size(rows)
        self._edges = _edges(rows, self._size, width)
        self._leading = self._usual_leading()
        # Paragraphs begin indented where several indented lines are followed by one that isn't.
        returns = (self._indent(upper) >= _INDENT > self._indent(lower) for upper, lower in pairwise(rows))
        self._indented = sum(returns) >= _MIN_EDGE_LINES

    def document(self, text: str) -> Document:
        """Returns the bulletin whose text has these rows."""
        groups: list[list[_Row]] = []
        for row in self._rows:
            if groups and self._continues(groups[-1], row):
                groups[-1].append(row)
            else:
                groups.append([row])
        lines = [(line, group) for group in groups if (line := self._line(text, group))]
        rows_of = {line.start: group for line, group in lines}
        return read_lines(
            text,
            [line for line, _ in lines],
            [_readable(line.of(text)) for line, _ in lines],
            apart=lambda upper, lower: self._apart(rows_of[upper.start][-1], rows_of[lower.start][0]),
        )

    def _line(self, text: str, group: Sequence[_Row]) -> Line | None:
        kind: LineKind = ""
        if is_bullet(group[0].words.strip()):
            kind = "item"
        elif group[0].size > _HEADING_SIZE * self._size:
            kind = "heading"
        elif all(row.bold for row in group):
            kind = "strong"
        return line_of_words(text, group[0].start, group[-1].end, kind)

    def _continues(self, group: Sequence[_Row], row: _Row) -> bool:
        """Whether the row continues the paragraph, or the heading, that the group is so far."""
        last, words = group[-1], row.words.strip()
        if not _same_size(last, row) or last.bold != row.bold or not self._is_full(last, row):
            return False
        if header_fields(words):
            return False
        if header_fields(group[0].words.strip()):
            below = row.page == last.page and row.base < last.base and not self._apart(last, row)
            return below and not ends_sentence(words) and _width(words) * row.size < _MAX_FIELD_REST * self._span(row)
        if is_heading_row(words) or (is_heading_row(last.words.strip()) and not words[0].islower()):
            return False
        listed = is_bullet(group[0].words.strip()) or is_numbered(group[0].words.strip())
        ended = ends_sentence(last.words) and not words[0].islower()
        if is_bullet(words) or (is_numbered(words) and (listed or ended or last.words.rstrip()[-1:] in ":;：；")):
            return False
        gap = last.base - row.base
        if row.page != last.page or gap <= 0:  # on the next page, or in the next column
            heading = len(group) == 1 and is_headline(last.words)
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

    def _indent(self, row: _Row) -> float:
        """Returns the row's distance from its column's left edge, in the font's size."""
        return (row.left - self._column(row)) / row.size

    def _column(self, row: _Row) -> float:
        """Returns the left edge of the row's column."""
        return max((left for left in self._edges if left <= row.left + 1), default=row.left)

    def _is_full(self, row: _Row, following: _Row) -> bool:
        """Whether the row reached its column's edge, so that the next row's first word had no room."""
        word = FIRST_WORD.match(following.words.strip())
        width = _width(row.words.strip()) + _width(word[0] if word else "") + _width(" ")
        return row.left + width * row.size >= self._column(row) + _FULL_LINE * self._span(row)

    def _span(self, row: _Row) -> float:
        """Returns the width of the row's column."""
        column = self._column(row)
        return self._edges.get(column, column) - column

    def _apart(self, upper: _Row, lower: _Row) -> bool:
        """Whether the two are further apart than the lines of a paragraph are."""
        leading = self._leading or 1.3
        return (
            upper.page != lower.page
            or not _same_size(upper, lower)
            or upper.base - lower.base > _PARAGRAPH_GAP * leading * max(upper.size, lower.size)
        )

    def _usual_leading(self) -> float | None:
        """Returns the usual distance of lines that were surely wrapped, in their font's size; None where none were."""
        pairs = [
            ((upper.base - lower.base) / upper.size, not ends_sentence(upper.words) and self._is_full(upper, lower))
            for upper, lower in pairwise(self._rows)
            if upper.page == lower.page and upper.base - lower.base > 0.9 * upper.size and _same_size(upper, lower)
        ]
        wrapped = sorted(distance for distance, is_wrapped in pairs if is_wrapped)
        if not wrapped:
            return None
        leading = wrapped[len(wrapped) // 4]
        # Where all lines are equally far apart, they may be paragraphs of one line each.
        parted = any(distance > _PARAGRAPH_GAP * leading for distance, _ in pairs)
        return leading if len(wrapped) >= _MIN_WRAPPED_LINES or (parted and leading < _MAX_LEADING) else None


def _usual_size(rows: Iterable[_Row]) -> float:
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[row.size] += len(row.words)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def _edges(rows: Sequence[_Row], size: float, width: float) -> dict[float, float]:
    """Returns each column's left edge and its right one.

    The right edge is where several lines end, else the next column, or a margin about as wide as the left one.
    """
    body = [row for row in rows if size / _SAME_SIZE <= row.size <= size * _SAME_SIZE]
    often = Counter(float(round(row.left)) for row in body)
    lefts: list[float] = []
    for left in sorted(left for left, times in often.items() if times > 2) or sorted(often)[:1]:
        if not lefts or left - lefts[-1] > _MIN_COLUMN_POINTS:
            lefts.append(left)
    rights: defaultdict[float, list[float]] = defaultdict(list)
    for row in body:
        column = max((left for left in lefts if left <= row.left + 1), default=lefts[0])
        rights[column].append(row.left + _width(row.words.strip()) * row.size)
    edges: dict[float, float] = {}
    for left, next_left in zip(lefts, [*lefts[1:], None], strict=True):
        ends = sorted(rights[left], reverse=True)
        edge = ends[1 if len(ends) > 3 else 0]  # one line may run over
        near = sum(right >= left + _FULL_LINE * (edge - left) for right in ends)
        if near < max(_MIN_EDGE_LINES, len(ends) / 5):
            edge = max(edge, next_left - size if next_left else width - _RIGHT_MARGIN * lefts[0])
        edges[left] = edge
    return edges


def _running_heads(rows: Sequence[_Row], pages: int) -> set[int]:
    """Returns the numbers of the rows at the top and foot of pages that are page numbers, or stand on most pages."""
    size = _usual_size(rows)
    by_page: defaultdict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.words.strip():
            by_page[row.page].append(number)
    offsets: defaultdict[int, list[int]] = defaultdict(list)
    repeated: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    running: set[int] = set()
    for page, page_rows in by_page.items():
        by_height = sorted(page_rows, key=lambda number: -rows[number].base)
        for number in _rows_standing_off(rows, by_height, size):
            words = rows[number].words.strip()
            if match := _PAGE_NUMBER.fullmatch(words[:_MAX_FOOTER_CHARS]):
                if pages > 1 or match[2] or match[1] == "1":
                    offsets[int(match[1]) - page].append(number)
            elif not is_heading_row(words):
                repeated[_DIGITS.sub("0", words), round(rows[number].base / 3)].append(number)
        top = by_height[0]
        if top != page_rows[0] and rows[top].size < size / _HEADING_SIZE:
            running.add(top)  # a head in small letters that was put on the finished page
    if offsets:
        running.update(max(offsets.items(), key=lambda item: (len(item[1]), -item[0]))[1])
    for numbers in repeated.values():
        if len(numbers) > 1 and len(numbers) * 2 >= pages - 1:
            running.update(numbers)
    return running


def _rows_standing_off(rows: Sequence[_Row], by_height: Sequence[int], size: float) -> set[int]:
    """Returns those of a page's rows at its top and foot that stand off from the text between, or have another size."""
    standing_off: set[int] = set()
    for outer in (by_height, by_height[::-1]):
        for number, inner in reversed([*pairwise(outer)][:_RUNNING_HEAD_LINES]):
            row, gap = rows[number], abs(rows[number].base - rows[inner].base)
            same_size = size / _SAME_SIZE <= row.size <= size * _SAME_SIZE
            if not same_size or inner in standing_off or gap > _RUNNING_HEAD_GAP * row.size:
                standing_off.add(number)
    return standing_off


def _same_size(first: _Row, second: _Row) -> bool:
    small, large = sorted((first.size, second.size))
    return large <= small * _SAME_SIZE


def _width(words: str) -> float:
    """Returns about how wide the words are, in their font's size."""
    return sum(
        1.0 if c > "\u2e7f" else 0.28 if c in _NARROW else 0.82 if c in _WIDE else 0.68 if c.isupper() else 0.5
        for c in words
    )


def _readable(words: str) -> str:
    """Returns the words on one line, ligatures resolved into letters."""
    return _LIGATURE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), unwrap(words))
