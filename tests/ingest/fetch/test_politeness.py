"""A host is asked at a walking pace, waited for where it asks for that, and never for what its robots.txt disallows."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch.client import Client, Unavailable
from rag.ingest.fetch.politeness import Throttle
from tests.support.fetching import SPRING, client_of, silent
from tests.support.site import Answer, Clock, Handler, Site, redirect


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
    paces = Throttle(clock, clock.sleep)
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
def test_where_robots_cannot_be_read_nothing_is_fetched(
    site: Site, page: Answer | Callable[[Handler], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9309, 2.3.1.4; the line says so, and the page is never asked for."""
    site.pages["/robots.txt"] = page
    monkeypatch.setattr(limits, "READ_SECONDS", 1.0)
    monkeypatch.setattr(limits, "FETCH_SECONDS", 1.5)
    client = client_of(site)
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
