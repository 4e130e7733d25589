"""Bulletin -> sections: what each district heading or thematic heading opens, and the lead and closing around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import gazetteer
from rag.furniture import is_footnote
from rag.headline import cells, ends_sentence, is_numbered, reads_as_headline
from rag.records import Bulletin, Line, Role, Section, Span

_CREDIT = re.compile(
    r"^(?:photos?|pictures?|image|caption|text|reporter|editor|source|摄影|图片?|图为)(?: (?:by|courtesy of|credit))?\s*[:：/]|^photos? (?:by|courtesy)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:going forward|looking (?:ahead|forward)|in the (?:future|next step|time to come)|moving forward|next,|as a next step|altogether|in (?:conclusion|closing|all)\b"
    r"|下一步|今后|接下来)",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"^[IVX]{1,5}[.、．]\s")


@dataclass(frozen=True, slots=True)
class _Opening:
    """A heading: the number of its first line, of its first paragraph's line, whom it is about and its words."""

    first: int
    body: int
    districts: tuple[str, ...]
    heading: str | None
    by_district: bool


def sections(bulletin: Bulletin) -> tuple[Section, ...]:
    """Lead, sections and closing in the order of the text; together their paragraphs are all that can be quoted.

    Where no heading names a district, the one district that title or source names heads every section.
    """
    text = bulletin.text
    lines = [line for line in bulletin.body if not is_footnote(line.of(text))]
    captions = _captions(lines, text)
    openings = _openings(lines, captions, text)
    about = () if any(opening.by_district for opening in openings) else _about(bulletin)
    if not openings:
        paragraphs = _paragraphs(lines, captions, 0, len(lines))
        return (_section("event", about, None, None, paragraphs),) if paragraphs else ()
    found: list[Section] = []
    if lead := _paragraphs(lines, captions, 0, openings[0].first):
        found.append(_section("lead", about, None, None, lead))
    counts = []
    for opening, following in zip(openings, [*openings[1:], None], strict=True):
        end = following.first if following else len(lines)
        closing = _closing(lines, captions, opening, end, counts, text) if following is None else end
        if paragraphs := _paragraphs(lines, captions, opening.body, closing):
            counts.append(len(paragraphs))
            found.append(
                _section("event", opening.districts or about, opening.heading, lines[opening.first], paragraphs)
            )
        if last := _paragraphs(lines, captions, closing, end):
            found.append(_section("closing", about, None, None, last))
    return tuple(found)


def _about(bulletin: Bulletin) -> tuple[str, ...]:
    """The one district that title and source name between them, else none."""
    districts = gazetteer.named(f"{bulletin.title or ''}\n{bulletin.source or ''}")
    return districts if len(districts) == 1 else ()


def _section(
    role: Role, districts: tuple[str, ...], heading: str | None, opens: Line | None, paragraphs: Sequence[Line]
) -> Section:
    first = opens or paragraphs[0]
    spans = tuple(Span(line.start, line.end) for line in paragraphs)
    return Section(first.start, spans[-1].end, districts, heading, role, spans)


def _paragraphs(lines: Sequence[Line], captions: set[int], start: int, end: int) -> list[Line]:
    return [lines[number] for number in range(start, end) if number not in captions]


def _captions(lines: Sequence[Line], text: str) -> set[int]:
    """Numbers of the lines that stand under photos: district names side by side, credits, marked captions."""
    found = {number for number, line in enumerate(lines) if _is_caption(line, line.of(text))}
    for number in sorted(found):
        # A lone name in a row of caption lines is a caption too; as a heading, prose would follow it.
        for beside in (number - 1, number + 1):
            if 0 <= beside < len(lines) and gazetteer.heading(lines[beside].of(text)) and _last_before_prose(lines, beside, text):
                found.add(beside)
    return found


def _is_caption(line: Line, words: str) -> bool:
    if line.mark == "caption" or _CREDIT.match(words):
        return True
    parts = cells(words)
    if len(parts) > 1:
        return line.mark != "row" and all(gazetteer.named(part) and not part[-1].isdigit() for part in parts)
    names = list(gazetteer.mentions(words))
    return len(names) > 1 and not gazetteer.heading(words) and not _between(words, names)


def _between(words: str, names: Sequence[gazetteer.Mention]) -> str:
    """What a line holds beside district names."""
    kept, at = [], 0
    for name in names:
        kept.append(words[at : name.start])
        at = name.end
    return "".join([*kept, words[at:]]).strip(" \t\u00a0\u3000")


def _last_before_prose(lines: Sequence[Line], number: int, text: str) -> bool:
    """The line isn't followed by a headline and its paragraph, as a district heading would be."""
    after = [line.of(text) for line in lines[number + 1 : number + 3]]
    return not (len(after) == 2 and reads_as_headline(after[0]) and ends_sentence(after[1]))


def _openings(lines: Sequence[Line], captions: set[int], text: str) -> list[_Opening]:
    """Every heading in order.  One without a paragraph under it opens nothing."""
    found: list[_Opening] = []
    districts: tuple[str, ...] = ()
    number = 0
    while number < len(lines):
        opening = None if number in captions else _opening(lines, captions, number, districts, text)
        if opening is None:
            number += 1
            continue
        districts = opening.districts
        found.append(opening)
        number = opening.body
    return found


def _opening(
    lines: Sequence[Line], captions: set[int], number: int, districts: tuple[str, ...], text: str
) -> _Opening | None:
    words = lines[number].of(text)
    named = gazetteer.heading(words)
    if named and not _is_content(lines, number, captions, text):
        following = number + 1
        if following < len(lines) and _is_heading(lines, captions, following, text, under_district=True):
            return _Opening(number, following + 1, named, lines[following].of(text).strip(), True)
        return _Opening(number, following, named, None, True) if following < len(lines) else None
    prefixed, at = gazetteer.prefix(words)
    if prefixed and _has_prose_below(lines, captions, number, text) and _headline(lines[number], words[at:]):
        return _Opening(number, number + 1, prefixed, words[at:].strip(), True)
    if _is_heading(lines, captions, number, text):
        return _Opening(number, number + 1, districts, words.strip(), False)
    return None


def _is_content(lines: Sequence[Line], number: int, captions: set[int], text: str) -> bool:
    """A district's name as a list item or a table cell is no heading."""
    return lines[number].mark in ("item", "row") or not _below(lines, captions, number)


def _is_heading(
    lines: Sequence[Line], captions: set[int], number: int, text: str, *, under_district: bool = False
) -> bool:
    line = lines[number]
    words = line.of(text)
    if number in captions or gazetteer.heading(words) or not _headline(line, words):
        return False
    if not _has_prose_below(lines, captions, number, text):
        return False
    if line.mark in ("heading", "strong") or under_district:
        return True
    beside = [lines[n].of(text) for n in (number - 1, number + 1) if 0 <= n < len(lines)]
    if is_numbered(words) and any(is_numbered(other) for other in beside):
        return False  # one item of a numbered list
    # A run of short lines without a blank between them is a list or an address, not a heap of headings.
    above = lines[number - 1] if number else None
    return not (
        above is not None
        and _touch(text, above, line)
        and not ends_sentence(above.of(text))
        and not gazetteer.heading(above.of(text))
    )


def _headline(line: Line, words: str) -> bool:
    return line.mark not in ("item", "row", "caption") and reads_as_headline(words)


def _has_prose_below(lines: Sequence[Line], captions: set[int], number: int, text: str) -> bool:
    """A paragraph, a list or a table comes next, perhaps after one more heading."""
    below = _below(lines, captions, number)
    if not below:
        return False
    words = below[0].of(text)
    if _is_prose(below[0], words):
        return True
    numbered = is_numbered(words) and not _ROMAN.match(words)
    if numbered and len(below) > 1 and is_numbered(below[1].of(text)):
        return True
    return len(below) > 1 and bool(gazetteer.heading(words) or reads_as_headline(words))


def _is_prose(line: Line, words: str) -> bool:
    return line.mark in ("item", "row") or not reads_as_headline(words)


def _below(lines: Sequence[Line], captions: set[int], number: int) -> list[Line]:
    return [line for n, line in enumerate(lines[number + 1 : number + 6], number + 1) if n not in captions]


def _touch(text: str, upper: Line, lower: Line) -> bool:
    """No blank line between two lines of a text; a page's lines always touch and tell nothing by it."""
    return not upper.mark and not lower.mark and len(re.findall(r"\r\n|\r|\n", text[upper.end : lower.start])) == 1


def _closing(
    lines: Sequence[Line], captions: set[int], opening: _Opening, end: int, counts: Sequence[int], text: str
) -> int:
    """Number of the line where the last section ends and the closing paragraph begins; ``end`` where there is none.

    The closing stands after the photos, or says so ("Going forward"), or is the one paragraph more than all
    earlier thematic sections have.
    """
    body = [number for number in range(opening.body, end) if number not in captions]
    for number in body[1:]:
        after_photos = number - 1 in captions and lines[number].mark == "" and not opening.by_district
        if after_photos or _CLOSING.match(lines[number].of(text)):
            return number
    alone = len(counts) > 1 and set(counts) == {1} and not opening.by_district
    return body[1] if alone and len(body) == 2 else end
