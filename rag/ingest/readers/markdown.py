"""Markdown -> its bulletin: the stored text is the file's, and the lines of its blocks begin after their markup.

Format: CommonMark 0.31, as markdown-it-py reads its blocks, and GitHub's tables; perhaps "title: …" and other fields
between two lines of ``---``, each a key, a colon and a value, which may be continued in indented lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag import limits
from rag.ingest.boilerplate import is_above_title, is_footnote
from rag.ingest.header import HeaderFields, header_fields
from rag.ingest.headlines import ends_sentence, is_bullet, is_headline, split_cells
from rag.ingest.readers.markdown_marks import strip_marks
from rag.ingest.readers.text import FIRST_WORD, line_of_words, read_lines, unwrap
from rag.ingest.refused import Refused
from rag.models import Document, Line, LineKind, Span
from rag.text.cjk import CHINESE, FULL_WIDTH, PUNCTUATION
from rag.text.district_headings import is_heading_row

# Indented text is no code in a bulletin, so the rule for code is off.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 100}).disable(["code", "reference", "inline"])
_BREAK = re.compile(r"\r\n|\r|\n")
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
_MAX_WRAPPED_CHARS = 200  # no longer line was broken to fit a width
_CHINESE = re.compile(f"[{PUNCTUATION}{CHINESE}{FULL_WIDTH}]")
_MIN_COLUMNS = 60  # that wrapped lines go up to
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n|\r|\n)(.*?)^(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(r"([^\s:#'\"-][^:]{0,40}?)[ \t]*:(?:[ \t]+(.*))?")
_NOT_A_FIELD = re.compile(r"\s*(?:[-#].*)?|\s+\S.*")
_FOLDED = re.compile(r"[>|][+-]?(?: |$)")
_KEYS = {
    "title": ("title", "标题"),
    "date": ("date", "published", "发布日期", "发布时间", "日期"),
    "source": ("source", "来源", "信息来源"),
    "url": ("url", "link", "网址"),
}


def read_markdown(text: str) -> Document:
    """Returns the bulletin of a decoded Markdown file, ``text`` kept as it is; raises ``Refused`` for what is none."""
    front = _front_matter(text)
    lines: list[Line] = []
    top_headings: list[int] = []
    for line, is_top in _lines(text, front.end):
        if is_top:
            top_headings.append(len(lines))
        lines.append(line)
    words = [strip_marks(_LINK.sub(lambda link: link[1] or link[2], unwrap(line.of(text)))) for line in lines]
    return read_lines(text, lines, words, stated=front.fields, title=front.title, top_headings=top_headings)


@dataclass(frozen=True, slots=True)
class _Row(Span):
    """One line of the file inside a block, without its markup; ``breaks`` says that a line break is asked for."""

    breaks: bool = False


def _lines(text: str, at: int) -> Iterator[tuple[Line, bool]]:
    """Yields the lines of the blocks from ``at`` on, each with whether it is a heading of the first level."""
    starts = [at, *(match.end() for match in _BREAK.finditer(text, at)), len(text)]
    if len(starts) > limits.MAX_MARKDOWN_LINES:
        raise Refused(f"holds over {limits.MAX_MARKDOWN_LINES:,} lines", "Save the bulletin again")
    file_rows = [_Row(start, start + len(text[start:end].rstrip("\r\n"))) for start, end in pairwise(starts)]
    tokens = _BLOCKS.parse(text[at:])
    if any(token.level > limits.MAX_MARKDOWN_DEPTH for token in tokens):
        raise Refused("nests its lists and quotations too deeply for a bulletin", "Save the bulletin again")
    lone_lists = _lone_lists(tokens)
    open_lists: list[bool] = []
    item_number = ""
    for n, token in enumerate(tokens):
        rows = file_rows[slice(*token.map)] if token.map else []
        kind: LineKind = "item" if any(open_lists) else ""
        if token.type in _LIST_OPENS:
            open_lists.append(n not in lone_lists)
        elif token.type in _LIST_CLOSES:
            open_lists.pop()
        elif token.type == "list_item_open":
            item_number = token.info + token.markup if token.info else ""
        elif token.type == "fence":
            yield from _verbatim_lines(text, [row for row in rows[1:] if row.of(text).strip(_FENCE)], kind)
        elif token.type == "html_block" and not _UNSEEN.match(token.content):
            yield from _verbatim_lines(text, [_without_tags(text, row) for row in rows], kind)
        elif token.type == "inline":
            yield from _inline_lines(text, tokens[n - 1], token, rows, item_number, kind)
            item_number = ""


def _inline_lines(
    text: str, opening: Token, token: Token, rows: Sequence[_Row], item_number: str, kind: LineKind
) -> Iterator[tuple[Line, bool]]:
    """Yields the lines of a paragraph, heading or table; ``item_number`` is that of the list item it begins, if any."""
    if opening.markup.startswith("#"):
        content = [_heading_row(text, rows[0], token.content)]
    else:
        content = [_content_row(text, *part) for part in zip(rows, token.content.split("\n"), strict=False)]
    if item_number and (place := text.rfind(item_number, rows[0].start, content[0].start)) >= 0:
        content[0] = replace(content[0], start=place)  # the number is one of the words as they are typed
    prose, table = _split_table(text, content)
    lines = [*_paragraphs(text, prose, kind or ("heading" if opening.type == "heading_open" else ""))]
    yield from ((line, opening.tag == "h1" and len(lines) == 1) for line in lines)
    yield from _verbatim_lines(text, [_table_row(text, row) for row in table], "row")


def _lone_lists(tokens: Sequence[Token]) -> set[int]:
    """Returns where numbered lists of one item open: a number between paragraphs is a heading's."""
    lone: set[int] = set()
    opened: list[tuple[int, list[int]]] = []
    for n, token in enumerate(tokens):
        if token.type in _LIST_OPENS:
            opened.append((n, []))
        elif token.type == "list_item_open":
            opened[-1][1].append(n)
        elif token.type in _LIST_CLOSES:
            opening, items = opened.pop()
            if len(items) == 1 and tokens[opening].type == "ordered_list_open":
                lone.add(opening)
    return lone


def _verbatim_lines(text: str, rows: Iterable[Span], kind: LineKind) -> Iterator[tuple[Line, bool]]:
    yield from ((line, False) for row in rows if (line := line_of_words(text, row.start, row.end, kind)))


def _split_table(text: str, rows: Sequence[_Row]) -> tuple[Sequence[_Row], Sequence[_Row]]:
    """Returns a paragraph's rows above a table's head, and the table's rows without its line of dashes."""
    for n, (head, dashes) in enumerate(pairwise(rows)):
        if "|" in head.of(text) and "|" in dashes.of(text) and _DASHES.fullmatch(dashes.of(text)):
            return rows[:n], [head, *rows[n + 2 :]]
    return rows, ()


def _table_row(text: str, row: Span) -> Span:
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


def _content_row(text: str, row: Span, words: str) -> _Row:
    """Returns the place of a block's words in a line of the file: markup and indents come before them."""
    line = row.of(text)
    end = row.start + len(line.rstrip())
    start = max(end - len(words.strip()), row.start)
    return _Row(start, end - line.endswith("\\"), line.endswith(("\\", "  ")))


def _heading_row(text: str, row: Span, words: str) -> _Row:
    """Returns the place of a heading's words, which stand between its number signs."""
    line = row.of(text)
    signs = line.find("#")
    start = row.start + line.find(words, signs + len(line[signs:]) - len(line[signs:].lstrip("#")))
    return _Row(start, start + len(words))


def _paragraphs(text: str, rows: Sequence[_Row], kind: LineKind) -> Iterator[Line]:
    """Yields a block's lines: wrapped rows are one; a header, a heading and what stands before a break are separate."""
    width = max([_MIN_COLUMNS, *(_columns(row.of(text)) for row in rows)])
    group: list[_Row] = []
    below_picture = False
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        if _IMAGES.fullmatch(row.of(text)) or _DEFINITION.fullmatch(row.of(text)):
            yield from _line(text, group, kind)
            group, below_picture = [], row.of(text).lstrip("[").startswith("!")
        elif group and _continues(text, group, row, following, width):
            group.append(row)
        else:
            yield from _line(text, group, kind)
            group = [row]
            if below_picture and not kind and not ends_sentence(row.of(text)):
                yield from _line(text, group, "caption")
                group = []
            below_picture = False
    yield from _line(text, group, kind)


def _line(text: str, group: Sequence[Span], kind: LineKind) -> Iterator[Line]:
    if group and (line := line_of_words(text, group[0].start, group[-1].end, kind)):
        if match := _EMPHASIZED.fullmatch(line.of(text)):
            line = Line(line.start + match.start(2), line.start + match.end(2), kind or "strong")
        yield line


def _continues(text: str, group: Sequence[_Row], row: _Row, following: Span | None, width: int) -> bool:
    """Whether the row continues the paragraph that the group is so far."""
    last, words = strip_marks(group[-1].of(text)), strip_marks(row.of(text))
    ended = ends_sentence(last)
    if group[-1].breaks or len(last) > _MAX_WRAPPED_CHARS or is_bullet(words) or is_footnote(words):
        return False
    goes_on = words[:1].islower()
    if is_heading_row(words) or (is_heading_row(last) and not goes_on) or header_fields(words):
        return False
    if len(split_cells(last)) > 1 and len(split_cells(words)) > 1:
        return False
    separate = (is_headline(last) and not goes_on) or header_fields(last) or is_above_title(last)
    if len(group) == 1 and separate and _had_room(last, words, width):
        return False
    after = strip_marks(following.of(text)) if following else ""
    return not (ended and after and is_headline(words) and _had_room(words, after, width))


def _had_room(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word had room on this one, so that the break isn't mere wrapping."""
    word = FIRST_WORD.match(following)
    return _columns(line) + 1 + _columns(word[0] if word else "") <= width


def _columns(words: str) -> int:
    """Returns the width of the words where every Chinese character takes two columns."""
    return len(words) + len(_CHINESE.findall(words))


@dataclass(frozen=True, slots=True)
class _FrontMatter:
    """The title and the fields that it states; ``end`` is where the text after it begins."""

    title: str | None = None
    fields: HeaderFields | None = None
    end: int = 0


def _front_matter(text: str) -> _FrontMatter:
    """Returns the front matter of a file, an empty one for none; YAML would refuse a title with a colon."""
    block = _FRONT_MATTER.match(text[: limits.MAX_FRONT_MATTER_CHARS])
    stated = _stated_fields(_BREAK.split(block[1])) if block else {}
    if not block or not stated:
        return _FrontMatter()
    values = {name: next((value for key in keys if (value := stated.get(key))), None) for name, keys in _KEYS.items()}
    fields = HeaderFields(date=values["date"], source=values["source"], url=values["url"])
    return _FrontMatter(values["title"], fields, block.end())


def _stated_fields(lines: list[str]) -> dict[str, str]:
    """Returns the fields; {} where a line is none, nor continues one."""
    fields: dict[str, str] = {}
    key = ""
    for line in lines:
        if field := _FIELD.fullmatch(line):
            key = field[1].strip().lower()
            fields[key] = (field[2] or "").strip()
        elif not _NOT_A_FIELD.fullmatch(line):
            return {}
        elif key and line.strip() and not line.lstrip().startswith(("-", "#")):
            fields[key] = f"{fields[key]} {line.strip()}".strip()
    return {key: _unquote(_FOLDED.sub("", value)) for key, value in fields.items()}


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''" if value[0] == "'" else '\\"', value[0])
    return value
