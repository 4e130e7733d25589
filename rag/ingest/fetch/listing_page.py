"""The bulletins that a listing page and the pages after it link to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag import limits
from rag.errors import BulletinUnreadable, FetchFailed
from rag.ingest.decode import decode
from rag.ingest.fetch.client import Client, Fetched
from rag.ingest.fetch.save import reason
from rag.ingest.fetch.urls import site
from rag.ingest.folders import ProgressCallback
from rag.ingest.readers.html_layout import TooDeep, check_nesting, collapse

# The words of links to other pages of a listing; arrows and brackets around them are taken off first.
_ARROWS = "«»‹›<>←→◀▶[]()【】·.…|- \u00a0\u3000"
_PAGER = re.compile(
    r"\d{1,4}|(?:next|older|newer|prev|previous|first|last)(?: (?:page|posts|entries|news))?"
    r"|[下上前后]一?[页頁]|[首尾末][页頁]",
    re.IGNORECASE,
)
_FORWARD = frozenset("»›>→▶")
# Ends of addresses that no bulletin has; what the others are, their answers say.
_OTHER = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|css|js|json|xml|rss|atom|zip|rar|7z|gz|tar|mp[34]|m4[av]|mov|avi|wmv|flv"
    r"|webm|og[gv]|wav|docm?|xls[xm]?|ppt[xm]?|csv|exe|apk|dmg|woff2?|ttf|eot)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing stands: its site, its path, and the folder that its bulletins are in or under."""

    site: str
    path: str
    folder: str

    def holds(self, url: str) -> bool:
        parsed = httpx.URL(url)
        return site(parsed) == self.site and (parsed.path.startswith(self.folder) or parsed.path == self.path)

    def may_hold_a_bulletin(self, url: str) -> bool:
        """Not where the listing itself is, in another order perhaps, nor what a picture's name ends in."""
        path = httpx.URL(url).path
        return self.holds(url) and path not in (self.path, self.folder) and not _OTHER.search(path)


@dataclass(frozen=True, slots=True)
class Links:
    """Of one page: its bulletins, and the listing's other pages.  Each once, in the page's order."""

    bulletins: tuple[str, ...]
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """``skipped`` are addresses of pages of the listing, each with the reason why it or what follows wasn't read."""

    place: Place
    bulletins: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def places(url: str) -> tuple[Place, ...]:
    """Where a listing at this address can stand, the narrowest first: a path that ends neither in a slash nor in a
    file's name is itself the folder ("/news", whose bulletins are "/news/…"), or a page in one ("/news/list")."""
    path = httpx.URL(url).path
    above, _, last = path.rpartition("/")
    folders = (f"{above}/",) if not last or "." in last else (f"{path}/", f"{above}/")
    return tuple(Place(site(url), path, folder) for folder in folders)


def links(text: str, url: str, place: Place) -> Links:
    """What a page at ``url`` links to inside ``place``.

    Raises:
        TooDeep: its elements are nested too deeply.
    """
    check_nesting(text)
    tree = LexborHTMLParser(text)
    base = tree.css_first("base[href]")
    at = _joined(url, base) or url if base else url
    bulletins: dict[str, None] = {}
    pages: dict[str, None] = {}
    for node in tree.css("a[href], link[href]"):
        to = _joined(at, node)
        if to is None or not place.holds(to):
            continue
        if _is_pager(node):
            pages[to] = None
        elif node.tag == "a" and place.may_hold_a_bulletin(to) and not _is_in_furniture(node):
            bulletins[to] = None
    return Links(tuple(to for to in bulletins if to not in pages), tuple(pages))


def follow(
    url: str, client: Client, *, progress: ProgressCallback | None = None, cancelled: Callable[[], None] | None = None
) -> Listing:
    """The bulletins of a listing, page after page; ``cancelled`` is called before each and may raise.

    Raises:
        FetchFailed: the listing's first page can't be fetched, or is none.
    """
    if progress:
        progress("Reading the listing", 0, 1)
    first = client.fetch(url)
    for place in places(first.url):
        found = _read(first, place)
        if found.bulletins:
            break
    bulletins = dict.fromkeys(found.bulletins)
    skipped: list[tuple[str, str]] = []
    seen = {url, first.url, *found.pages}
    waiting = deque(page for page in found.pages if page not in (url, first.url))
    done = 1
    while waiting and done < limits.MAX_LISTING_PAGES and len(bulletins) <= limits.MAX_LISTED_BULLETINS:
        if progress:
            progress("Reading the listing", done, min(done + len(waiting), limits.MAX_LISTING_PAGES))
        if cancelled:
            cancelled()
        done += 1
        at = waiting.popleft()
        try:
            found = _read(client.fetch(at), place)
        except FetchFailed as error:
            skipped.append((at, reason(error)))
            continue
        # What comes after the last page of some listings is another without end.
        if any(one not in bulletins for one in found.bulletins):
            waiting.extend(page for page in found.pages if page not in seen)
            seen.update(found.pages)
        bulletins.update(dict.fromkeys(found.bulletins))
    if waiting:
        most = (
            f"{limits.MAX_LISTING_PAGES} pages"
            if done >= limits.MAX_LISTING_PAGES
            else f"{limits.MAX_LISTED_BULLETINS:,} bulletins"
        )
        skipped.append((waiting[0], f"the listing goes on after {most}; this page and those after it weren't read"))
    named = [one for one in bulletins if one not in seen]
    if not named:
        skipped.append((url, f"links to no page under {place.folder}. Name the listing's own address"))
    return Listing(place, tuple(named[: limits.MAX_LISTED_BULLETINS]), tuple(skipped))


def _read(page: Fetched, place: Place) -> Links:
    """
    Raises:
        FetchFailed: the page isn't one with links.
    """
    if page.suffix != ".html" or not place.holds(page.url):
        what = "is not a web page" if page.suffix != ".html" else "is not a page of this listing"
        raise FetchFailed(what, where=page.url, remedy="Name the page that links to the bulletins")
    try:
        text, _ = decode(page.data, Path("page.html"))
        return links(text, page.url, place)
    except (BulletinUnreadable, TooDeep) as error:
        what = error.what if isinstance(error, BulletinUnreadable) else str(error)
        raise FetchFailed(what, where=page.url, remedy="Name the page that links to the bulletins") from error


def _joined(base: str, node: LexborNode) -> str | None:
    """The address that a link leads to, without what stands behind "#"; None where that is no page's."""
    href = re.sub(r"[\t\n\r]", "", node.attributes.get("href") or "").strip()
    try:
        to = httpx.URL(base).join(href)
    except (httpx.InvalidURL, ValueError):
        return None
    return str(to.copy_with(fragment=None)) if to.scheme in ("http", "https") and not to.userinfo else None


def _is_pager(node: LexborNode) -> bool:
    if {"next", "prev"} & set((node.attributes.get("rel") or "").lower().split()):
        return True
    words = collapse(node.text(deep=True)) or collapse(node.attributes.get("aria-label") or "")
    return node.tag == "a" and bool(_PAGER.fullmatch(words.strip(_ARROWS)) or (words and set(words) <= _FORWARD))


def _is_in_furniture(node: LexborNode) -> bool:
    """In a menu, a sidebar, or the site's own head or foot; an article has a head and a foot too."""
    around = set()
    above = node.parent
    while above is not None:
        around.add(above.tag)
        above = above.parent
    return not around.isdisjoint(("nav", "aside")) or (
        not around.isdisjoint(("header", "footer")) and around.isdisjoint(("article", "main"))
    )
