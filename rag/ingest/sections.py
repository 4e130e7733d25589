"""Bulletin -> sections: one for each heading of a district or theme, and the lead and closing around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.blocks import Block, blocks_of
from rag.ingest.headlines import ends_sentence, is_short_line
from rag.models import Bulletin, Role, Section, Span
from rag.text import districts as gazetteer

_CLOSING = re.compile(
    r"^(?:going forward|looking (?:ahead|forward)|in the (?:future|next step|time to come)|moving forward|next,"
    r"|as a next step|altogether|in (?:conclusion|closing|all)\b|下一步|今后|接下来)",
    re.IGNORECASE,
)
_MAX_DISTRICTS_IN_HEADLINE = 2  # that it can be of; one that names more is of none
_MAX_HEADINGS_ABOVE_TEXT = 2  # that may stand between a heading and its text: a district's line and a headline


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
    blocks = blocks_of(bulletin)
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
            # Words on what is to come, below photos of several districts, are the bulletin's and no event.
            is_closing = opening.first == opening.body and not following and _CLOSING.match(paragraphs[0].words)
            role: Role = "closing" if is_closing else "event"
            sections.append(_section(role, districts, opening.heading, paragraphs, blocks[opening.first]))
        if not following and (closing := blocks[end:]):
            sections.append(_section("closing", default, None, closing))
    return tuple(sections)


def _title_districts(bulletin: Bulletin) -> tuple[str, ...]:
    """Returns the one district that title and source name between them, else none."""
    districts = gazetteer.names_in(f"{bulletin.title or ''}\n{bulletin.source or ''}")
    return districts if len(districts) == 1 else ()


def _section(
    role: Role, districts: tuple[str, ...], heading: str | None, blocks: Sequence[Block], opening: Block | None = None
) -> Section:
    paragraphs = tuple(Span(block.line.start, block.line.end) for block in blocks)
    return Section((opening or blocks[0]).line.start, paragraphs[-1].end, districts, heading, role, paragraphs)


def _openings(blocks: Sequence[Block]) -> Iterator[_Opening]:
    """Yields every heading in order; an event without a district of its own belongs to the one above.

    What is of another district, or of none that can be told, opens a section of its own.
    """
    above: tuple[str, ...] = ()  # the districts of the last heading, for the events below it
    own: tuple[str, ...] = ()  # those of the section so far
    number = headed = 0  # what stands right below a heading is of that heading's districts, whatever it names
    while number < len(blocks):
        block, first = blocks[number], number
        number += 1
        if block.kind == "district":
            above = own = block.districts
            heading = None
            if _opens_text(blocks, number) and blocks[number].districts in ((), own):
                heading = blocks[number].heading
                number += 1
            headed = number
            yield _Opening(first, number, own, heading, True)
        elif own and (_leaves_table(blocks, first) or (first != headed and _departs(blocks, first, own))):
            above = own = ()
            yield _Opening(first, first, own, None, True)
            number = first  # which may be a headline
        elif _opens_text(blocks, first):
            above, own = _of_headline(blocks, first, above)
            headed = number
            yield _Opening(first, number, own, block.heading, block.kind == "prefixed")


def _of_headline(blocks: Sequence[Block], number: int, above: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Returns the districts of the events below a headline, and its own event's; ``above`` heads what names none."""
    block = blocks[number]
    if block.kind == "prefixed":
        return block.districts, block.districts
    if above and _is_of_others(block.named, above):
        own = block.named if len(block.named) <= _MAX_DISTRICTS_IN_HEADLINE else ()
        return own if blocks[number + 1].kind == "headline" else (), own  # over a headline, it heads that
    of_others = _is_of_others(block.beneath, above) or _departs(blocks, number + 1, above)
    return ((), ()) if above and of_others else (above, above)


def _opens_text(blocks: Sequence[Block], number: int) -> bool:
    """Whether the block is a headline under which a text stands, perhaps after further headings."""
    if number >= len(blocks) or blocks[number].kind not in ("headline", "prefixed"):
        return False
    return any(block.kind == "text" for block in blocks[number + 1 : number + 2 + _MAX_HEADINGS_ABOVE_TEXT])


def _is_of_others(named: Sequence[str], own: Sequence[str]) -> bool:
    """Whether districts are named, and only such as aren't the section's own."""
    return bool(named) and set(named).isdisjoint(own)


def _leaves_table(blocks: Sequence[Block], number: int) -> bool:
    """Whether the block is the first below a table's rows: what it says is of none of theirs."""
    return number > 0 and blocks[number - 1].line.kind == "row" != blocks[number].line.kind


def _departs(blocks: Sequence[Block], number: int, own: Sequence[str]) -> bool:
    """Whether a text is of another district, though no heading says so: a heading never reaches over it in silence.

    It opens with that district, or is a short line that leads over to it, or stands under names of others as under
    a photo.
    """
    block = blocks[number]
    if _opens_text(blocks, number):
        return False
    if _is_of_others(block.beneath, own):
        return True
    if not _is_of_others(block.named, own):
        return False
    if not set(block.opens_with).isdisjoint(block.named):
        return ends_sentence(block.words) or not block.is_listed
    return number + 1 < len(blocks) and is_short_line(block.words) and not block.is_listed


def _closing_start(blocks: Sequence[Block], opening: _Opening, lengths: Sequence[int]) -> int:
    """Returns the number of the block that begins the closing, below the last section; the number of blocks for none.

    The closing stands after the photos, or says so ("Going forward"), or is the one paragraph more than all
    earlier thematic sections have.
    """
    for number, block in enumerate(blocks[opening.body + 1 :], opening.body + 1):
        if (block.after_photos and not block.line.kind and not opening.by_district) or _CLOSING.match(block.words):
            return number
    one_each = len(lengths) > 1 and set(lengths) == {1} and not opening.by_district
    return len(blocks) - 1 if one_each and len(blocks) == opening.body + 2 else len(blocks)
