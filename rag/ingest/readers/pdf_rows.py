"""The rows of a PDF's pages: which are running heads and footnotes, and which are the bulletin's own."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.text.district_headings import is_heading_row

_PAGE_NUMBER = re.compile(
    r"(?:https?://\S+\s+)?[-–—·|\s]*(?:page\s*|第\s*)?(\d{1,3})(\s*(?:/|of)\s*\d{1,3})?[-–—·|\s]*页?", re.IGNORECASE
)
_MARKED = re.compile(r"\[?([⁰¹²³⁴-⁹]+|\d{1,2}(?=\]|\s|[^\W\d_])|[*†‡§])")
# In running text a mark is raised, in brackets, a sign, or stands right behind a sentence's or a clause's end.
_MARK = re.compile(
    r"(?<=\S)(?<!\bm)(?<!\b[kcdm]m)(?<!米)(?:([⁰¹²³⁴-⁹]+)|\[(\d{1,2})\]|([*†‡§])(?=[\s.,;:!?]|$))"
    r"|(?<=[^\W\d_][.,;:!?”’\"')\]])(\d{1,2})(?=\s|$)"
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DIGITS = re.compile(r"\d+")
SAME_SIZE = 1.06  # ratio of two font sizes that count as one
HEADING_SIZE = 1.12  # of the size that most words have
_RUNNING_HEAD_GAP = 1.6  # of the font's size: running heads stand at least that far from the text
_MAX_FOOTER_CHARS = 300
_RUNNING_HEAD_LINES = 2  # at the top and the foot of a page, in which running heads are looked for


@dataclass(frozen=True, slots=True)
class Row:
    """A line on a page: edges, base line and font size in points; ``first`` is the width of its first word."""

    page: int
    words: str
    left: float
    base: float
    size: float
    bold: bool
    right: float
    first: float
    in_note: bool = False

    @property
    def begins_note(self) -> bool:
        """Whether a footnote begins with this row."""
        return self.in_note and bool(_MARKED.match(self.words))


def mark_footnotes(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows with those of footnotes marked as such, and without the marks of these in the other rows.

    Footnotes are the small rows below all others of a page, if the first of them begins with a number or a sign.
    """
    size = usual_size(rows)
    by_page: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_page[row.page].append(row)
    marked: list[Row] = []
    for page_rows in by_page.values():
        foot = min((row.base for row in page_rows if row.size * SAME_SIZE >= size), default=float("inf"))
        below = sorted((row for row in page_rows if row.base < foot), key=lambda row: -row.base)
        if not below or not _MARKED.match(below[0].words):
            marked += page_rows
            continue
        marks = {match[1].translate(_RAISED) for row in below if (match := _MARKED.match(row.words))}
        for row in page_rows:
            words = _MARK.sub(lambda match: _unless(match, marks), row.words)  # noqa: B023 - called at once
            marked.append(replace(row, in_note=True) if row.base < foot else replace(row, words=words))
    return marked


def _unless(match: re.Match[str], marks: set[str]) -> str:
    """Returns the words of a match, "" for a mark of a footnote."""
    mark = next(group for group in match.groups() if group)
    return "" if mark.translate(_RAISED) in marks else match[0]


def usual_size(rows: Iterable[Row]) -> float:
    """Returns the font size that most of the words have."""
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[row.size] += len(row.words)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def running_heads(rows: Sequence[Row], pages: int) -> set[int]:
    """Returns the numbers of the rows at the top and foot of pages that are page numbers, or stand on most pages."""
    size = usual_size(rows)
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
        if top != page_rows[0] and rows[top].size < size / HEADING_SIZE:
            running.add(top)  # a head in small letters that was put on the finished page
    if offsets:
        running.update(max(offsets.items(), key=lambda item: (len(item[1]), -item[0]))[1])
    for numbers in repeated.values():
        if len(numbers) > 1 and len(numbers) * 2 >= pages - 1:
            running.update(numbers)
    return running


def _rows_standing_off(rows: Sequence[Row], by_height: Sequence[int], size: float) -> set[int]:
    """Returns those of a page's rows at its top and foot that stand off from the text between, or have another size."""
    standing_off: set[int] = set()
    for outer in (by_height, by_height[::-1]):
        for number, inner in reversed([*pairwise(outer)][:_RUNNING_HEAD_LINES]):
            row, gap = rows[number], abs(rows[number].base - rows[inner].base)
            same_size = size / SAME_SIZE <= row.size <= size * SAME_SIZE
            if not same_size or inner in standing_off or gap > _RUNNING_HEAD_GAP * row.size:
                standing_off.add(number)
    return standing_off


def same_size(first: Row, second: Row) -> bool:
    """Whether the rows' font sizes count as one."""
    small, large = sorted((first.size, second.size))
    return large <= small * SAME_SIZE
