"""Bulletin -> sections: one for each heading of a district or theme, and the lead and closing around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag.ingest.boilerplate import is_footnote, parse_date
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, is_numbered, split_cells
from rag.ingest.readers.text import adjacent, unwrap
from rag.models import Bulletin, Line, Role, Section, Span
from rag.text import districts as gazetteer

_CREDIT = re.compile(
    r"^(?:photos?|pictures?|image|caption|text|reporter|editor|source|摄影|图片?|图为)"
    r"(?: (?:by|courtesy of|credit))?\s*[:：/]|^photos? (?:by|courtesy)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:going forward|looking (?:ahead|forward)|in the (?:future|next step|time to come)|moving forward|next,"
    r"|as a next step|altogether|in (?:conclusion|closing|all)\b|下一步|今后|接下来)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"^dear\b", re.IGNORECASE)
_ROMAN = re.compile(r"^[IVX]{1,5}[.、．]\s")
_MAX_CAPTION_CHARS = 400
_MAX_HEADINGS_ABOVE_TEXT = 2  # that may stand between a heading and its text: a district's line and a headline

_BlockKind = Literal["district", "prefixed", "headline", "text", "caption"]


@dataclass(frozen=True, slots=True)
class _Block:
    """A line of the body by its part in the structure.

    ``districts`` are those that it names as a heading, ``heading`` the words that head its event; ``after_photos`` says
    that captions stand right above it.
    """

    line: Line
    words: str
    kind: _BlockKind
    districts: tuple[str, ...] = ()
    heading: str | None = None
    after_photos: bool = False


@dataclass(frozen=True, slots=True)
class _Opening:
    """A heading that opens a section: the numbers of its first block and of the first block of its text."""

    first: int
    body: int
    districts: tuple[str, ...]
    heading: str | None
    by_district: bool


def split_sections(bulletin: Bulletin) -> tuple[Section, ...]:
    """Returns lead, sections and closing in the order of the text; their paragraphs are all that can be quoted.

    Where no heading names a district, the one district that title or source names heads every section.
    """
    blocks = _blocks(bulletin)
    openings = list(_openings(blocks))
    default = () if any(opening.by_district for opening in openings) else _title_districts(bulletin)
    if not openings:
        return (_section("event", default, None, blocks),) if blocks else ()
    sections: list[Section] = []
    if lead := blocks[: openings[0].first]:
        sections.append(_section("lead", default, None, lead))
    lengths: list[int] = []
    for opening, following in zip(openings, [*openings[1:], None], strict=True):
        end = following.first if following else _closing_start(blocks, opening, lengths)
        if paragraphs := blocks[opening.body : end]:
            lengths.append(len(paragraphs))
            districts = opening.districts or default
            sections.append(_section("event", districts, opening.heading, paragraphs, blocks[opening.first]))
        if not following and (closing := blocks[end:]):
            sections.append(_section("closing", default, None, closing))
    return tuple(sections)


def _title_districts(bulletin: Bulletin) -> tuple[str, ...]:
    """Returns the one district that title and source name between them, else none."""
    districts = gazetteer.names_in(f"{bulletin.title or ''}\n{bulletin.source or ''}")
    return districts if len(districts) == 1 else ()


def _section(
    role: Role, districts: tuple[str, ...], heading: str | None, blocks: Sequence[_Block], opening: _Block | None = None
) -> Section:
    paragraphs = tuple(Span(block.line.start, block.line.end) for block in blocks)
    return Section((opening or blocks[0]).line.start, paragraphs[-1].end, districts, heading, role, paragraphs)


def _openings(blocks: Sequence[_Block]) -> Iterator[_Opening]:
    """Yields every heading in order; an event without a district of its own belongs to the one above."""
    districts: tuple[str, ...] = ()
    number = 0
    while number < len(blocks):
        block, first = blocks[number], number
        number += 1
        if block.kind == "district":
            districts, heading = block.districts, None
            if _opens_text(blocks, number):
                heading = blocks[number].heading
                number += 1
            yield _Opening(first, number, districts, heading, True)
        elif _opens_text(blocks, first):
            districts = block.districts or districts
            yield _Opening(first, number, districts, block.heading, block.kind == "prefixed")


def _opens_text(blocks: Sequence[_Block], number: int) -> bool:
    """Whether the block is a headline under which a text stands, perhaps after further headings."""
    if number >= len(blocks) or blocks[number].kind not in ("headline", "prefixed"):
        return False
    return any(block.kind == "text" for block in blocks[number + 1 : number + 2 + _MAX_HEADINGS_ABOVE_TEXT])


def _closing_start(blocks: Sequence[_Block], opening: _Opening, lengths: Sequence[int]) -> int:
    """Returns the number of the block that begins the closing, below the last section; the number of blocks for none.

    The closing stands after the photos, or says so ("Going forward"), or is the one paragraph more than all
    earlier thematic sections have.
    """
    for number, block in enumerate(blocks[opening.body + 1 :], opening.body + 1):
        if (block.after_photos and not block.line.kind and not opening.by_district) or _CLOSING.match(block.words):
            return number
    one_each = len(lengths) > 1 and set(lengths) == {1} and not opening.by_district
    return len(blocks) - 1 if one_each and len(blocks) == opening.body + 2 else len(blocks)


def _blocks(bulletin: Bulletin) -> list[_Block]:
    """Returns the body's lines without footnotes and captions, each by its part among its neighbors."""
    # A heading may go over several lines.
    words = [unwrap(line.of(bulletin.text)) for line in bulletin.body]
    pairs = zip(bulletin.body, words, strict=True)
    blocks = _with_name_lists([_block(line, line_words) for line, line_words in pairs if not is_footnote(line_words)])
    kept: list[_Block] = []
    after_photos = False
    for block in blocks:
        if block.kind != "caption":
            kept.append(replace(block, after_photos=after_photos))
        after_photos = block.kind == "caption"
    return _with_short_lines(kept, bulletin.text)


def _block(line: Line, words: str) -> _Block:
    if _is_caption(line, words):
        return _Block(line, words, "caption")
    if line.kind in ("item", "row") or _SALUTATION.match(words):
        return _Block(line, words, "text")
    if districts := gazetteer.heading_names(words):
        return _Block(line, words, "district", districts)
    districts, end = gazetteer.prefix_names(words)
    if districts and is_headline(words[end:]):
        return _Block(line, words, "prefixed", districts, words[end:].strip())
    if is_headline(words):
        return _Block(line, words, "headline", heading=words.strip())
    return _Block(line, words, "text")


def _is_caption(line: Line, words: str) -> bool:
    """Whether the line is marked as a caption, is a credit, or holds district names side by side."""
    if line.kind == "caption" or _CREDIT.match(words):
        return True
    if len(words) > _MAX_CAPTION_CHARS:
        return False
    names = gazetteer.names_in(words)
    if not names or line.kind == "row":
        return False
    cells = split_cells(words)
    if len(cells) > 1:
        return all(gazetteer.names_in(cell) and not cell[-1].isdigit() for cell in cells)
    return len(names) > 1 and not gazetteer.heading_names(words) and not gazetteer.without_names(words)


def _with_name_lists(blocks: list[_Block]) -> list[_Block]:
    """Makes district names one below the other, or beside a row of captions, captions or a list: they head nothing."""
    result: list[_Block] = []
    for number, block in enumerate(blocks):
        kind = block.kind
        below = blocks[number + 1 : number + 3]
        if kind == "district":
            above = result[-1] if result else None
            stacked = bool(below and below[0].kind in ("district", "caption"))
            below_name = above is not None and above.kind == "text" and bool(above.districts)
            ends_stack = below_name or (above is not None and above.kind == "caption")
            heads_text = [other.kind for other in below] == ["headline", "text"]
            if not below or stacked or (ends_stack and not heads_text):
                introduced = below_name or (above is not None and above.words.endswith((":", "：")))
                listed = is_bullet(block.words) or is_numbered(block.words) or introduced
                kind = "text" if listed else "caption"
        result.append(block if kind == block.kind else replace(block, kind=kind))
    return result


def _with_short_lines(blocks: list[_Block], text: str) -> list[_Block]:
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
