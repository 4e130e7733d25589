"""Bulletin -> sections: what each district heading or thematic heading opens, and the lead and closing around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag.ingest.boilerplate import is_footnote, parse_date
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, is_numbered, split_cells
from rag.ingest.readers.text import unwrapped
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
_LONGEST_CAPTION = 400  # characters
_MOST_HEADINGS = 2  # that may stand between a heading and its text: a district's line and a headline

Kind = Literal["district", "prefixed", "headline", "text", "caption"]


@dataclass(frozen=True, slots=True)
class _Part:
    """A line of the body: what it reads as, the districts it names as a heading, the words that head its event.

    ``after_photos``: captions stand right above it.
    """

    line: Line
    words: str
    kind: Kind
    districts: tuple[str, ...] = ()
    heading: str | None = None
    after_photos: bool = False


@dataclass(frozen=True, slots=True)
class _Opening:
    """A heading: the numbers of its first part and of its first paragraph, whom it is about and its words."""

    first: int
    body: int
    districts: tuple[str, ...]
    heading: str | None
    by_district: bool


def split_sections(bulletin: Bulletin) -> tuple[Section, ...]:
    """Lead, sections and closing in the order of the text; together their paragraphs are all that can be quoted.

    Where no heading names a district, the one district that title or source names heads every section.
    """
    parts = _parts(bulletin)
    openings = list(_openings(parts))
    about = () if any(opening.by_district for opening in openings) else _about(bulletin)
    if not openings:
        return (_section("event", about, None, parts),) if parts else ()
    found: list[Section] = []
    if lead := parts[: openings[0].first]:
        found.append(_section("lead", about, None, lead))
    lengths: list[int] = []
    for opening, following in zip(openings, [*openings[1:], None], strict=True):
        end = following.first if following else _closing(parts, opening, lengths)
        if paragraphs := parts[opening.body : end]:
            lengths.append(len(paragraphs))
            districts = opening.districts or about
            found.append(_section("event", districts, opening.heading, paragraphs, parts[opening.first]))
        if not following and (last := parts[end:]):
            found.append(_section("closing", about, None, last))
    return tuple(found)


def _about(bulletin: Bulletin) -> tuple[str, ...]:
    """The one district that title and source name between them, else none."""
    districts = gazetteer.named(f"{bulletin.title or ''}\n{bulletin.source or ''}")
    return districts if len(districts) == 1 else ()


def _section(
    role: Role, districts: tuple[str, ...], heading: str | None, parts: Sequence[_Part], opens: _Part | None = None
) -> Section:
    paragraphs = tuple(Span(part.line.start, part.line.end) for part in parts)
    return Section((opens or parts[0]).line.start, paragraphs[-1].end, districts, heading, role, paragraphs)


def _openings(parts: Sequence[_Part]) -> Iterator[_Opening]:
    """Every heading in order; an event without a district of its own belongs to the one above."""
    districts: tuple[str, ...] = ()
    number = 0
    while number < len(parts):
        part, first = parts[number], number
        number += 1
        if part.kind == "district":
            districts, heading = part.districts, None
            if _opens_text(parts, number):
                heading = parts[number].heading
                number += 1
            yield _Opening(first, number, districts, heading, True)
        elif _opens_text(parts, first):
            districts = part.districts or districts
            yield _Opening(first, number, districts, part.heading, part.kind == "prefixed")


def _opens_text(parts: Sequence[_Part], number: int) -> bool:
    """A headline under which a text stands, perhaps after further headings."""
    if number >= len(parts) or parts[number].kind not in ("headline", "prefixed"):
        return False
    return any(part.kind == "text" for part in parts[number + 1 : number + 2 + _MOST_HEADINGS])


def _closing(parts: Sequence[_Part], opening: _Opening, lengths: Sequence[int]) -> int:
    """Number of the part where the last section ends and the closing paragraph begins, if there is one.

    The closing stands after the photos, or says so ("Going forward"), or is the one paragraph more than all
    earlier thematic sections have.
    """
    for number, part in enumerate(parts[opening.body + 1 :], opening.body + 1):
        if (part.after_photos and not part.line.mark and not opening.by_district) or _CLOSING.match(part.words):
            return number
    one_each = len(lengths) > 1 and set(lengths) == {1} and not opening.by_district
    return len(parts) - 1 if one_each and len(parts) == opening.body + 2 else len(parts)


def _parts(bulletin: Bulletin) -> list[_Part]:
    """The body's lines, footnotes and captions left out, each with what it reads as among its neighbors."""
    text = bulletin.text
    # A heading may go over several lines.
    words = [unwrapped(line.of(text)) for line in bulletin.body]
    parts = [_part(line, own) for line, own in zip(bulletin.body, words, strict=True) if not is_footnote(own)]
    parts = _with_name_lists(parts)
    kept: list[_Part] = []
    after_photos = False
    for part in parts:
        if part.kind != "caption":
            kept.append(replace(part, after_photos=after_photos))
        after_photos = part.kind == "caption"
    return _with_short_lines(kept, text)


def _part(line: Line, words: str) -> _Part:
    if _is_caption(line, words):
        return _Part(line, words, "caption")
    if line.mark in ("item", "row") or _SALUTATION.match(words):
        return _Part(line, words, "text")
    if districts := gazetteer.heading(words):
        return _Part(line, words, "district", districts)
    districts, at = gazetteer.prefix(words)
    if districts and is_headline(words[at:]):
        return _Part(line, words, "prefixed", districts, words[at:].strip())
    if is_headline(words):
        return _Part(line, words, "headline", heading=words.strip())
    return _Part(line, words, "text")


def _is_caption(line: Line, words: str) -> bool:
    """Marked as one, a credit, or district names side by side."""
    if line.mark == "caption" or _CREDIT.match(words):
        return True
    if len(words) > _LONGEST_CAPTION:
        return False
    names = gazetteer.named(words)
    if not names or line.mark == "row":
        return False
    columns = split_cells(words)
    if len(columns) > 1:
        return all(gazetteer.named(column) and not column[-1].isdigit() for column in columns)
    return len(names) > 1 and not gazetteer.heading(words) and not gazetteer.apart_from_names(words)


def _with_name_lists(parts: list[_Part]) -> list[_Part]:
    """District names one below the other, or beside a row of captions, head nothing: they are captions or a list."""
    found: list[_Part] = []
    for number, part in enumerate(parts):
        kind = part.kind
        below = parts[number + 1 : number + 3]
        if kind == "district":
            above = found[-1] if found else None
            stacked = bool(below and below[0].kind in ("district", "caption"))
            ends_stack = above is not None and (above.kind == "caption" or _is_listed_name(above))
            heads = [p.kind for p in below] == ["headline", "text"]
            if not below or stacked or (ends_stack and not heads):
                listed = is_bullet(part.words) or is_numbered(part.words) or (above and _introduces(above))
                kind = "text" if listed else "caption"
        found.append(part if kind == part.kind else replace(part, kind=kind))
    return found


def _is_listed_name(part: _Part) -> bool:
    return part.kind == "text" and bool(part.districts)


def _introduces(part: _Part) -> bool:
    return part.words.endswith((":", "：")) or _is_listed_name(part)


def _with_short_lines(parts: list[_Part], text: str) -> list[_Part]:
    """Short lines right below one another are a list or an address, not a heap of headings."""
    # Where no blank line stands anywhere, its absence tells nothing.
    spaced = any(not _touch(text, *pair) for pair in pairwise(parts))
    listed = set()
    for number, (upper, lower) in enumerate(pairwise(parts)):
        if upper.kind != lower.kind or upper.kind not in ("headline", "prefixed"):
            continue
        numbered = is_numbered(upper.words) and is_numbered(lower.words) and not _ROMAN.match(lower.words)
        figures = upper.words[-1].isdigit() and lower.words[-1].isdigit()
        plain = upper.line.mark == lower.line.mark == ""
        heap = plain and spaced and _touch(text, upper, lower) and not ends_sentence(upper.words)
        signed = parse_date(lower.words) is not None  # name and date under a letter
        if not signed and (numbered or figures or heap or upper.kind == "prefixed"):
            listed |= {number, number + 1}
    return [replace(part, kind="text") if n in listed else part for n, part in enumerate(parts)]


def _touch(text: str, upper: _Part, lower: _Part) -> bool:
    """No blank line stands between the two."""
    return len(re.findall(r"\r\n|\r|\n", text[upper.line.end : lower.line.start])) == 1
