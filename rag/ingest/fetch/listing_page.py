"""The bulletins that a listing links to, on its first page and those after it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

import httpx

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch.client import Client, FetchedPage, TimeIsUp
from rag.ingest.fetch.save import error_message
from rag.ingest.fetch.urls import by_https, site
from rag.ingest.folders import ProgressCallback
from rag.ingest.readers.page_links import PageLinks
from rag.ingest.refused import Refused
from rag.ingest.sandbox import reader

# Suffixes of URLs that no bulletin has; the type of others is known from the response.
_OTHER_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|css|js|json|xml|rss|atom|zip|rar|7z|gz|tar|mp[34]|m4[av]|mov|avi|wmv|flv"
    r"|webm|og[gv]|wav|docm?|xls[xm]?|ppt[xm]?|csv|exe|apk|dmg|woff2?|ttf|eot)$",
    re.IGNORECASE,
)
_NAME_THE_LISTING = "Name the page that links to the bulletins"


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


def links_within(page: PageLinks, url: str, scope: Scope) -> Links:
    """Returns those of a page's links that lead to where ``scope`` is; ``url`` is the page's, which if it is of https
    leads nowhere by http."""
    base = (_target(url, page.base) if page.base is not None else None) or url
    bulletins: dict[str, None] = {}
    pages: dict[str, None] = {}
    for link in page.links:
        target = _target(base, link.href)
        if target is None or not scope.contains(target):
            continue
        if url.startswith("https:"):
            target = str(by_https(httpx.URL(target)))
        if link.is_pager:
            pages[target] = None
        elif not link.is_boilerplate and scope.may_contain_bulletin(target):
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
    done, reached = 1, ""
    while queue and not (reached := _end_reached(done, len(bulletins))):
        if progress:
            progress("Reading the listing", done, min(done + len(queue), limits.MAX_LISTING_PAGES))
        done += 1
        try:
            page = client.fetch(queue[0])
            links = _page_links(page, _read_links(page), scope)
        except TimeIsUp:
            reached = f"{limits.LISTING_SECONDS:,.0f} seconds"
            break
        except FetchFailed as error:
            skipped.append((queue.popleft(), error_message(error)))
            continue
        queue.popleft()
        # Some listings go on without end: a page without new bulletins is the last.
        if any(bulletin not in bulletins for bulletin in links.bulletins):
            queue.extend(page for page in links.pages if page not in seen)
            seen.update(links.pages)
        bulletins.update(dict.fromkeys(links.bulletins))
    if reached:
        skipped.append((queue[0], f"the listing goes on after {reached}; this page and those after it weren't read"))
    listed = [bulletin for bulletin in bulletins if bulletin not in seen]
    if not listed:
        skipped.append((url, f"links to no page under {scope.folder}. Name the listing's own address"))
    return Listing(scope, tuple(listed[: limits.MAX_LISTED_BULLETINS]), tuple(skipped))


def _end_reached(pages: int, bulletins: int) -> str:
    """Returns what so many pages and bulletins reach, "" where the listing may go on."""
    if pages >= limits.MAX_LISTING_PAGES:
        return f"{limits.MAX_LISTING_PAGES} pages"
    return f"{limits.MAX_LISTED_BULLETINS:,} bulletins" if bulletins > limits.MAX_LISTED_BULLETINS else ""


def _narrowest_scope(page: FetchedPage) -> tuple[Scope, Links]:
    """Returns the narrowest scope in which the listing links to bulletins, else the widest, and its links there."""
    found = _read_links(page)
    for scope in scopes(page.url):
        links = _page_links(page, found, scope)
        if links.bulletins:
            break
    return scope, links


def _read_links(page: FetchedPage) -> PageLinks:
    if page.suffix != ".html":
        raise FetchFailed("is not a web page", where=page.url, remedy=_NAME_THE_LISTING)
    try:
        return reader.read_links(page.data)
    except Refused as error:
        raise FetchFailed(error.what, where=page.url, remedy=_NAME_THE_LISTING) from error


def _page_links(page: FetchedPage, links: PageLinks, scope: Scope) -> Links:
    if not scope.contains(page.url):
        raise FetchFailed("is not a page of this listing", where=page.url, remedy=_NAME_THE_LISTING)
    return links_within(links, page.url, scope)


def _target(base: str, href: str) -> str | None:
    """Returns the URL of a link without its fragment; None where it is no page's."""
    try:
        url = httpx.URL(base).join(re.sub(r"[\t\n\r]", "", href).strip())
    except (httpx.InvalidURL, ValueError):
        return None
    return str(url.copy_with(fragment=None)) if url.scheme in ("http", "https") and not url.userinfo else None
