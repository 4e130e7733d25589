"""Fetching one page: as it is, within bounds, and through redirects on named hosts."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from typing import Any

import httpcore
import httpx
import pytest

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch.client import USER_AGENT, Client, Gone, Unavailable
from rag.ingest.formats import FORMATS
from tests.support.fetching import OUTSIDE, SPRING, Network, client_of, silent
from tests.support.site import Answer, Handler, Site, redirect


def test_a_page_is_fetched_as_it_is(site: Site) -> None:
    """Its bytes as they came, with what a later request needs; the host sees who asks."""
    page = client_of(site).fetch(site.url("/news/spring.html#top"))
    assert (page.data, page.suffix, page.etag) == (SPRING.body, ".html", SPRING.etag)
    assert page.url == site.url("/news/spring.html")
    assert site.paths() == ["/robots.txt", "/news/spring.html"]
    assert {asked.headers["User-Agent"] for asked in site.asked} == {USER_AGENT}
    assert USER_AGENT == "BulletinDesk/0.1 (+polite; one request a second)"


def test_an_unchanged_page_is_not_sent_again(site: Site) -> None:
    """By its ETag, or by its day where it has none."""
    site.pages["/news/day.html"] = Answer(SPRING.body, last_modified="Fri, 10 May 2024 08:00:00 GMT")
    client = client_of(site)
    assert client.fetch(site.url("/news/spring.html"), etag=SPRING.etag).unchanged
    assert client.fetch(site.url("/news/day.html"), last_modified="Fri, 10 May 2024 08:00:00 GMT").unchanged
    assert not client.fetch(site.url("/news/spring.html"), etag='"other"').unchanged
    assert [asked.status for asked in site.asked] == [200, 304, 304, 200]


def test_unchanged_without_having_asked_is_no_answer(site: Site) -> None:
    """There would be no page to save."""
    site.pages["/odd.html"] = Answer(status=304)
    with pytest.raises(FetchFailed, match="answered with 304"):
        client_of(site).fetch(site.url("/odd.html"))


@pytest.mark.parametrize(
    ("stated", "suffix"),
    [
        ("text/html", ".html"),
        ("TEXT/HTML; charset=gb2312", ".html"),
        ("application/xhtml+xml", ".html"),
        ("application/pdf", ".pdf"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("text/plain;charset=utf-8", ".txt"),
        ("text/markdown", ".md"),
    ],
)
def test_the_stated_type_decides_the_suffix(site: Site, stated: str, suffix: str) -> None:
    """Not the address's end, which may say anything."""
    site.pages["/news/page.exe"] = Answer(b"words", type=stated)
    page = client_of(site).fetch(site.url("/news/page.exe"))
    assert (page.suffix, page.data) == (suffix, b"words")


@pytest.mark.parametrize("stated", ["image/png", "application/octet-stream", "text/css", "nonsense", ""])
def test_other_types_are_refused_unread(site: Site, stated: str) -> None:
    """The line says of what type it is."""
    site.pages["/news/thing.html"] = Answer(b"words", type=stated)
    with pytest.raises(FetchFailed, match=stated or "of what type") as refused:
        client_of(site).fetch(site.url("/news/thing.html"))
    assert refused.value.remedy == "Only .html, .pdf, .docx, .txt, .md can be read"
    assert set(re.findall(r"\.\w+", refused.value.remedy)) == {name for name, r in FORMATS.items() if r.media_types}


@pytest.mark.parametrize(("status", "kind"), [(404, Gone), (410, Gone), (500, Unavailable), (503, Unavailable)])
def test_a_failure_is_named(site: Site, status: int, kind: type[FetchFailed]) -> None:
    """What has gone is told from what may work another time."""
    site.pages["/news/x.html"] = Answer(b"sorry", status)
    with pytest.raises(kind, match=str(status)) as failed:
        client_of(site).fetch(site.url("/news/x.html"))
    assert site.url("/news/x.html") in str(failed.value)


@pytest.mark.parametrize("status", [204, 206, 300, 302, 400, 401, 403, 451])
def test_any_other_answer_is_no_page(site: Site, status: int) -> None:
    """Also a redirect that doesn't say where to, and part of a page."""
    site.pages["/news/x.html"] = Answer(b"", status)
    with pytest.raises(FetchFailed, match=str(status)):
        client_of(site).fetch(site.url("/news/x.html"))


def test_nobody_there_is_one_line() -> None:
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(FetchFailed, match="nothing may be fetched") as failed:
            Client([host], sleep=lambda _: None).fetch(f"http://{host}/a")
    assert "refused" in str(failed.value)


def test_cookies_are_not_kept(site: Site) -> None:
    """Requests tell a site nothing of one another."""
    site.pages["/a.html"] = Answer(SPRING.body, headers={"Set-Cookie": "id=1; Path=/"})
    client = client_of(site)
    for _ in range(2):
        client.fetch(site.url("/a.html"))
    assert all("Cookie" not in asked.headers for asked in site.asked)


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>and so on</p>" * 4_096)


def dripping(handler: Handler) -> None:
    """A byte now and then, in the header already."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        time.sleep(0.05)
        handler.wfile.write(b"x")
        handler.wfile.flush()


def broken_off(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<p>The first")


def babbling(handler: Handler) -> None:
    handler.wfile.write(b"no HTTP at all\r\n\r\n")


def endless_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: and more\r\n" * 1_000)


@pytest.mark.parametrize(
    ("page", "line"),
    [
        (endless, "is larger than 4,000,000 bytes"),
        (Answer(b"x", headers={"Content-Length": "4000001"}), "is larger than 4,000,000 bytes"),
        (dripping, "took too long"),
        (silent, "took too long"),
        (broken_off, "broke off"),
        (babbling, "broke off"),
        (endless_header, "broke off"),
        (Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), "came compressed"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_answer_without_end_is_ended(
    site: Site, page: Answer | Callable[[Handler], None], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its size, by the time it takes between two pieces, and by the time it takes as a whole; the client goes on."""
    site.pages["/news/x.html"] = page
    monkeypatch.setattr(limits, "READ_SECONDS", 1.0)
    monkeypatch.setattr(limits, "FETCH_SECONDS", 1.5)
    client = client_of(site)
    with pytest.raises(FetchFailed, match=line):
        client.fetch(site.url("/news/x.html"))
    assert client.fetch(site.url("/news/spring.html")).data == SPRING.body


def test_the_time_for_the_whole_ends_a_wait_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the host may be silent for longer than that."""
    site.pages["/news/x.html"] = silent
    monkeypatch.setattr(limits, "READ_SECONDS", 60.0)
    monkeypatch.setattr(limits, "FETCH_SECONDS", 1.0)
    with pytest.raises(FetchFailed, match="took too long"):
        client_of(site).fetch(site.url("/news/x.html"))


def test_the_largest_page_is_taken(site: Site) -> None:
    """And a document may be larger than a page."""
    site.pages["/page"] = Answer(b"x" * limits.MAX_TEXT_FILE_BYTES)
    site.pages["/document"] = Answer(b"x" * (limits.MAX_TEXT_FILE_BYTES + 1), type="application/pdf")
    site.pages["/huge"] = Answer(b"x", type="application/pdf", headers={"Content-Length": "20000001"})
    client = client_of(site)
    assert len(client.fetch(site.url("/page")).data) == limits.MAX_TEXT_FILE_BYTES
    assert len(client.fetch(site.url("/document")).data) == limits.MAX_TEXT_FILE_BYTES + 1
    with pytest.raises(FetchFailed, match="larger than 20,000,000 bytes"):
        client.fetch(site.url("/huge"))


def test_a_redirect_on_named_hosts_is_followed(site: Site) -> None:
    """A page is known by where it is in the end."""
    site.pages["/old"] = redirect("/older?x=1#part", 301)
    site.pages["/older?x=1"] = redirect("spring", 307)
    site.pages["/spring"] = redirect(site.url("/news/spring.html"), 308)
    page = client_of(site).fetch(site.url("/old"))
    assert (page.url, page.data) == (site.url("/news/spring.html"), SPRING.body)


@pytest.mark.parametrize("to", [url for url in OUTSIDE if url.isascii() and "\n" not in url])
def test_a_redirect_leads_nowhere_that_may_not_be_asked_for(
    site: Site, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hop is checked like the first address: nothing but the named host is connected to."""
    connected: set[tuple[str, int]] = set()
    connect = httpcore.SyncBackend.connect_tcp

    def noted(backend: httpcore.SyncBackend, host: str, port: int, *rest: Any, **named: Any) -> httpcore.NetworkStream:
        connected.add((host, port))
        return connect(backend, host, port, *rest, **named)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", noted)
    site.pages["/old"] = redirect(to)
    with pytest.raises(FetchFailed) as refused:
        client_of(site).fetch(site.url("/old"))
    assert connected == {("127.0.0.1", site.port)}
    assert "secret" not in str(refused.value)


def test_too_many_redirects_end(site: Site) -> None:
    """Five are followed, not six; a circle is one of them."""
    for number in range(7):
        site.pages[f"/{number}"] = redirect(f"/{number + 1}")
    site.pages["/6"] = SPRING
    with pytest.raises(FetchFailed, match="more than 5 times"):
        client_of(site).fetch(site.url("/0"))
    assert client_of(site).fetch(site.url("/1")).data == SPRING.body
    site.pages["/round"] = redirect("/round")
    with pytest.raises(FetchFailed, match="more than 5 times"):
        client_of(site).fetch(site.url("/round"))


def test_https_is_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for in secret isn't asked for again in the open; the other way round is fine."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/robots.txt":
            return httpx.Response(404)
        if request.url == "https://news.example.org/up":
            return httpx.Response(200, headers={"Content-Type": "text/html"}, content=iter([b"<p>Words.</p>"]))
        other = "http" if request.url.scheme == "https" else "https"
        return httpx.Response(302, headers={"Location": f"{other}://news.example.org{request.url.path}"})

    monkeypatch.setattr("rag.ingest.fetch.client.Transport", lambda _: httpx.MockTransport(answer))
    client = Client(["http://news.example.org"], sleep=lambda _: None)
    assert client.fetch("http://news.example.org/up").url == "https://news.example.org/up"
    with pytest.raises(FetchFailed, match="from https to http"):
        client.fetch("https://news.example.org/down")


def test_a_host_without_https_is_not_asked_in_the_open(network: Network) -> None:
    """The line says how to allow it; so named, it is asked by http as well as by https."""
    network.names["news.example.org"] = ["93.184.216.34"]
    with pytest.raises(FetchFailed, match=r"nobody is there.*name http://news\.example\.org in RAG_HOSTS"):
        Client(["news.example.org"]).fetch("http://news.example.org/a")
    with pytest.raises(FetchFailed, match="nobody is there"):
        Client(["http://news.example.org"]).fetch("http://news.example.org/a")
    assert network.connected == [("93.184.216.34", 443), ("93.184.216.34", 80)]
