"""What a page states of its article for machines: meta elements, JSON-LD and the addresses in its head.

Vocabularies: the government's pages' own, schema.org, Open Graph, Dublin Core.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from rag import limits
from rag.ingest.boilerplate import MAX_LINE_CHARS, is_above_title
from rag.ingest.header import parse_date
from rag.ingest.readers.html_layout import collapse

_TITLE_GAP = re.compile(r"(?:(?<!\s)\s++)?[_|｜]\s*+|(?<!\s)\s++[-–—]\s++")
# Names of meta elements, without the strokes between their words.
_PUBLISHED = (
    "pubdate article:publishedtime og:publishedtime datepublished publishdate publisheddate publishtime publicationdate"
    " citationpublicationdate dc.date.issued dcterms.issued dc.date.created dcterms.created dc.date dcterms.date"
    " parselypubdate sailthru.date date"
).split()
_UPDATED = "article:modifiedtime og:updatedtime datemodified dcterms.modified dc.date.modified lastmod".split()
_STROKES = re.compile(r"[-_\s]")
_ARTICLE_TYPES = re.compile(r"\w*Article$|BlogPosting$|Report$|PressRelease$|\w+Announcement$|WebPage$")


class PageMetadata:
    """The statements of one page; a value that it doesn't state is None."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._meta = _meta_elements(tree)
        # A web page's own description says less than that of the article on it.
        self._article = min(_linked_articles(tree), key=lambda item: "headline" not in item, default={})
        self.title = self._meta.get("articletitle") or _text(self._article.get("headline"))
        self.published = parse_date(self._meta.get("pubdate")) or parse_date(_text(self._article.get("datePublished")))
        self.published = self.published or self._day(_PUBLISHED)
        self.updated = self._day(_UPDATED) or parse_date(_text(self._article.get("dateModified")))
        self.source = self._meta.get("contentsource")
        self.publisher = _name(self._article.get("publisher")) or self._meta.get("og:sitename")
        self.column = self._meta.get("columnname")

    def titles(self) -> list[str]:
        """Returns the titles of the page, which may be that of its article, the likeliest first."""
        node = self._tree.css_first("title")
        stated = [self._meta.get(name) for name in ("og:title", "dc.title", "citationtitle")]
        stated.append(collapse(node.text(deep=True)) if node else None)
        titles = [self._without_site(words) for words in stated if words and len(words) <= MAX_LINE_CHARS]
        return [title for title in titles if title]

    def url(self, saved: re.Match[str] | None) -> str | None:
        """Returns the page's address where it states a complete one, or a path and its site's domain."""
        canonical = self._tree.css_first("link[rel=canonical]")
        domain = self._meta.get("sitedomain", "")
        base = domain if "//" in domain else f"https://{domain}" if domain else ""
        href = canonical.attributes.get("href") if canonical else None
        for stated in (href, self._meta.get("url"), self._meta.get("og:url"), saved and saved[1]):
            try:
                address = urljoin(base, stated) if stated else ""
                parts = urlsplit(address)
            except ValueError:  # "http://[" is no address
                continue
            if parts.scheme in ("http", "https") and parts.netloc:
                return address
        return None

    def _day(self, names: Sequence[str]) -> dt.date | None:
        return next(filter(None, (parse_date(self._meta.get(name)) for name in names)), None)

    def _without_site(self, words: str) -> str | None:
        """Returns the words of a title without the names of site and column; None where it holds nothing else."""
        parts, gaps = _TITLE_GAP.split(words), _TITLE_GAP.findall(words)
        known = {self._meta.get(name) for name in ("sitename", "columnname", "og:sitename")} | {self.publisher}
        title_parts = [n for n, part in enumerate(parts) if part and part not in known and not is_above_title(part)]
        if not title_parts:
            return None
        first, last = title_parts[0], title_parts[-1]
        return "".join(part + gap for part, gap in zip(parts[first:last], gaps[first:last], strict=True)) + parts[last]


def _meta_elements(tree: LexborHTMLParser) -> dict[str, str]:
    """Returns what <meta name=… content=…> and the like state, by lower-case name: the first that isn't empty."""
    metadata: dict[str, str] = {}
    for node in tree.css("meta, time[pubdate], [itemprop=datePublished], [itemprop=dateModified]"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop") or ""
        key = "datepublished" if "pubdate" in attributes else _STROKES.sub("", name.lower())
        value = collapse(attributes.get("content") or attributes.get("datetime") or "")
        if key and value:
            metadata.setdefault(key, value)
    return metadata


def _linked_articles(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Yields the articles that JSON-LD describes, at its top or in a graph; damaged JSON states nothing."""
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            stated = json.loads(node.text(deep=True)[: limits.MAX_LINKED_DATA_CHARS], strict=False)
        except (ValueError, RecursionError):
            continue
        for value in stated if isinstance(stated, list) else [stated]:
            graph = value.get("@graph") if isinstance(value, dict) else None
            for item in [value, *(graph if isinstance(graph, list) else ())]:
                types = item.get("@type") if isinstance(item, dict) else None
                if any(_ARTICLE_TYPES.match(str(name)) for name in (types if isinstance(types, list) else [types])):
                    yield item


def _text(value: Any) -> str | None:
    return collapse(value) or None if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    """Returns the name of a person or an organisation, the first of several."""
    value = value[0] if isinstance(value, list) and value else value
    return _text(value.get("name") if isinstance(value, dict) else value)
