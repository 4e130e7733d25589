"""Markdown -> its bulletin: the stored text is the file's own; the lines of its blocks begin after their marks.

Format: CommonMark 0.31, as markdown-it-py reads its blocks, and GitHub's tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag import limits
from rag.ingest.boilerplate import header_fields, is_above_title, is_footnote
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, split_cells
from rag.ingest.readers.front_matter import front_matter
from rag.ingest.readers.html_layout import TooDeep
from rag.ingest.readers.text import FIRST_WORD, placed, read_lines, unwrapped
from rag.models import Document, Line, LineKind, Span
from rag.text import districts

# Indented text is no code in a bulletin.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 100}).disable(["code", "reference", "inline"])
_BREAK = re.compile(r"\r\n|\r|\n")
# Emphasis opens before a word and closes behind one; "2 * 3" and snake_case are neither.
_EMPHASIS = re.compile(
    r"(?<![\\*\w])\*{1,3}(?=[^\s*])|(?<=[^\s*\\])\*{1,3}(?![*\w])"
    r"|(?<![\\\w])_{1,3}(?=[^\s_])|(?<=[^\s_\\])_{1,3}(?!\w)"
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIZED = re.compile(r"(\*{1,3}|_{1,3})([^\s*_](?:[^*_]*[^\s*_])?)\1")
_LINK = re.compile(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])|<(https?:[^<>\s]+)>")
_IMAGES = re.compile(r"(?:\[?!\[[^\[\]\n]*\]\([^()\n]*\)(?:\]\([^()\n]*\))?\s*)+")
_DEFINITION = re.compile(r"\[[^\[\]\n]+\]:\s*\S.*")
_TAGS_BEFORE = re.compile(r"\s*(?:<[/A-Za-z][^<>]*>\s*)+")
_TAG = re.compile(r"<[/A-Za-z][^<>]*>")
_UNSEEN = re.compile(r"\s*<(?:[!?]|(?:script|style)\b)", re.IGNORECASE)
_LIST_OPENS = ("ordered_list_open", "bullet_list_open")
_LIST_CLOSES = ("ordered_list_close", "bullet_list_close")
_DASHES = re.compile(r"[\s|:]*-[\s|:-]*")
_FENCE = " \t`~>"
_LONGEST_WRAPPED = 200  # characters; no longer line was broken to fit a width
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_NARROWEST = 60  # columns that wrapped lines go up to, at least


def read_markdown(text: str) -> Document:
    """The bulletin of a decoded Markdown file; ``text`` is kept as it is.

    Raises:
        TooDeep: its lists and quotations are nested too deeply to be a bulletin's, or it has too many lines.
    """
    front = front_matter(text)
    lines: list[Line] = []
    top: list[int] = []
    for line, is_top in _lines(text, front.end):
        if is_top:
            top.append(len(lines))
        lines.append(line)
    words = [bare(_LINK.sub(lambda link: link[1] or link[2], unwrapped(line.of(text)))) for line in lines]
    return read_lines(text, lines, words, stated=front.fields, title=front.title, top=top)


def bare(text: str) -> str:
    """The text without Markdown's marks of emphasis and its escapes."""
    return _ESCAPED.sub(r"\1", _EMPHASIS.sub("", text))


@dataclass(frozen=True, slots=True)
class _Row(Span):
    """What a block has of one line of the file, without its marks; ``breaks`` where a line break is asked for."""

    breaks: bool = False


def _lines(text: str, at: int) -> Iterator[tuple[Line, bool]]:
    """The lines of the blocks from ``at`` on, each with whether it is a heading of the first level."""
    starts = [at, *(match.end() for match in _BREAK.finditer(text, at)), len(text)]
    if len(starts) > limits.MAX_MARKDOWN_LINES:
        raise TooDeep(f"holds over {limits.MAX_MARKDOWN_LINES:,} lines")
    whole = [_Row(start, start + len(text[start:end].rstrip("\r\n"))) for start, end in pairwise(starts)]
    tokens = _BLOCKS.parse(text[at:])
    if any(token.level > limits.MAX_MARKDOWN_DEPTH for token in tokens):
        raise TooDeep("nests its lists and quotations too deeply for a bulletin")
    lone = _lone_lists(tokens)
    lists: list[bool] = []
    number = ""
    for n, token in enumerate(tokens):
        rows = whole[slice(*token.map)] if token.map else []
        if token.type in _LIST_OPENS:
            lists.append(n not in lone)
        elif token.type in _LIST_CLOSES:
            lists.pop()
        elif token.type == "list_item_open":
            number = token.info + token.markup if token.info else ""
        mark: LineKind = "item" if any(lists) else ""
        if token.type == "fence":
            yield from _as_they_are(text, [row for row in rows[1:] if row.of(text).strip(_FENCE)], mark)
        elif token.type == "html_block" and not _UNSEEN.match(token.content):
            yield from _as_they_are(text, [_without_tags(text, row) for row in rows], mark)
        elif token.type == "inline":
            opening = tokens[n - 1]
            own = [_own(text, *part) for part in zip(rows, token.content.split("\n"), strict=False)]
            if opening.markup.startswith("#"):
                own = [_after_signs(text, rows[0], token.content)]
            if number and (place := text.rfind(number, rows[0].start, own[0].start)) >= 0:
                own[0] = replace(own[0], start=place)  # it is one of the words as they are typed
            number = ""
            prose, table = _parted(text, own)
            found = [*_paragraphs(text, prose, mark or ("heading" if opening.type == "heading_open" else ""))]
            yield from ((line, opening.tag == "h1" and len(found) == 1) for line in found)
            yield from _as_they_are(text, [_cells(text, row) for row in table], "row")


def _lone_lists(tokens: Sequence[Token]) -> set[int]:
    """Where numbered lists of one item open: a number between paragraphs is a heading's."""
    found: set[int] = set()
    opened: list[tuple[int, list[int]]] = []
    for n, token in enumerate(tokens):
        if token.type in _LIST_OPENS:
            opened.append((n, []))
        elif token.type == "list_item_open":
            opened[-1][1].append(n)
        elif token.type in _LIST_CLOSES:
            opening, items = opened.pop()
            if len(items) == 1 and tokens[opening].type == "ordered_list_open":
                found.add(opening)
    return found


def _as_they_are(text: str, rows: Iterable[Span], mark: LineKind) -> Iterator[tuple[Line, bool]]:
    yield from ((line, False) for row in rows if (line := placed(text, row.start, row.end, mark)))


def _parted(text: str, rows: Sequence[_Row]) -> tuple[Sequence[_Row], Sequence[_Row]]:
    """A paragraph's rows up to the one under which a table's dashes stand, and the table's without those."""
    for n, (head, dashes) in enumerate(pairwise(rows)):
        if "|" in head.of(text) and "|" in dashes.of(text) and _DASHES.fullmatch(dashes.of(text)):
            return rows[:n], [head, *rows[n + 2 :]]
    return rows, ()


def _cells(text: str, row: Span) -> Span:
    words = row.of(text)
    return Span(row.start + len(words) - len(words.lstrip(" \t|")), row.start + len(words.rstrip(" \t|")))


def _without_tags(text: str, row: Span) -> Span:
    before = _TAGS_BEFORE.match(text, row.start, row.end)
    start, end = before.end() if before else row.start, row.end
    while end > start and (text[end - 1].isspace() or text[end - 1] == ">"):
        at = end - 1 if text[end - 1] != ">" else text.rfind("<", start, end)
        if text[end - 1] == ">" and (at < 0 or not _TAG.fullmatch(text, at, end)):
            break
        end = at
    return Span(start, end)


def _own(text: str, row: Span, words: str) -> _Row:
    """Where a block's words stand in a line of the file: what is before them are marks and indents."""
    line = row.of(text)
    end = row.start + len(line.rstrip())
    start = max(end - len(words.strip()), row.start)
    return _Row(start, end - line.endswith("\\"), line.endswith(("\\", "  ")))


def _after_signs(text: str, row: Span, words: str) -> _Row:
    line = row.of(text)
    signs = line.find("#")
    start = row.start + line.find(words, signs + len(line[signs:]) - len(line[signs:].lstrip("#")))
    return _Row(start, start + len(words))


def _paragraphs(text: str, rows: Sequence[_Row], mark: LineKind) -> Iterator[Line]:
    """A block's lines: wrapped words are one; a head, a heading and what stands before a break are each its own."""
    width = max([_NARROWEST, *(_columns(row.of(text)) for row in rows)])
    group: list[_Row] = []
    below_picture = False
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        if _IMAGES.fullmatch(row.of(text)) or _DEFINITION.fullmatch(row.of(text)):
            yield from _line(text, group, mark)
            group, below_picture = [], row.of(text).lstrip("[").startswith("!")
        elif group and _goes_on(text, group, row, following, width):
            group.append(row)
        else:
            yield from _line(text, group, mark)
            group = [row]
            if below_picture and not mark and not ends_sentence(row.of(text)):
                yield from _line(text, group, "caption")
                group = []
            below_picture = False
    yield from _line(text, group, mark)


def _line(text: str, group: Sequence[Span], mark: LineKind) -> Iterator[Line]:
    if group and (line := placed(text, group[0].start, group[-1].end, mark)):
        if match := _EMPHASIZED.fullmatch(line.of(text)):
            line = Line(line.start + match.start(2), line.start + match.end(2), mark or "strong")
        yield line


def _goes_on(text: str, group: Sequence[_Row], row: _Row, following: Span | None, width: int) -> bool:
    """The row goes on with the paragraph that the group is so far."""
    last, words = bare(group[-1].of(text)), bare(row.of(text))
    ended = ends_sentence(last)
    if group[-1].breaks or len(last) > _LONGEST_WRAPPED or is_bullet(words) or is_footnote(words):
        return False
    goes_on = words[:1].islower()
    if districts.heading(words) or (districts.heading(last) and not goes_on) or header_fields(words):
        return False
    if len(split_cells(last)) > 1 and len(split_cells(words)) > 1:
        return False
    apart = (is_headline(last) and not goes_on) or header_fields(last) or is_above_title(last)
    if len(group) == 1 and apart and _had_room(last, words, width):
        return False
    after = bare(following.of(text)) if following else ""
    return not (ended and after and is_headline(words) and _had_room(words, after, width))


def _had_room(line: str, following: str, width: int) -> bool:
    """The next line's first word had room on this one, so that the break is no mere wrapping."""
    word = FIRST_WORD.match(following)
    return _columns(line) + 1 + _columns(word[0] if word else "") <= width


def _columns(words: str) -> int:
    """How wide the words are where every Chinese character takes two columns."""
    return len(words) + len(_CHINESE.findall(words))
