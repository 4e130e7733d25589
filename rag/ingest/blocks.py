"""A bulletin's lines by their part in its structure: headings of districts, headlines, text, and what is a caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag.ingest.boilerplate import is_footnote
from rag.ingest.header import parse_date
from rag.ingest.headlines import cell_spans, ends_sentence, is_bullet, is_headline, is_numbered, split_cells
from rag.ingest.readers.text import adjacent, unwrap
from rag.models import Bulletin, Line, Span
from rag.text import districts as gazetteer
from rag.text.district_headings import heading_names, opening_names, prefix_names
from rag.text.plain_signs import plain_signs

_CREDIT = re.compile(
    r"^(?:photos?|pictures?|image|caption|text|reporter|editor|source|摄影|图片?|图为|来源|供稿|编辑|记者)"
    r"(?: (?:by|courtesy of|credit))?\s*[:：/]|^photos? (?:by|courtesy)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"^dear\b", re.IGNORECASE)
_ROMAN = re.compile(r"^[IVX]{1,5}[.、．]\s")
_FIGURE = re.compile(r"\d")
_ENDS_IN_FIGURE = re.compile(r"\d\W*$")
_EMPHASIS = "*_~=|"
_SIGN_OFFS = tuple("(（—–-―")  # what opens a line that says whose the text above is: "(Haidian District)"
_SIGNATURE = re.compile(r"[(（【\[—–]\s*([^()（）【】\[\]—–]{2,60})[)）】\]]?\W*$")
_MAX_CAPTION_CHARS = 400
_MAX_SIGNATURE_CHARS = 100
_MIN_WRAPPED_CHARS = 40  # of a line that was broken to fit a width
_MIN_EVENT_WORDS = 4  # that a cell of a table tells an event in, when it isn't a whole sentence
_MIN_EVENT_CHARS = 10  # of Chinese

_BlockKind = Literal["district", "prefixed", "headline", "text", "caption"]


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the body by its part in the structure.

    ``districts`` are those that it names as a heading, ``heading`` the words that head its event.  ``after_photos``
    says that captions stand right above it, and ``beneath`` which districts these name as headings do.
    """

    line: Line
    words: str
    kind: _BlockKind
    districts: tuple[str, ...] = ()
    heading: str | None = None
    after_photos: bool = False
    beneath: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The districts that the line names, however its letters are written."""
        return gazetteer.names_in(plain_signs(self.words))

    @property
    def opens_with(self) -> tuple[str, ...]:
        """The districts that the line opens with, after words that lead over to them, or that it is signed with."""
        signature = _SIGNATURE.search(self.words[-_MAX_SIGNATURE_CHARS:])
        return opening_names(self.words) or (heading_names(signature[1]) if signature else ())

    @property
    def is_listed(self) -> bool:
        """Whether the line looks like one of a list or table."""
        return self.line.kind in ("item", "row") or is_bullet(self.words) or is_numbered(self.words)


def blocks_of(bulletin: Bulletin) -> list[Block]:
    """Returns the body's lines without footnotes and captions, each by its part among its neighbors."""
    # A heading may go over several lines.
    words = [unwrap(line.of(bulletin.text)) for line in bulletin.body]
    found: list[Block] = []
    for line, line_words in zip(bulletin.body, words, strict=True):
        if not is_footnote(line_words):
            goes_on = bool(found) and _goes_on(found[-1], line, bulletin.text)
            found += _row_blocks(line, line_words) or [_block(line, line_words, goes_on)]
    kept: list[Block] = []
    after_photos = False
    beneath: tuple[str, ...] = ()
    for block in _with_name_lists(found):
        if block.kind != "caption":
            kept.append(replace(block, after_photos=after_photos, beneath=beneath))
        after_photos = block.kind == "caption"
        beneath = block.districts if after_photos else ()
    return _with_short_lines(kept, bulletin.text)


def _goes_on(above: Block, line: Line, text: str) -> bool:
    """Whether the line above was broken to fit a width, so that this one continues its sentence."""
    wrapped = len(above.words) >= _MIN_WRAPPED_CHARS and not ends_sentence(above.words)
    return wrapped and above.kind == "text" and not line.kind and adjacent(text, above.line, line)


def _block(line: Line, words: str, goes_on: bool) -> Block:
    districts = () if goes_on or _SALUTATION.match(words) else heading_names(words)
    if line.kind == "caption":
        return Block(line, words, "caption", districts)
    if districts:
        return Block(line, words, "district", districts)
    if _is_caption(line, words):
        return Block(line, words, "caption")
    if line.kind in ("item", "row") or _SALUTATION.match(words):
        return Block(line, words, "text")
    districts, end = prefix_names(words)
    if districts and is_headline(words[end:]):
        return Block(line, words, "prefixed", districts, _without_marks(words[end:]))
    if is_headline(words):
        return Block(line, words, "headline", heading=_without_marks(words))
    return Block(line, words, "text")


def _without_marks(heading: str) -> str:
    """Returns the heading without the symbols that decorate its ends."""
    marks = "".join(sign for sign in {*heading} if sign in _EMPHASIS or not plain_signs(sign).strip())
    return heading.strip(marks)


def _is_caption(line: Line, words: str) -> bool:
    """Whether the line is a credit, or holds district names side by side."""
    if _CREDIT.match(words):
        return True
    if len(words) > _MAX_CAPTION_CHARS:
        return False
    names = gazetteer.names_in(words)
    if not names or line.kind == "row":
        return False
    cells = split_cells(words)
    if len(cells) > 1:
        return all(gazetteer.names_in(cell) and not cell[-1].isdigit() for cell in cells)
    return len(names) > 1 and not gazetteer.without_names(words)


def _row_blocks(line: Line, words: str) -> list[Block]:
    """Returns the heading and the text of a row with a district in one cell and its event in others; [] for others."""
    cells = cell_spans(words, bars=line.kind == "row")
    if len(cells) < 2 or len(words) != line.end - line.start:
        return []
    named = [heading_names(cell.of(words)) for cell in cells]
    at = next((number for number, names in enumerate(named) if names), 0)
    others = [cell for cell, names in zip(cells, named, strict=True) if not names]
    if sum(map(bool, named)) != 1 or not (any(_tells(cell.of(words)) for cell in others) or _is_title(line, words, at)):
        return []
    if line.kind != "row" and _is_caption(line, words) and not any(ends_sentence(cell.of(words)) for cell in others):
        return []
    row = replace(line, kind="row") if line.kind == "row" or ends_sentence(words) else line
    # A number before the district, and the district at an end, say nothing that the heading doesn't.
    first = next((n for n, cell in enumerate(cells) if n > at or not (named[n] or _is_number(cell.of(words)))), at)
    rest = [cell for cell in cells[first:] if cell is not cells[-1] or not named[-1]]
    head = Block(row, cells[at].of(words), "district", named[at])
    headline = rest[0].of(words)
    if (
        len(rest) > 1
        and rest[0].start > cells[at].start
        and is_headline(headline)
        and ends_sentence(rest[-1].of(words))
    ):
        return [head, _part(row, words, rest[:1], "headline"), _part(row, words, rest[1:], "text")]
    kind: _BlockKind = "headline" if row.kind != "row" and len(rest) == 1 and is_headline(headline) else "text"
    return [head, _part(row, words, rest, kind)]


def _part(row: Line, words: str, cells: Sequence[Span], kind: _BlockKind) -> Block:
    start, end = cells[0].start, cells[-1].end
    part = replace(row, start=row.start + start, end=row.start + end)
    heading = _without_marks(words[start:end]) if kind == "headline" else None
    return Block(part, words[start:end], kind, heading=heading)


def _tells(cell: str) -> bool:
    """Whether a table's cell tells an event, and isn't a figure or a name."""
    letters = sum(character.isalpha() for character in cell)
    long = len(cell.split()) >= _MIN_EVENT_WORDS or (not cell.isascii() and letters >= _MIN_EVENT_CHARS)
    return ends_sentence(cell) or (long and letters * 2 > len(cell))


def _is_title(line: Line, words: str, at: int) -> bool:
    """Whether a line outside tables is a district and, after a gap, its headline."""
    cells = split_cells(words)
    return not line.kind and len(cells) == 2 and at == 0 and is_headline(cells[1]) and not _FIGURE.search(cells[1])


def _is_number(cell: str) -> bool:
    return not any(character.isalpha() for character in cell)


def _with_name_lists(blocks: list[Block]) -> list[Block]:
    """Makes district names one below the other, or beside a row of captions, captions or a list: they head nothing."""
    result: list[Block] = []
    # Where the last of them ends the text, names in brackets or behind a dash stand below what they are of.
    last = next((block for block in reversed(blocks) if block.kind != "caption"), None)
    # Under a picture a name can head an event only where names do so elsewhere.
    headed = any(block.kind == "district" for block in blocks)
    signed = last is not None and last.kind == "district" and last.words.startswith(_SIGN_OFFS)
    for number, block in enumerate(blocks):
        above = result[-1] if result else None
        if signed and block.kind == "district" and block.words.startswith(_SIGN_OFFS):
            block = replace(block, kind="caption")
        elif block.kind == "district" or (block.districts and block.kind == "caption" and headed):
            block = replace(block, kind=_kind_of_name(block, above, blocks[number + 1 : number + 3]))
        result.append(block)
    return result


def _kind_of_name(block: Block, above: Block | None, below: Sequence[Block]) -> _BlockKind:
    """Returns what a line of district names is among the blocks around it."""
    following = below[0] if below else None
    if block.line.kind == "row":
        rows = [other for other in below if other.line.kind == "row" and not other.districts]
        return "district" if any(_tells(row.words) for row in rows) else "text"
    below_name = above is not None and above.kind == "text" and bool(above.districts)
    # The name of one district in two languages, a line each, is no stack.
    stacked = following and following.kind in ("district", "caption") and following.districts != block.districts
    ends_stack = below_name or block.kind == "caption" or (above is not None and above.kind == "caption")
    heads_text = [other.kind for other in below] == ["headline", "text"]
    in_list = block.line.kind == "item" and (_is_name_item(above) or _is_name_item(following))
    if following and not in_list and not stacked and (heads_text or not ends_stack):
        return "district"
    introduced = below_name or (above is not None and above.words.endswith((":", "：")))
    is_text = block.is_listed or introduced or _ENDS_IN_FIGURE.search(block.words)
    return "text" if is_text and block.kind != "caption" else "caption"


def _is_name_item(block: Block | None) -> bool:
    """Whether the block is an item of a list that tells no event, as a district's name or a figure."""
    return block is not None and block.line.kind == "item" and not ends_sentence(block.words)


def _with_short_lines(blocks: list[Block], text: str) -> list[Block]:
    """Makes short lines right below one another text: they are a list or an address, not a run of headings."""
    # Where no blank line stands anywhere, its absence says nothing.
    spaced = any(not adjacent(text, upper.line, lower.line) for upper, lower in pairwise(blocks))
    listed = set()
    for number, (upper, lower) in enumerate(pairwise(blocks)):
        if upper.kind != lower.kind or upper.kind not in ("headline", "prefixed"):
            continue
        numbered = is_numbered(upper.words) and is_numbered(lower.words) and not _ROMAN.match(lower.words)
        figures = upper.words[-1].isdigit() and lower.words[-1].isdigit()
        plain = upper.line.kind == lower.line.kind == ""
        crowded = plain and spaced and adjacent(text, upper.line, lower.line) and not ends_sentence(upper.words)
        signature = parse_date(lower.words) is not None  # name and date under a letter
        if not signature and (numbered or figures or crowded or upper.kind == "prefixed"):
            listed |= {number, number + 1}
    return [replace(block, kind="text") if n in listed else block for n, block in enumerate(blocks)]
