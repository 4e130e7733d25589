"""Fetching one page: only from hosts that are named, at a walking pace, as robots.txt allows, and within bounds."""

from __future__ import annotations

import inspect
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from rag import limits
from rag.errors import FetchFailed, SeedsMissing, SettingInvalid
from rag.ingest.fetch import filenames, throttle
from rag.ingest.fetch.add import AddResult, add, fetch_page
from rag.ingest.fetch.client import USER_AGENT, Client, Gone, Unavailable
from rag.ingest.fetch.ip_policy import is_allowed
from rag.ingest.fetch.urls import HostAllowlist
from rag.ingest.parse import parse
from tests.support.sample_bulletins import FIRST, SECOND
from tests.support.site import Answer, Clock, Handler, Site, bulletin, redirect, serve

ROBOTS = Answer(b"User-agent: *\nDisallow: /private/\n", type="text/plain")
SPRING = bulletin("Spring in Haidian")


@pytest.fixture
def site() -> Iterator[Site]:
    with serve({"/robots.txt": ROBOTS, "/news/spring.html": SPRING}) as site:
        yield site


def client_of(site: Site, *others: str, **limits: float) -> Client:
    return Client((site.host, *others), clock=site.clock, sleep=site.clock.sleep, **limits)


# What may be asked for at all

OUTSIDE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1.nip.example/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1%25eth0]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://metadata.internal/",
    "http://news.example.org.evil.example/",
    "http://evil.example/news.example.org",
    "http://evil.example#news.example.org",
    "http://evil.example?news.example.org",
    "http://news.example.org@evil.example/",
    "http://evil.example\\@news.example.org/",
    "http://news.example.org\\@evil.example/",
    "http://user:secret@news.example.org/",
    "http://news.example.org:22/",
    "http://news.example.org:8443/",
    "https://news.example.org:80/",
    "http://news.example.org./",
    "http://news.example.org%00.evil.example/",
    "http://news.example.org\r\nHost: evil.example/",
    "http://news.exa\u2024mple.org/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "http://\u24db\u24de\u24d2al\u24d7\u24de\u24e2\u24e3/",
    "http:///news",
    "http:news.example.org",
    "//news.example.org/",
    "news.example.org/",
    "file:///etc/passwd",
    "ftp://news.example.org/",
    "gopher://news.example.org/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "unix:///run/docker.sock",
    "http://[::1/",
    "http://[::1]evil.example/",
    "http://news.example.org:port/",
    "http://999.1.1.1/",
    "http://" + "a" * 3_000 + ".example/",
    "http://news.example.org/" + "a" * 3_000,
    "",
]


class Network:
    """Names lead where a test says; who connects is noted and finds nobody there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[str]] = {}
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)
        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", self._connect)

    def _look_up(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.looked_up.append(host)
        if host not in self.names:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.names[host]]

    def _connect(self, host: str, port: int, *rest: Any, **__: Any) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        raise httpcore.ConnectError("nobody is there")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


@pytest.mark.parametrize("url", OUTSIDE)
def test_what_is_not_a_page_of_a_named_host_is_never_asked_for(url: str, network: Network) -> None:
    """Whatever form it is written in: no name is looked up, nobody is connected to, and no password is repeated."""
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed) as refused:
        client.fetch(url)
    assert (network.looked_up, network.connected, client.requests) == ([], [], 0)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_only_the_exact_host_and_port_are_named() -> None:
    """A name stands for the usual ports, a name with a port for that one."""
    hosts = HostAllowlist(["news.example.org", "other.example:8080", "B\u00fccher.example", "[::1]:8000"])
    for good in (
        "http://news.example.org/a#b",
        "https://NEWS.example.org:443/a",
        "http://other.example:8080/",
        "https://other.example:8080/",
        "http://xn--bcher-kva.example/",
        "http://[::1]:8000/",
    ):
        assert "#" not in str(hosts.check(good))
    for bad in ("http://other.example/", "http://sub.news.example.org/", "http://example.org/", "http://[::1]/"):
        with pytest.raises(FetchFailed, match="not one that may be fetched from"):
            hosts.check(bad)


@pytest.mark.parametrize("name", ["http://a.example", "a.example/b", "u@a.example", "*.example", "a.example:99999", ""])
def test_a_host_that_cannot_be_one_is_named(name: str) -> None:
    """Else a page would be refused for ever without a word of why."""
    with pytest.raises(SettingInvalid, match="RAG_HOSTS"):
        HostAllowlist([name])


def test_no_hosts_means_nothing_is_fetched(network: Network) -> None:
    """As the desk comes, it asks nobody."""
    with pytest.raises(FetchFailed, match=r"Add news\.example\.org to RAG_HOSTS"):
        Client([]).fetch("https://news.example.org/a")
    assert network.looked_up == []


FORBIDDEN = (
    "127.0.0.1 127.8.8.8 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 0.0.0.0 0.1.2.3 :: 10.0.0.1 10.255.255.255 172.16.0.1"
    " 172.31.255.255 192.168.0.1 169.254.169.254 ::ffff:169.254.169.254 100.64.0.1 192.0.0.1 192.0.0.170 192.0.2.1"
    " 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 ::ffff:10.0.0.1"
    " ::7f00:1 64:ff9b::7f00:1 64:ff9b::0a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::"
    " 3fff::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 5f00::1 not-an-address"
).split()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_leads_inside_is_not_followed(address: str, network: Network) -> None:
    """A named host whose name leads to this machine, a private or a reserved network: nobody is connected to."""
    network.names["news.example.org"] = [address]
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed, match="isn't an address of the public internet"):
        client.fetch("http://news.example.org/a")
    assert network.connected == []


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248::25c8", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    """Else nothing could be fetched."""
    assert is_allowed(address, "news.example.org")


def test_this_machine_is_asked_only_where_it_is_named() -> None:
    """By an address of its own or as localhost; never by a name that happens to lead here."""
    assert is_allowed("127.0.0.1", "localhost")
    assert is_allowed("::1", "localhost")
    assert is_allowed("127.0.0.1", "127.0.0.1")
    assert is_allowed("::1", "::1")
    assert not is_allowed("127.0.0.1", "localhost.example.org")
    assert not is_allowed("10.0.0.1", "localhost")
    assert not is_allowed("10.0.0.1", "10.0.0.1")
    assert not is_allowed("127.0.0.1", "2130706433")


def test_the_address_that_was_checked_is_the_one_connected_to(network: Network) -> None:
    """The name isn't looked up a second time, so it can't lead elsewhere meanwhile; of several addresses the ones
    inside are left out."""
    network.names["news.example.org"] = ["10.0.0.1", "93.184.216.34", "127.0.0.1", "1.1.1.1"]
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed, match="nobody is there"):
        client.fetch("http://news.example.org/a")
    assert network.connected == [("93.184.216.34", 80), ("1.1.1.1", 80)]
    assert network.looked_up == ["news.example.org"]


def test_a_name_that_leads_elsewhere_a_moment_later_is_refused(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection is checked anew: a public address for robots.txt buys nothing for the page."""
    asked: list[str] = []

    def connect(_: object, host: str, *__: Any, **___: Any) -> httpcore.NetworkStream:
        asked.append(host)
        network.names["news.example.org"] = ["127.0.0.1"]
        return httpcore.MockStream([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    network.names["news.example.org"] = ["93.184.216.34"]
    client = Client(["news.example.org"], sleep=lambda _: None)
    with pytest.raises(FetchFailed, match=r"leads to 127\.0\.0\.1"):
        client.fetch("http://news.example.org/a")
    assert asked == ["93.184.216.34"]


def test_a_certificate_must_be_the_hosts_own(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the connection goes to an address, it is the host's name that the certificate is compared with."""
    seen: list[tuple[str | None, bool, ssl.VerifyMode]] = []

    class Stream(httpcore.MockStream):
        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            seen.append((server_hostname, ssl_context.check_hostname, ssl_context.verify_mode))
            raise httpcore.ConnectError("certificate verify failed")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_, **__: Stream([]))
    network.names["news.example.org"] = ["93.184.216.34"]
    with pytest.raises(FetchFailed, match="certificate verify failed"):
        Client(["news.example.org"]).fetch("https://news.example.org/a")
    assert seen == [("news.example.org", True, ssl.CERT_REQUIRED)]


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to addresses that nobody has checked."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client_of(site).fetch(site.url("/news/spring.html")).data == SPRING.body


# One page


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
    name, data = fetch_page(site.url("/news/page.exe"), client_of(site))
    assert (name.endswith(suffix), data) == (True, b"words")


@pytest.mark.parametrize("stated", ["image/png", "application/octet-stream", "text/css", "nonsense", ""])
def test_other_types_are_refused_unread(site: Site, stated: str) -> None:
    """The line says of what type it is."""
    site.pages["/news/thing.html"] = Answer(b"words", type=stated)
    with pytest.raises(FetchFailed, match=stated or "of what type"):
        client_of(site).fetch(site.url("/news/thing.html"))


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


# Bounds


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


def silent(handler: Handler) -> None:
    time.sleep(5)


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
def test_an_answer_without_end_is_ended(site: Site, page: Answer | Callable[[Handler], None], line: str) -> None:
    """By its size, by the time it takes between two pieces, and by the time it takes as a whole; the client goes on."""
    site.pages["/news/x.html"] = page
    client = client_of(site, read_seconds=1.0, request_seconds=1.5)
    with pytest.raises(FetchFailed, match=line):
        client.fetch(site.url("/news/x.html"))
    assert client.fetch(site.url("/news/spring.html")).data == SPRING.body


def test_the_time_for_the_whole_ends_a_wait_too(site: Site) -> None:
    """Though the host may be silent for longer than that."""
    site.pages["/news/x.html"] = silent
    with pytest.raises(FetchFailed, match="took too long"):
        client_of(site, read_seconds=60.0, request_seconds=1.0).fetch(site.url("/news/x.html"))


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


# Redirects


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
    client = Client(["news.example.org"], sleep=lambda _: None)
    assert client.fetch("http://news.example.org/up").url == "https://news.example.org/up"
    with pytest.raises(FetchFailed, match="from https to http"):
        client.fetch("https://news.example.org/down")


# Robots


def test_what_robots_disallow_is_not_fetched(site: Site) -> None:
    """Also where a redirect leads there; robots.txt is read once."""
    site.pages["/private/a.html"] = SPRING
    site.pages["/news/a.html"] = redirect("/private/a.html")
    client = client_of(site)
    for path in ("/private/a.html", "/news/a.html"):
        with pytest.raises(FetchFailed, match=r"robots\.txt doesn't allow it"):
            client.fetch(site.url(path))
    assert site.paths() == ["/robots.txt", "/news/a.html"]


def test_our_own_group_of_robots_counts(site: Site) -> None:
    """Before the one for everybody."""
    site.pages["/robots.txt"] = Answer(b"User-agent: bulletindesk\nAllow: /\n\nUser-agent: *\nDisallow: /\n")
    assert client_of(site).fetch(site.url("/news/spring.html")).suffix == ".html"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_without_robots_everything_is_allowed(site: Site, status: int) -> None:
    """RFC 9309, 2.3.1.3."""
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", status)
    assert client_of(site).fetch(site.url("/news/spring.html")).data == SPRING.body


@pytest.mark.parametrize(
    "page",
    [
        Answer(b"", 500),
        Answer(b"", 503),
        Answer(b"", 429),
        Answer(b"", 200, headers={"Content-Length": "9"}),
        Answer(b"\x1f\x8b", 200, headers={"Content-Encoding": "gzip"}),
        silent,
        redirect("http://evil.example/robots.txt"),
    ],
    ids=["500", "503", "429", "broken off", "compressed", "silent", "redirect outside"],
)
def test_where_robots_cannot_be_read_nothing_is_fetched(site: Site, page: Answer | Callable[[Handler], None]) -> None:
    """RFC 9309, 2.3.1.4; the line says so, and the page is never asked for."""
    site.pages["/robots.txt"] = page
    client = client_of(site, read_seconds=1.0, request_seconds=1.5)
    for _ in range(2):
        with pytest.raises(FetchFailed, match=r"robots\.txt can't be read \(.+\), so nothing may be fetched"):
            client.fetch(site.url("/news/spring.html"))
    assert set(site.paths()) == {"/robots.txt"}


def test_robots_elsewhere_on_named_hosts_and_huge_ones_are_read(site: Site) -> None:
    """Redirects are followed, and what stands beyond 500 kB doesn't count."""
    site.pages["/robots.txt"] = redirect("/other.txt")
    rules = b"User-agent: *\nDisallow: /private/\n"
    filler = b"# and so on\n" * (limits.MAX_ROBOTS_BYTES // 12 + 1)
    site.pages["/other.txt"] = Answer(rules + filler + b"Disallow: /news/\n", type="text/plain")
    client = client_of(site)
    assert client.fetch(site.url("/news/spring.html")).data == SPRING.body
    with pytest.raises(FetchFailed, match="doesn't allow it"):
        client.fetch(site.url("/private/x"))


# Pace


def gaps(site: Site) -> list[float]:
    at = [asked.at for asked in site.asked]
    return [later - earlier for earlier, later in pairwise(at)]


def test_a_host_is_asked_once_a_second(site: Site) -> None:
    """Counting robots.txt, redirects, failures and further tries; time here passes only while the client sleeps."""
    site.pages["/old"] = redirect("/news/spring.html")
    site.pages["/busy"] = Answer(b"", 429, headers={"Retry-After": "0"})
    client = client_of(site)
    for path in ("/news/spring.html", "/old", "/nothing", "/busy", "/news/spring.html"):
        try:
            client.fetch(site.url(path))
        except FetchFailed:
            continue
    assert len(site.asked) == client.requests == 8
    assert gaps(site) == [1.0] * 7


def test_the_pause_is_real_unless_a_test_says_otherwise() -> None:
    """The clock and the sleep that come with the client are the machine's."""
    parameters = inspect.signature(Client).parameters
    assert (parameters["clock"].default, parameters["sleep"].default) == (time.monotonic, time.sleep)
    assert (limits.FETCH_PAUSE_SECONDS, limits.MAX_FETCH_PAUSE_SECONDS) == (1.0, 30.0)


@pytest.mark.parametrize(("stated", "pause"), [("7", 7.0), ("0.1", 1.0), ("86400", 30.0), ("-5", 1.0), ("nan", 1.0)])
def test_a_longer_pause_is_kept_where_the_host_wants_it(site: Site, stated: str, pause: float) -> None:
    """Crawl-delay: never under a second, nor over half a minute."""
    site.pages["/robots.txt"] = Answer(f"User-agent: *\nCrawl-delay: {stated}\n".encode())
    client = client_of(site)
    for _ in range(2):
        client.fetch(site.url("/news/spring.html"))
    assert gaps(site) == [pause] * 2


def test_two_hosts_do_not_wait_for_one_another() -> None:
    """Each has its own pace."""
    clock = Clock()
    paces = throttle.Throttle(clock, clock.sleep)
    for host in ("a", "b", "a"):
        paces.wait(host)
        paces.ended(host)
    assert clock.slept == [1.0]


def after(busy: Answer, times: int) -> Callable[[Handler], None]:
    """A page that can be had after so many tries."""
    tries = iter(range(times))

    def page(handler: Handler) -> None:
        answer = busy if next(tries, None) is not None else SPRING
        handler.send_response(answer.status)
        for name, value in {"Content-Type": answer.type, **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(answer.body)

    return page


@pytest.mark.parametrize(
    ("busy", "wait"),
    [
        (Answer(status=429, headers={"Retry-After": "17"}), 17.0),
        (Answer(status=503, headers={"Retry-After": "3"}), 3.0),
        (Answer(status=429), 10.0),
    ],
)
def test_a_host_that_asks_to_wait_is_waited_for(site: Site, busy: Answer, wait: float) -> None:
    """As long as it says, and then the page is had."""
    site.pages["/news/x.html"] = after(busy, 2)
    assert client_of(site).fetch(site.url("/news/x.html")).data == SPRING.body
    assert site.clock.slept == [1.0, wait, wait]


def test_a_day_to_wait_for_is_read_by_the_hosts_own_clock(site: Site) -> None:
    """The two clocks needn't agree."""
    headers = {"Retry-After": "Fri, 10 May 2024 08:00:42 GMT", "Date": "Fri, 10 May 2024 08:00:00 GMT"}

    def page(handler: Handler) -> None:
        handler.send_response_only(429)
        for name, value in {**headers, "Content-Length": "0"}.items():
            handler.send_header(name, value)
        handler.end_headers()

    site.pages["/news/x.html"] = page
    with pytest.raises(Unavailable):
        client_of(site).fetch(site.url("/news/x.html"))
    assert site.clock.slept == [1.0, 42.0, 42.0]


@pytest.mark.parametrize(("stated", "tries"), [("5", 3), ("3600", 1), ("99999999999999999999", 1)])
def test_a_host_that_asks_for_too_much_patience_is_left_alone(site: Site, stated: str, tries: int) -> None:
    """After three tries, or at once where the wait is over a minute; then it isn't asked for anything else either."""
    site.pages["/news/x.html"] = Answer(status=429, headers={"Retry-After": stated})
    client = client_of(site)
    with pytest.raises(Unavailable, match="429"):
        client.fetch(site.url("/news/x.html"))
    assert site.paths() == ["/robots.txt"] + ["/news/x.html"] * tries
    with pytest.raises(Unavailable, match="asked for fewer requests"):
        client.fetch(site.url("/news/spring.html"))
    assert len(site.asked) == tries + 1


# Names


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/..%5c..%5cwindows",
        "/.hidden",
        "/",
        "/a%00b",
        "/a%0Ab",
        "/%E6%96%B0%E9%97%BB",
        "/CON",
        "/" + "a" * 1_500 + ".html",
        "/a%F0%9F%98%80b.html?x=../../y",
        "/~root/-rf.html",
        "/%ff%fe",
    ],
)
def test_a_name_made_of_an_address_stays_in_the_folder(path: str) -> None:
    """Plain letters, no path, no leading dot, at most 100 characters."""
    name = filenames.from_url(f"http://news.example.org{path}", ".html")
    assert filenames.unfit_reason(name) is None
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert name[0] not in ".-"
    assert len(name) <= limits.MAX_MADE_NAME_CHARS
    assert name.endswith(".html")


def test_names_are_readable_stable_and_apart() -> None:
    """Two addresses never share one, one address has the same by http and https and on every run."""
    url = "http://news.example.org/en/2024/05/t20240510_12.html"
    assert filenames.from_url(url, ".html") == "en-2024-05-t20240510_12-c61e89467e.html"
    assert filenames.from_url(url.replace("http:", "https:"), ".html") == filenames.from_url(url, ".html")
    others = [url, url + "?page=2", url.upper(), url.replace("/05/", "-05-"), url.replace("news.", "www.")]
    assert len({filenames.from_url(other, ".html") for other in others}) == len(others)


# Adding


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    return tmp_path / "seeds"


def put(seeds: Path, *sources: str | Path, replace: bool = False) -> AddResult:
    """Files only: no client can be made."""
    return add(sources, seeds, lambda: pytest.fail("nothing is to be fetched"), (), replace=replace)


def reasons(added: AddResult) -> str:
    return "\n".join(f"{one.bulletin}: {one.reason}" for one in added.skipped)


def test_files_are_copied_and_read_first(seeds: Path, folder: Path) -> None:
    """Byte for byte; what is no bulletin stays out, and the rest goes on."""
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.png").write_bytes(b"png")
    others = (folder / "picture.png", folder / "none.txt", folder)
    added = put(seeds, folder / "empty.txt", str(folder / "first.txt"), *others)
    assert added.files == ("first.txt",)
    assert (seeds / "first.txt").read_bytes() == (folder / "first.txt").read_bytes()
    assert [one.bulletin for one in added.skipped] == [
        str(folder / "empty.txt"),
        str(folder / "picture.png"),
        str(folder / "none.txt"),
        str(folder),
    ]
    assert "is empty" in reasons(added)
    assert "no such file" in reasons(added)
    assert sorted(path.name for path in seeds.iterdir()) == ["first.txt"]


def test_the_same_bytes_are_not_put_there_twice(seeds: Path, tmp_path: Path) -> None:
    """Under whatever name, in whatever folder in the folder, and within one call."""
    (seeds / "2023").mkdir()
    (seeds / "2023" / "talk.txt").write_text(SECOND, encoding="utf-8")
    (tmp_path / "other.txt").write_text(SECOND, encoding="utf-8")
    (tmp_path / "a.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "b.txt").write_text(FIRST, encoding="utf-8")
    added = put(seeds, tmp_path / "other.txt", tmp_path / "a.txt", tmp_path / "b.txt")
    assert added.files == ("a.txt",)
    assert [one.reason for one in added.skipped] == ["is there already, as 2023/talk.txt", "is there already, as a.txt"]


def test_another_file_of_that_name_stays_unless_it_may_be_replaced(seeds: Path, tmp_path: Path) -> None:
    """The line says what to do about it."""
    (seeds / "a.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "a.txt").write_text(SECOND, encoding="utf-8")
    refused = put(seeds, tmp_path / "a.txt")
    assert refused.files == ()
    assert "another file named a.txt is there. Rename one of them, or remove that one" in reasons(refused)
    assert (seeds / "a.txt").read_text(encoding="utf-8") == FIRST
    assert put(seeds, tmp_path / "a.txt", replace=True).files == ("a.txt",)
    assert (seeds / "a.txt").read_text(encoding="utf-8") == SECOND


@pytest.mark.parametrize(
    "name", [".first.txt", "a\nb.txt", "a\u200bb.txt", "a" * 220 + ".txt", "a\\b.txt", "a\udcff.txt"]
)
def test_a_name_that_cannot_be_kept_is_refused(seeds: Path, tmp_path: Path, name: str) -> None:
    """In one line, with what to do."""
    (tmp_path / name).write_text(FIRST, encoding="utf-8")
    added = put(seeds, tmp_path / name)
    assert added.files == ()
    assert "Rename the file" in added.skipped[0].reason
    assert "\n" not in reasons(added)
    reasons(added).encode()
    assert list(seeds.iterdir()) == []


def test_a_link_is_read_through_to_an_ordinary_file_only(seeds: Path, folder: Path, tmp_path: Path) -> None:
    """What is put there is a file of its own; a link to a pipe, a folder or nothing is none."""
    for name, to in {"good.txt": folder / "first.txt", "folder.txt": folder, "nothing.txt": tmp_path / "gone"}.items():
        (tmp_path / name).symlink_to(to)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe.txt").symlink_to(tmp_path / "pipe")
    added = put(seeds, *(tmp_path / f"{name}.txt" for name in ("good", "folder", "nothing", "pipe")))
    assert added.files == ("good.txt",)
    assert not (seeds / "good.txt").is_symlink()
    assert (seeds / "good.txt").read_text(encoding="utf-8") == FIRST
    assert len(added.skipped) == 3


def test_a_link_in_the_folder_is_replaced_not_written_through(seeds: Path, tmp_path: Path) -> None:
    """What it leads to isn't the desk's to change."""
    (tmp_path / "precious.txt").write_text(FIRST, encoding="utf-8")
    (seeds / "a.txt").symlink_to(tmp_path / "precious.txt")
    (tmp_path / "a.txt").write_text(SECOND, encoding="utf-8")
    assert put(seeds, tmp_path / "a.txt").files == ()
    assert put(seeds, tmp_path / "a.txt", replace=True).files == ("a.txt",)
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == FIRST
    assert not (seeds / "a.txt").is_symlink()


def test_pages_and_files_go_together(site: Site, seeds: Path, folder: Path) -> None:
    """One client for all pages; what can't be fetched or read is named, and the rest goes on."""
    site.pages["/news/menu.html"] = Answer(b"<html><body><nav>Home</nav></body></html>")
    made: list[Client] = []

    def factory() -> Client:
        made.append(client_of(site))
        return made[-1]

    urls = [site.url(path) for path in ("/news/spring.html", "/private/a.html", "/news/menu.html", "/news/gone.html")]
    outside = "https://user:secret@evil.example/a"
    sources: list[str | Path] = [*urls, outside, folder / "second.txt", urls[0]]
    added = add(sources, seeds, factory, (site.host,))
    page, file = added.files
    assert (seeds / page).read_bytes() == SPRING.body
    assert parse(seeds / page).title == "Spring in Haidian"
    assert file == "second.txt"
    assert len(made) == 1
    assert [one.bulletin for one in added.skipped] == [*urls[1:], "https://evil.example/a", urls[0]]
    for words in ("robots.txt", "no paragraph", "404", "user name or a password", f"is there already, as {page}"):
        assert words in reasons(added)


def test_a_page_without_any_host_named_says_where_to_name_it(seeds: Path) -> None:
    """No client is made for it."""
    added = put(seeds, "https://news.example.org/a")
    assert added.skipped[0].reason == "no host may be fetched from yet. Name the hosts in RAG_HOSTS"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """It isn't made: a typing error would be a new folder."""
    with pytest.raises(SeedsMissing):
        put(tmp_path / "none", "https://news.example.org/a")


def test_a_file_that_changes_while_it_is_read_is_not_copied(
    seeds: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved is what was looked at."""

    def parse_then_change(path: Path) -> object:
        read = parse(path)
        path.write_text(SECOND, encoding="utf-8")
        return read

    monkeypatch.setattr("rag.ingest.fetch.add.parse", parse_then_change)
    added = put(seeds, folder / "first.txt")
    assert added.skipped[0].reason == "changed while it was read. Add it again"
    assert list(seeds.iterdir()) == []
