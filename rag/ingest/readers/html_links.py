"""A web page -> its links.  Called in the sandbox alone."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.ingest.readers.html_layout import check_nesting, collapse
from rag.ingest.readers.page_links import PageLink, PageLinks

# The words of links to other pages of a listing; arrows and brackets around them are stripped first.
_ARROWS = "«»‹›<>←→◀▶[]()【】·.…|- \u00a0\u3000"
_PAGER = re.compile(
    r"\d{1,4}|(?:next|older|newer|prev|previous|first|last)(?: (?:page|posts|entries|news))?"
    r"|[下上前后]一?[页頁]|[首尾末][页頁]",
    re.IGNORECASE,
)
_FORWARD = frozenset("»›>→▶")


def find_links(text: str) -> PageLinks:
    """Returns the links of a page; raises ``Refused`` as ``check_nesting`` does."""
    check_nesting(text)
    tree = LexborHTMLParser(text)
    base = tree.css_first("base[href]")
    links = (
        PageLink(_href(node), _is_pager(node), node.tag != "a" or _is_in_boilerplate(node))
        for node in tree.css("a[href], link[href]")
    )
    return PageLinks(_href(base) if base else None, tuple(links))


def _href(node: LexborNode) -> str:
    return node.attributes.get("href") or ""


def _is_pager(node: LexborNode) -> bool:
    """Whether the link leads to another page of the listing."""
    if {"next", "prev"} & set((node.attributes.get("rel") or "").lower().split()):
        return True
    words = collapse(node.text(deep=True)) or collapse(node.attributes.get("aria-label") or "")
    return node.tag == "a" and bool(_PAGER.fullmatch(words.strip(_ARROWS)) or (words and set(words) <= _FORWARD))


def _is_in_boilerplate(node: LexborNode) -> bool:
    """Whether the link is in a menu, a sidebar, or the site's header or footer; articles have these two as well."""
    ancestors, parent = set(), node.parent
    while parent is not None:
        ancestors.add(parent.tag)
        parent = parent.parent
    return not ancestors.isdisjoint(("nav", "aside")) or (
        not ancestors.isdisjoint(("header", "footer")) and ancestors.isdisjoint(("article", "main"))
    )
