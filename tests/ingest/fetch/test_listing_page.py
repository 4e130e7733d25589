"""The links of a listing: which are bulletins, which are its other pages, and where it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag import limits
from rag.ingest.fetch import listing_page as listings
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.listing_page import Links, links_within, scopes
from rag.ingest.readers.html_links import find_links
from tests.support.site import Answer, Handler, Site, listing
from tests.support.syncing import LISTING, run


def of(html: str, url: str = "http://news.example.org/en/news/index.html") -> Links:
    return links_within(find_links(f"<html><body>{html}</body></html>"), url, scopes(url)[0])


def a(*hrefs: str, words: str = "A bulletin") -> str:
    return "".join(f'<a href="{href}">{words}</a>' for href in hrefs)


def test_bulletins_are_pages_under_the_listings_folder() -> None:
    """Of the same host, whatever the link looks like; each once, in the page's order."""
    html = a(
        "2024/a.html",
        "./b.html#top",
        "/en/news/c/",
        "//news.example.org/en/news/d.pdf",
        "http://NEWS.example.org:80/en/news/e?id=5",
        "https://news.example.org/en/news/f.docx",
        " g\n.html ",
        "2024/a.html#again",
    )
    assert of(html).bulletins == (
        "http://news.example.org/en/news/2024/a.html",
        "http://news.example.org/en/news/b.html",
        "http://news.example.org/en/news/c/",
        "http://news.example.org/en/news/d.pdf",
        "http://news.example.org/en/news/e?id=5",
        "https://news.example.org/en/news/f.docx",
        "http://news.example.org/en/news/g.html",
    )


def test_a_listing_that_came_by_https_leads_nowhere_by_http() -> None:
    """Whoever sits between could write the bulletins; both forms of an address are one page."""
    html = a("http://news.example.org/en/news/a.html", "a.html", "http://news.example.org:80/en/news/b.html") + a(
        "http://news.example.org/en/news/p2.html", words="2"
    )
    links = of(html, "https://news.example.org/en/news/index.html")
    folder = "https://news.example.org/en/news"
    assert links == Links((f"{folder}/a.html", f"{folder}/b.html"), (f"{folder}/p2.html",))


def test_other_links_are_none() -> None:
    """Other hosts and folders, the listing itself in whatever order, pictures and archives, and what is no address."""
    others = (
        "",
        "#top",
        "index.html",
        "index.html?sort=date",
        "./",
        "/en/about.html",
        "/en/newsletter/a.html",
        "../a.html",
        "http://sub.news.example.org/en/news/a.html",
        "http://news.example.org:8080/en/news/a.html",
        "http://u:p@news.example.org/en/news/a.html",
        "ftp://news.example.org/en/news/a.html",
        "javascript:void(0)",
        "mailto:a@b.example",
        "data:text/html,x",
        "http://[::1/en/news/",
        "http://xn--a.example/en/news/a",
        "a.jpg",
        "style.css",
        "all.zip",
        "feed.xml",
    )
    assert of(a(*others)) == Links((), ())


def test_menus_sidebars_and_feet_hold_no_bulletins() -> None:
    """An article's own head does."""
    html = (
        f"<header>{a('1.html')}</header><nav>{a('2.html')}</nav><aside>{a('3.html')}</aside><footer>{a('4.html')}</footer>"
        f"<main><article><header><h2>{a('5.html')}</h2></header></article></main>"
    )
    assert of(html).bulletins == ("http://news.example.org/en/news/5.html",)


@pytest.mark.parametrize(
    "words",
    ["2", "[12]", "Next", "next page ›", "下一页", "下页", "»", "&gt;&gt;", "Older posts", "尾页", "← Previous"],
)
def test_links_to_further_pages_are_followed_not_saved(words: str) -> None:
    """By their words alone."""
    assert of(a("more.html", words=words)) == Links((), ("http://news.example.org/en/news/more.html",))


@pytest.mark.parametrize("words", ["Next steps for Haidian", "12308 is the hotline", "2024 in figures", "", "12345"])
def test_a_title_is_not_a_pager(words: str) -> None:
    """Though it begins like one."""
    assert of(a("a.html", words=words)).bulletins == ("http://news.example.org/en/news/a.html",)


def test_a_page_says_what_comes_next_by_other_means_too() -> None:
    """rel=next, in the head or on a link, a label for readers, a page number in the query, a base address."""
    page = "http://news.example.org/en/news/p2.html"
    assert of('<link rel="next" href="p2.html">').pages == (page,)
    assert of('<a rel="nofollow next" href="p2.html"><img></a>').pages == (page,)
    assert of('<a aria-label="Next page" href="p2.html"><img></a>').pages == (page,)
    assert of(f'<base href="/en/news/2/">{a("../p2.html", words="2")}').pages == (page,)
    assert of(a("?page=2", words="2")).pages == ("http://news.example.org/en/news/index.html?page=2",)
    assert of(a("/en/news?page=2", words="2"), "http://news.example.org/en/news").pages == (
        "http://news.example.org/en/news?page=2",
    )
    assert of(a("/elsewhere/2", "http://evil.example/en/news/2", words="2")).pages == ()


def test_all_pages_of_a_listing_are_read(news: Site, seeds: Path) -> None:
    """Each once, also where they link to one another; a page that can't be had is named, and the others count."""
    pager = a("index.html", words="1") + a("index_1.html", words="2") + a("index_2.html", words="3")
    news.pages[LISTING] = listing("2024/spring.html", more=pager)
    news.pages["/news/index_1.html"] = Answer(b"", 500)
    news.pages["/news/index_2.html"] = listing("2024/summer.html", more=pager + a("index_3.html", words="\u00bb"))
    news.pages["/news/index_3.html"] = listing("2024/autumn.html", "2024/spring.html", more=pager)
    synced = run(news, seeds)
    assert len(synced.added) == 3
    assert [url for url, _ in synced.skipped] == [news.url("/news/index_1.html")]
    pages = [path for path in news.paths() if "index" in path]
    assert pages == [LISTING, "/news/index_1.html", "/news/index_2.html", "/news/index_3.html"]


def endless(per_page: Callable[[int], tuple[str, ...]]) -> Callable[[Handler], None]:
    """A listing that always has another page."""

    def page(handler: Handler) -> None:
        number = int(handler.path.rpartition("=")[2]) if "=" in handler.path else 1
        body = listing(*per_page(number), more=a(f"list?page={number + 1}", words="Next")).body
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body)

    return page


class Pages(dict[str, object]):
    """Every page of an endless listing is the same function."""

    def __init__(self, page: Callable[[Handler], None]) -> None:
        super().__init__({"/robots.txt": Answer(status=404)})
        self._page = page

    def get(self, path: str, default: object = None) -> object:
        return self._page if path.startswith("/news/list") else super().get(path, default)


@pytest.mark.parametrize(
    ("per_page", "pages", "most"),
    [
        (lambda number: (f"{number}.html",), 4, "4 pages"),
        (lambda number: tuple(f"{number}-{n}.html" for n in range(4)), 3, "10 bulletins"),
        (lambda number: (f"{min(number, 2)}.html",), 3, None),
    ],
    ids=["pages", "bulletins", "nothing new"],
)
def test_a_listing_without_end_is_ended(
    news: Site,
    per_page: Callable[[int], tuple[str, ...]],
    pages: int,
    most: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its pages, by its bulletins, or where a page brings nothing new; the line says what was left out."""
    assert (limits.MAX_LISTING_PAGES, limits.MAX_LISTED_BULLETINS) == (200, 10_000)
    monkeypatch.setattr(limits, "MAX_LISTING_PAGES", 4)
    monkeypatch.setattr(limits, "MAX_LISTED_BULLETINS", 10)
    news.pages = Pages(endless(per_page))  # type: ignore[assignment]
    found = listings.crawl(news.url("/news/list"), Client((news.host,), sleep=lambda _: None))
    assert len(news.asked) == pages + 1
    assert len(found.bulletins) <= 10
    assert [reason.partition("after ")[2].partition(";")[0] for _, reason in found.skipped] == ([most] if most else [])
