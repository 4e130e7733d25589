"""What robots.txt disallows is not fetched, and nothing is where it can't be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag import limits
from rag.errors import FetchFailed
from tests.support.fetching import SPRING, client_of, silent
from tests.support.site import Answer, Handler, Site, redirect


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
