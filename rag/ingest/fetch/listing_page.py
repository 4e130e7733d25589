"""The bulletins that a listing links to, on its first page and those after it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag import limits
from rag.errors import BulletinUnreadable, FetchFailed
from rag.ingest.decode import decode
from rag.ingest.fetch.client import Client, FetchedPage
from rag.ingest.fetch.save import error_message
from rag.ingest.fetch.urls import site
from rag.ingest.folders import ProgressCallback
from rag.ingest.readers.html_layout import check_nesting, collapse
from rag.ingest.sandbox.runner import Refused

# The words of links to other pages of a listing; arrows and brackets around them are stripped first.
_ARROWS = "«»‹›<>←→◀▶[]()【】·.…|- \u00a0\u3000"
_PAGER = re.compile(
    r"\d{1,4}|(?:next|older|newer|prev|previous|first|last)(?: (?:page|posts|entries|news))?"
    r"|[下上前后]一?[页頁]|[首尾末][页頁]",
    re.IGNORECASE,
)
_FORWARD = frozenset("»›>→▶")
# Suffixes of URLs that no bulletin has; the type of others is known from the response.
_OTHER_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|css|js|json|xml|rss|atom|zip|rar|7z|gz|tar|mp[34]|m4[av]|mov|avi|wmv|flv"
    r"|webm|og[gv]|wav|docm?|xls[xm]?|ppt[xm]?|csv|exe|apk|dmg|woff2?|ttf|eot)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The URLs of a listing: its site, its path, and the folder that its bulletins are in or under."""

    site: str
    path: str
    folder: str

    def contains(self, url: str) -> bool:
        """Whether the URL is the listing's, or lies in or under its folder."""
        parsed = httpx.URL(url)
        return site(parsed) == self.site and (parsed.path.startswith(self.folder) or parsed.path == self.path)

    def may_contain_bulletin(self, url: str) -> bool:
        """Whether the URL can be a bulletin's: it isn't the listing in another order, nor a picture."""
        path = httpx.URL(url).path
        return self.contains(url) and path not in (self.path, self.folder) and not _OTHER_MEDIA.search(path)


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one page, to bulletins and to the listing's other pages; each once, in the page's order."""

    bulletins: tuple[str, ...]
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing's bulletins; ``skipped`` are URLs of its pages that weren't read or followed, each with the reason."""

    scope: Scope
    bulletins: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def scopes(url: str) -> tuple[Scope, ...]:
    """Returns the scopes that a listing at this URL can have, the narrowest first.

    A path that ends neither in a slash nor in a file's name is itself the folder ("/news", with bulletins "/news/…"),
    or a page in one ("/news/list").
    """
    path = httpx.URL(url).path
    above, _, last = path.rpartition("/")
    folders = (f"{above}/",) if not last or "." in last else (f"{path}/", f"{above}/")
    return tuple(Scope(site(url), path, folder) for folder in folders)


def find_links(text: str, url: str, scope: Scope) -> Links:
    """Returns the links of a page at ``url`` inside ``scope``; raises ``Refused`` as ``check_nesting`` does."""
    check_nesting(text)
    tree = LexborHTMLParser(text)
    base_element = tree.css_first("base[href]")
    base = _target(url, base_element) or url if base_element else url
    bulletins: dict[str, None] = {}
    pages: dict[str, None] = {}
    for node in tree.css("a[href], link[href]"):
        target = _target(base, node)
        if target is None or not scope.contains(target):
            continue
        if _is_pager(node):
            pages[target] = None
        elif node.tag == "a" and scope.may_contain_bulletin(target) and not _is_in_boilerplate(node):
            bulletins[target] = None
    return Links(tuple(target for target in bulletins if target not in pages), tuple(pages))


def crawl(url: str, client: Client, progress: ProgressCallback | None = None) -> Listing:
    """Returns the bulletins of a listing, page after page; raises ``FetchFailed`` where its first one can't be had."""
    if progress:
        progress("Reading the listing", 0, 1)
    first = client.fetch(url)
    scope, links = _narrowest_scope(first)
    bulletins = dict.fromkeys(links.bulletins)
    skipped: list[tuple[str, str]] = []
    seen = {url, first.url, *links.pages}
    queue = deque(page for page in links.pages if page not in (url, first.url))
    done = 1
    while queue and done < limits.MAX_LISTING_PAGES and len(bulletins) <= limits.MAX_LISTED_BULLETINS:
        if progress:
            progress("Reading the listing", done, min(done + len(queue), limits.MAX_LISTING_PAGES))
        done += 1
        page_url = queue.popleft()
        try:
            links = _page_links(client.fetch(page_url), scope)
        except FetchFailed as error:
            skipped.append((page_url, error_message(error)))
            continue
        # Some listings go on without end: a page without new bulletins is the last.
        if any(bulletin not in bulletins for bulletin in links.bulletins):
            queue.extend(page for page in links.pages if page not in seen)
            seen.update(links.pages)
        bulletins.update(dict.fromkeys(links.bulletins))
    if queue:
        is_full = done >= limits.MAX_LISTING_PAGES
        reached = f"{limits.MAX_LISTING_PAGES} pages" if is_full else f"{limits.MAX_LISTED_BULLETINS:,} bulletins"
        skipped.append((queue[0], f"the listing goes on after {reached}; this page and those after it weren't read"))
    listed = [bulletin for bulletin in bulletins if bulletin not in seen]
    if not listed:
        skipped.append((url, f"links to no page under {scope.folder}. Name the listing's own address"))
    return Listing(scope, tuple(listed[: limits.MAX_LISTED_BULLETINS]), tuple(skipped))


def _narrowest_scope(page: FetchedPage) -> tuple[Scope, Links]:
    """Returns the narrowest scope in which the listing links to bulletins, else the widest, and its links there."""
    for scope in scopes(page.url):
        links = _page_links(page, scope)
        if links.bulletins:
            break
    return scope, links


def _page_links(page: FetchedPage, scope: Scope) -> Links:
    if page.suffix != ".html" or not scope.contains(page.url):
        what = "is not a web page" if page.suffix != ".html" else "is not a page of this listing"
        raise FetchFailed(what, where=page.url, remedy="Name the page that links to the bulletins")
    try:
        text, _ = decode(page.data, Path("page.html"))
        return find_links(text, page.url, scope)
    except (BulletinUnreadable, Refused) as error:
        raise FetchFailed(error.what, where=page.url, remedy="Name the page that links to the bulletins") from error


def _target(base: str, node: LexborNode) -> str | None:
    """Returns the URL of a link without its fragment; None where it is no page's."""
    href = re.sub(r"[\t\n\r]", "", node.attributes.get("href") or "").strip()
    try:
        url = httpx.URL(base).join(href)
    except (httpx.InvalidURL, ValueError):
        return None
    return str(url.copy_with(fragment=None)) if url.scheme in ("http", "https") and not url.userinfo else None


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
