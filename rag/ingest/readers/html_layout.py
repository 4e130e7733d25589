"""A web page's elements -> its lines, as a browser lays them out and would copy them.

Entities are decoded, ASCII white space is collapsed, no-break spaces are kept; a line ends where a block does, and
a tab stands between the cells of a table.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag import limits
from rag.ingest.headlines import ends_sentence
from rag.ingest.readers.html_visibility import HIDDEN, StyleSheet, unseen_properties, why_unseen
from rag.ingest.readers.left_out import LeftOut
from rag.ingest.readers.text import WORDS
from rag.ingest.refused import Refused
from rag.models import LineKind

_SPACE = re.compile(r"[ \t\n\r\f]+")
_ALL_SPACE = " \t\n\r\f\u00a0\u3000"
_SKIPPED = frozenset(
    "script style noscript template head nav footer aside button select option textarea input iframe object svg canvas"
    " audio video map dialog".split()
)
_BLOCKS = frozenset(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5"
    " h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_KINDS: dict[str, LineKind] = {"li": "item", "tr": "row", "figcaption": "caption", "caption": "caption"}
_KINDS |= dict.fromkeys(_HEADINGS, "heading")
_MAX_CELL_CHARS = 300  # a table with longer cells is there for the page's layout
_MAX_PARTS_BEFORE = 8  # of a line, that are repeated before words that are left out
_CENTERED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:caption|figcaption|pic-?(?:text|title|desc)|img-?(?:text|title|desc))(?:$|[\s_-])", re.IGNORECASE
)
# Classes and ids of boilerplate: as part of a name ("wx-share", "page_footer"), or as all of it.
_BOILERPLATE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|subnav|crumbs?|breadcrumbs?|share|bdsharebuttonbox|social|related|relevant"
    r"|recommend|footer|foot|copyright|sidebar|search|login|toolbar|lang|language|pager|pagination|prevnext|topbar"
    r"|banner|logo|qrcode|ewm|advert)(?:$|[\s_-])"
    r"|(?:^|\s)(?:top|position|location|hot|rank|aside|tools?|print|comments?|ad)(?:$|\s)",
    re.IGNORECASE,
)
# Classes and ids of the box that such sites put an article's text into.
_ARTICLE = frozenset(
    "trs_editor trs_ueditor trs_web ucap-content zoom zoomcon article articlebody article-body article_body"
    " articlecontent article-content article_content pages_content news_content news-content view content content-text"
    " main".split()
)
_TITLE = re.compile(r"title(?:$|[\s_-])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_NO_DEPTH = frozenset(
    # Elements that hold nothing, and those that close by themselves.
    "area base br col embed hr img input link meta param source track wbr"
    " html head body p li dt dd td th tr thead tbody tfoot colgroup option optgroup rp rt".split()
)
_REOPENED = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# A script may write tags, and a comment may hold some.
_NO_TAGS = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def check_nesting(text: str) -> None:
    """Raises ``Refused`` where elements nest so deeply that the parser would take minutes over a hostile page."""
    open_tags: Counter[str] = Counter()
    depth = reopened = 0
    for closes, name in _TAG.findall(_NO_TAGS.sub("", text)):
        tag = name.lower()
        if tag not in _NO_DEPTH:
            change = -min(open_tags[tag], 1) if closes else 1
            open_tags[tag] += change
            depth += change
        elif depth:
            reopened += sum(open_tags[tag] for tag in _REOPENED)
        if depth > limits.MAX_HTML_DEPTH or reopened > limits.MAX_REOPENED_ELEMENTS:
            raise Refused(f"nests its elements more than {limits.MAX_HTML_DEPTH} deep", "Save the bulletin again")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line as the browser shows it; ``level`` is 1 in an <h1>, and so on, 2 in a box named a title, 0 elsewhere.

    ``stated`` are its words with spans apart, and with what a <time> states for machines instead of what it shows; ""
    where there is none of either.
    Words that it doesn't show are a line of their own, right before the one that they stand in: ``left_out``.
    """

    words: str
    kind: LineKind
    level: int
    left_out: LeftOut | None = None
    stated: str = ""

    @property
    def prose(self) -> int:
        """The line's length where it is surely running text, else 0."""
        return len(self.words) if len(self.words) > 60 and ends_sentence(self.words) else 0


@dataclass(slots=True)
class Layout:
    """A page's lines, and the ranges [start:end] of them in boxes named like an article or like boilerplate."""

    lines: list[PageLine] = field(default_factory=list)
    articles: list[tuple[int, int]] = field(default_factory=list)
    boilerplate: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Element:
    """An open element: how its words are shown, and the number of its ``first`` line."""

    node: LexborNode
    tag: str
    kind: LineKind
    level: int
    bold: bool
    centered: bool
    breaks: bool  # its edges end a line
    in_row: bool
    in_data: bool  # the table around it holds data
    in_article: bool
    time: str  # that the <time> around it states
    unseen: frozenset[str]  # inherited properties that hide its own words
    first: int


def collapse(words: str) -> str:
    """Returns the words with white space collapsed as HTML shows it, none at the ends."""
    return _SPACE.sub(" ", words).strip(_ALL_SPACE)


def lay_out(tree: LexborHTMLParser) -> Layout:
    """Returns the lines of a page's body."""
    writer, body = _Writer(StyleSheet(tree)), tree.body
    if body is None:
        return writer.layout
    # Without recursion, as pages can be nested deeper than Python's stack.
    root = _Element(body, "body", "", 0, False, False, True, False, False, False, "", frozenset(), 0)
    stack, node = [root], body.child
    while stack:
        if node is None:
            closed = stack.pop()
            writer.close_element(closed)
            node = closed.node.next
        elif node.is_element_node and not _is_skipped(node, stack[-1]):
            style = writer.styles.style_of(node)
            if why := why_unseen(node, style, writer.styles.text_chars):
                writer.leave_out(node.text(deep=True, separator=" "), why)
                node = node.next
            else:
                stack.append(writer.open_element(node, stack[-1], style))
                node = node.child
        else:
            if node.is_text_node:
                writer.add_words(node.text_content or "", stack[-1])
            node = node.next
    return writer.layout


class _Writer:
    """Collects a line's words until a block's edge ends it."""

    def __init__(self, styles: StyleSheet) -> None:
        self.styles = styles
        self.layout = Layout()
        self._parts: list[str] = []
        self._last = ""  # the line before this one
        self._times: dict[int, str] = {}  # by the number of the part that shows it
        self._spans: set[int] = set()  # numbers of parts that a <span> begins or ends before
        self._bold = True  # every word of the line so far stands in bold
        self._picture: Literal["", "in this block", "above"] = ""

    def leave_out(self, words: str, why: str) -> None:
        """Notes words that the browser doesn't show, in the line that is being written."""
        if WORDS.search(words):
            before = collapse("".join(part[-_MAX_CELL_CHARS:] for part in self._parts[-_MAX_PARTS_BEFORE:]))
            piece = LeftOut(words[:_MAX_CELL_CHARS], why, before.replace("\0", " ") or self._last)
            self.layout.lines.append(PageLine("", "", 0, piece))

    def add_words(self, words: str, element: _Element) -> None:
        if element.unseen:
            self.leave_out(words, HIDDEN)
            return
        if words.strip(_ALL_SPACE):
            self._bold = self._bold and element.bold
        if element.time:
            self._times[len(self._parts)] = element.time
        self._parts.append(words.replace("\0", ""))

    def open_element(self, node: LexborNode, parent: _Element, style: dict[str, str]) -> _Element:
        tag = node.tag or ""
        kind = "" if tag == "tr" and not parent.in_data else _KINDS.get(tag, "")
        element = _Element(
            node=node,
            tag=tag,
            kind="caption" if _CAPTION.search(_names(node)) else parent.kind or kind,
            level=int(tag[1]) if tag in _HEADINGS else parent.level or 2 * bool(_TITLE.search(_names(node))),
            bold=parent.bold or tag in ("b", "strong"),
            centered=parent.centered or _is_centered(node),
            breaks=tag in _BLOCKS and not parent.in_row,
            in_row=parent.in_row or (tag == "tr" and parent.in_data),
            in_data=_is_data(node) if tag == "table" else parent.in_data,
            in_article=parent.in_article or tag in ("main", "article", "section"),
            time=parent.time or (tag == "time" and node.attributes.get("datetime")) or "",
            unseen=unseen_properties(parent.unseen, style),
            first=len(self.layout.lines),
        )
        if tag == "span":
            self._spans.add(len(self._parts))
        if tag in ("td", "th") and parent.in_row:
            self._parts.append("\0")
        elif tag == "img":
            self._picture = "in this block"
        elif tag == "br" and not parent.in_row and not parent.level:
            self._end_line(parent)
        elif element.breaks:
            self._end_line(parent)
            self._leave_picture()
        elif tag == "br" or tag in _BLOCKS:
            self._parts.append(" ")
        return element

    def close_element(self, element: _Element) -> None:
        if element.tag == "span":
            self._spans.add(len(self._parts))
        elif element.breaks:
            self._end_line(element)
            self._leave_picture()
        elif element.tag in _BLOCKS:
            self._parts.append(" ")
        lines = (element.first, len(self.layout.lines))
        names = _names(element.node).lower()
        if element.tag in ("main", "article") or not _ARTICLE.isdisjoint(names.split()):
            self.layout.articles.append(lines)
        elif element.tag == "form" or (element.tag not in ("body", "html") and _BOILERPLATE.search(names)):
            self.layout.boilerplate.append(lines)

    def _end_line(self, element: _Element) -> None:
        cells = [_SPACE.sub(" ", cell).strip(" ") for cell in "".join(self._parts).split("\0")]
        words = "\t".join(cells).strip("\t")
        kind = element.kind or ("strong" if self._bold else "")
        if WORDS.search(words):
            under_picture = self._picture == "in this block" or (self._picture and element.centered)
            if under_picture and not kind and not ends_sentence(words):
                kind = "caption"
            self.layout.lines.append(PageLine(words, kind, element.level, stated=self._stated()))
            self._last = words
            self._picture = ""
        self._parts, self._bold, self._times, self._spans = [], True, {}, set()

    def _stated(self) -> str:
        if not self._times and len(self._spans) < 2:
            return ""
        parts = (self._times.get(number, part) for number, part in enumerate(self._parts))
        # A page's style can set spans apart that no space is between.
        return collapse("".join(" " * (number in self._spans) + part for number, part in enumerate(parts)))

    def _leave_picture(self) -> None:
        if self._picture:
            self._picture = "above"


def _is_data(table: LexborNode) -> bool:
    """Whether the table holds data, and isn't there for the page's layout."""
    if len(table.css("table")) > 1:  # itself and another
        return False
    rows = [row.css("td, th") for row in table.css("tr")]
    long = any(len(cell.text(deep=True)) > _MAX_CELL_CHARS for cells in rows for cell in cells)
    return not long and any(len(cells) > 1 for cells in rows)


def _is_skipped(node: LexborNode, parent: _Element) -> bool:
    return node.tag in _SKIPPED or (node.tag == "header" and not parent.in_article)


def _is_centered(node: LexborNode) -> bool:
    attributes = node.attributes
    align = (attributes.get("align") or "").lower()
    return node.tag == "center" or align == "center" or bool(_CENTERED.search(attributes.get("style") or ""))


def _names(node: LexborNode) -> str:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".strip()
