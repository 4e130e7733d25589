"""A saved web page -> its bulletin: the government page's metadata first, then the body among the furniture.

The text is what a browser would copy: entities decoded, ASCII white space collapsed, one line feed between
blocks, a tab between table cells, no-break spaces kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.furniture import HeaderFields, header_fields, is_above_title, read_date
from rag.headline import ends_sentence
from rag.plain import body_lines
from rag.records import Line, Mark, Page

_SPACE = re.compile(r"[ \t\n\r\f]+")
_ASCII_SPACE = " \t\n\r\f"
_SKIPPED = frozenset(
    "script style noscript template head nav header footer form button select option textarea input iframe object svg"
    " canvas audio video map aside dialog".split()
)
_BLOCKS = frozenset(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6"
    " hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_BOLD = frozenset("strong b".split())
_MARKS: dict[str, Mark] = {"li": "item", "tr": "row", "figcaption": "caption", "caption": "caption"}
_MARKS |= dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading")
# Names of what isn't the bulletin, as whole words of a class or an id ("wx-share", "page_footer").
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|subnav|crumbs?|breadcrumbs?|position|location|share|bdsharebuttonbox|social|related|relevant|recommend"
    r"|hot|rank|footer|foot|copyright|sidebar|aside|search|login|toolbar|tools?|lang|language|print|pager|pagination|prevnext|hide|hidden"
    r"|topbar|top|banner|logo|qrcode|ewm|comment|advert|ad)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:^|[\s_-])(?:caption|figcaption|pic-?(?:text|title|desc)|img-?(?:text|title|desc))(?:$|[\s_-])", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)
# The article's own box, most particular first; taken only where it holds the greater part of the prose.
_BODIES = (
    ".trs_editor, .trs_ueditor, .trs_web, #ucap-content, .ucap-content, #zoom, #zoomcon, #articlecontent, #article_content, .article-content, "
    ".article_content, .pages_content, .view, #content-text, [itemprop=articlebody]"
)
_TITLES = "h1, [class*=title], [id*=title], h2"


@dataclass(slots=True)
class _Writer:
    """Collects a page's lines as a browser lays them out."""

    lines: list[tuple[str, Mark]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    bold: bool = True  # every word of the line so far stands in bold

    def words(self, words: str, *, bold: bool) -> None:
        if words.strip(_ASCII_SPACE + "\u00a0\u3000"):
            self.bold = self.bold and bold
        self.parts.append(words)

    def end_line(self, mark: Mark) -> None:
        cells = (_SPACE.sub(" ", cell).strip(" ") for cell in "".join(self.parts).split("\0"))
        line = "\t".join(cells).strip("\t")
        if line.strip("\t \u00a0\u3000"):
            self.lines.append((line, mark or ("strong" if self.bold else "")))
        self.parts, self.bold = [], True


def read_page(text: str) -> Page:
    """The bulletin of a saved page, its text built from title and body."""
    tree = LexborHTMLParser(text)
    meta = _metadata(tree)
    url = _url(text, tree, meta)
    lines = _lines_of(_article(tree) or tree.body) if tree.body else []
    shown_title, fields, body = _split_head(lines)
    if not fields.date and not fields.source and tree.body:
        # The info line can stand outside the article's box.
        whole_title, fields, _ = _split_head(_lines_of(tree.body))
        shown_title = shown_title or whole_title
    title = meta.get("articletitle") or shown_title or _shown_title(tree)
    while body and title and _plain(body[0][0]) == _plain(title):
        body = body[1:]
    return _assemble(
        title,
        body,
        date=read_date(meta.get("pubdate")) or read_date(fields.date),
        source=meta.get("contentsource") or fields.source or None,
        url=url or fields.url or None,
        column=meta.get("columnname"),
    )


def _assemble(
    title: str | None,
    body: list[tuple[str, Mark]],
    *,
    date: dt.date | None,
    source: str | None,
    url: str | None,
    column: str | None,
) -> Page:
    text = title or ""
    lines = []
    for words, mark in body:
        start = len(text) + (1 if text else 0)
        text = f"{text}\n{words}" if text else words
        # An indent of no-break or full-width spaces stays in the text; the line begins after it.
        indent = len(words) - len(words.lstrip("\u00a0\u3000 "))
        lines.append(Line(start + indent, start + len(words.rstrip("\u00a0\u3000 ")), mark))
    return Page(text, title, date, source, url, column, tuple(body_lines(lines, text)))


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """The page's <meta name=… content=…>, names in lower case; the first of a name counts, empty ones don't."""
    found: dict[str, str] = {}
    for node in tree.css("meta"):
        key = (node.attributes.get("name") or node.attributes.get("property") or "").strip().lower()
        value = _SPACE.sub(" ", node.attributes.get("content") or "").strip(" \u00a0\u3000")
        if key and value:
            found.setdefault(key, value)
    return found


def _url(text: str, tree: LexborHTMLParser, meta: dict[str, str]) -> str | None:
    """The page's address where it states one whole, or a path and its site's domain."""
    canonical = tree.css_first("link[rel=canonical]")
    saved = _SAVED_FROM.search(text[:4096])
    domain = meta.get("sitedomain", "")
    base = domain if "//" in domain else f"https://{domain}" if domain else ""
    for stated in (canonical.attributes.get("href") if canonical else None, meta.get("url"), meta.get("og:url"), saved and saved[1]):
        address = urljoin(base, stated) if stated else ""
        if urlsplit(address).scheme in ("http", "https") and urlsplit(address).netloc:
            return address
    return None


def _article(tree: LexborHTMLParser) -> LexborNode | None:
    """The innermost known box that holds most of the page's prose; None leaves it to the lines themselves."""
    if tree.body is None:
        return None
    whole = _prose(_lines_of(tree.body))
    best = None
    for node in _by_class(tree, _BODIES):
        if not _is_furniture(node) and _prose(_lines_of(node)) * 10 >= whole * 8:
            best = node
    return best if whole else None


def _by_class(tree: LexborHTMLParser, selectors: str) -> Iterator[LexborNode]:
    """Nodes in document order whose class or id is one of the selectors', whatever its case."""
    wanted = {s.strip().strip(".#").lower() for s in selectors.split(",")}
    for node in tree.css("[id], [class], article, main"):
        names = f"{node.attributes.get('id') or ''} {node.attributes.get('class') or ''}".lower().split()
        if node.tag in ("article", "main") or wanted.intersection(names):
            yield node


def _prose(lines: list[tuple[str, Mark]]) -> int:
    return sum(len(words) for words, _ in lines if len(words) > 60 and ends_sentence(words))


def _lines_of(root: LexborNode) -> list[tuple[str, Mark]]:
    writer = _Writer()
    _walk(root, writer, mark="", bold=False)
    writer.end_line("")
    return writer.lines


def _walk(root: LexborNode, writer: _Writer, *, mark: Mark, bold: bool) -> None:
    node = root.child
    while node is not None:
        if node.is_text_node:
            words = node.text_content or ""
            writer.words(words.replace("\0", ""), bold=bold)
        elif node.tag == "br":
            writer.end_line(mark)
        elif node.is_element_node and node.tag and node.tag not in _SKIPPED and not _is_furniture(node):
            _walk_element(node, writer, mark=mark, bold=bold)
        node = node.next


def _walk_element(node: LexborNode, writer: _Writer, *, mark: Mark, bold: bool) -> None:
    tag = node.tag or ""
    inner: Mark = "caption" if _CAPTION.search(_names(node)) else mark or _MARKS.get(tag, "")
    in_row = mark == "row"
    if tag in ("td", "th") and in_row:
        writer.parts.append("\0")
    elif tag in _BLOCKS and not in_row:
        writer.end_line(mark)
    _walk(node, writer, mark=inner, bold=bold or tag in _BOLD)
    if tag in _BLOCKS and not in_row:
        writer.end_line(inner)


def _is_furniture(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _HIDDEN.search(attributes.get("style") or "")
        or (node.tag not in ("body", "html", "main", "article") and _FURNITURE.search(_names(node)))
    )


def _names(node: LexborNode) -> str:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".strip()


def _split_head(lines: list[tuple[str, Mark]]) -> tuple[str | None, HeaderFields, list[tuple[str, Mark]]]:
    """Title, stated fields and body, by the info line ("Date: … Source: …") that stands between them."""
    title, merged, body_at = None, HeaderFields(), 0
    for number, (words, _) in enumerate(lines):
        if fields := header_fields(words):
            if not body_at:
                above = [w for w, _ in lines[:number] if not is_above_title(w)]
                title = above[-1] if above else None
            merged = HeaderFields(*(a or b for a, b in zip(_values(merged), _values(fields), strict=True)))
            body_at = number + 1
        elif body_at or (len(words) > 200 and ends_sentence(words)):
            break
    body = lines[body_at:]
    if not body_at:
        at = next((n for n, (words, _) in enumerate(body) if not is_above_title(words)), 0)
        body = body[at:]
    return title, merged, body


def _values(fields: HeaderFields) -> tuple[str | None, str | None, str | None]:
    return fields.date, fields.source, fields.url


def _shown_title(tree: LexborHTMLParser) -> str | None:
    """The title as the page shows it, else as its <title> states it."""
    for node in [*tree.css(_TITLES), *tree.css("title")]:
        words = _SPACE.sub(" ", node.text(deep=True)).strip(" \u00a0\u3000")
        if words and (node.tag == "title" or not _is_furniture(node)):
            return words
    return None


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()
