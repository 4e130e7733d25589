"""A polite client: asks only hosts that are named, at a walking pace, as their robots.txt allows, and for no more than
a bulletin can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch import robots
from rag.ingest.fetch.throttle import Pace
from rag.ingest.fetch.transport import Network, Transport
from rag.ingest.fetch.urls import Hosts, host

USER_AGENT = f"{robots.AGENT}/0.1 (+polite; one request a second)"
_WAIT = 10.0  # after a 429 that doesn't say how long
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    _DOCX: ".docx",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
}
LARGEST = {".pdf": 20_000_000, ".docx": 20_000_000}  # bytes
# Uncompressed: what comes is then as large as what is read of it.
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "text/html, */*;q=0.5", "Accept-Encoding": "identity"}
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class Gone(FetchFailed):
    """The host says that there is no such page (404, 410)."""


class Unavailable(FetchFailed):
    """The host can't be reached, is in trouble or asks to be left alone: another time it may work."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer; ``url`` is where redirects led to.  Where nothing has changed, ``data`` and ``suffix`` are empty."""

    url: str
    data: bytes
    suffix: str
    etag: str
    last_modified: str

    @property
    def unchanged(self) -> bool:
        return not self.suffix


class Client:
    """For one run and one thread; ``requests`` counts what was sent, robots.txt and redirects included.

    Raises:
        SettingInvalid: one of ``hosts`` can't be a host's name.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        connect: float = limits.CONNECT_SECONDS,
        read: float = limits.READ_SECONDS,
        whole: float = limits.FETCH_SECONDS,
    ) -> None:
        self.requests = 0
        self._hosts = Hosts(hosts)
        self._sleep = sleep
        self._pace = Pace(clock, sleep)
        self._network = Network(whole)
        # httpx.Client would look at where redirects lead, and at proxies, in its own way.
        self._transport: httpx.BaseTransport = Transport(self._network)
        self._limits = {"timeout": httpx.Timeout(read, connect=connect).as_dict()}
        self._robots: dict[httpx.URL, robots.Rules] = {}
        self._left_alone: set[str] = set()

    def fetch(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """A page; with ``etag`` or ``last_modified`` only where it has changed since.

        Raises:
            Gone, Unavailable, FetchFailed: it isn't there, can't be had now, or may not be fetched.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        at = self._hosts.check(url)
        for _ in range(limits.MAX_REDIRECTS + 1):
            if reason := self._rules(at).refusal(str(at)):
                raise FetchFailed(reason, where=at, remedy="Ask the site for the bulletin")
            answer, data = self._ask_patiently(at, headers, _page)
            if answer.has_redirect_location:
                at = self._next(at, answer)
            else:
                return _fetched(at, answer, data, conditional=bool(headers))
        raise FetchFailed(f"redirects more than {limits.MAX_REDIRECTS} times", where=url, remedy="Check the address")

    def _next(self, at: httpx.URL, answer: httpx.Response) -> httpx.URL:
        """Where a redirect leads.

        Raises:
            FetchFailed: to where may not be gone.
        """
        location = answer.headers["location"]
        try:
            to = at.join(location)
        except (httpx.InvalidURL, ValueError):
            raise FetchFailed("redirects to what is no address", where=at, remedy="Check the address") from None
        try:
            to = self._hosts.check(to)
        except FetchFailed as error:
            line = f"redirects to {error.where}: {error.what}"
            raise FetchFailed(line, where=at, remedy=error.remedy) from None
        if at.scheme == "https" and to.scheme == "http":
            raise FetchFailed("redirects from https to http", where=at, remedy="Ask the site for the bulletin")
        return to

    def _rules(self, url: httpx.URL) -> robots.Rules:
        """What the host's robots.txt says, read on first need."""
        address = url.copy_with(raw_path=b"/robots.txt")
        if address not in self._robots:
            self._robots[address] = rules = self._read_robots(address)
            self._pace.slow_down(host(url), rules.pause)
        return self._robots[address]

    def _read_robots(self, at: httpx.URL) -> robots.Rules:
        try:
            for _ in range(limits.MAX_REDIRECTS + 1):
                answer, data = self._ask_patiently(at, {}, _beginning)
                if not answer.has_redirect_location:
                    return robots.of_answer(answer.status_code, data)
                at = self._next(at, answer)
        except Unavailable as error:
            return robots.Rules(trouble=error.what)
        except FetchFailed as error:
            return robots.Rules(trouble=str(error))
        return robots.Rules()  # RFC 9309, 2.3.1.2: as if there were none

    def _ask_patiently(
        self, url: httpx.URL, headers: dict[str, str], read: Callable[[httpx.Response], bytes]
    ) -> tuple[httpx.Response, bytes]:
        """An answer, after waiting where the host asks for it.

        Raises:
            Unavailable: there is none, or we are asked to wait for too long or too often.
        """
        if host(url) in self._left_alone:
            raise Unavailable("the host asked for fewer requests", where=url, remedy="Try again later")
        for number in range(limits.MAX_FETCH_TRIES):
            answer, data = self._ask(url, headers, read)
            wait = _asked_to_wait(answer)
            if wait is None:
                return answer, data
            if number == limits.MAX_FETCH_TRIES - 1 or wait > limits.MAX_RETRY_WAIT_SECONDS:
                break
            self._sleep(wait)
        if answer.status_code == 429:
            self._left_alone.add(host(url))
        raise Unavailable(
            f"was answered with {answer.status_code}, wait for {wait:,.0f} seconds", where=url, remedy="Try again later"
        )

    def _ask(
        self, url: httpx.URL, headers: dict[str, str], read: Callable[[httpx.Response], bytes]
    ) -> tuple[httpx.Response, bytes]:
        self._pace.wait(host(url))
        self.requests += 1
        self._network.begin()
        request = httpx.Request("GET", url, headers=_HEADERS | headers, extensions=self._limits)
        try:
            with closing(self._transport.handle_request(request)) as answer:
                answer.request = request
                return answer, read(answer) if answer.status_code == 200 else b""
        except _BROKEN as error:
            raise Unavailable(_told(error), where=url, remedy="Try again later") from error
        finally:
            self._pace.ended(host(url))


def _fetched(at: httpx.URL, answer: httpx.Response, data: bytes, *, conditional: bool) -> Fetched:
    status = answer.status_code
    if status == 200 or (status == 304 and conditional):
        suffix = _suffix(answer) if status == 200 else ""
        return Fetched(str(at), data, suffix, _kept(answer, "etag"), _kept(answer, "last-modified"))
    if status in (404, 410):
        raise Gone(f"isn't there (the host answered with {status})", where=at, remedy="Check the address")
    if status >= 500:
        raise Unavailable(f"was answered with {status}", where=at, remedy="Try again later")
    raise FetchFailed(f"was answered with {status}", where=at, remedy="Check the address")


def _page(answer: httpx.Response) -> bytes:
    """The body, where it can be a bulletin.

    Raises:
        FetchFailed: it can't, by its type or its size.
    """
    suffix = _suffix(answer)
    largest = LARGEST.get(suffix, limits.MAX_PAGE_BYTES)
    _refuse_compressed(answer)
    stated = answer.headers.get("content-length", "")
    if not (stated.isdigit() and int(stated[:20]) > largest):
        data = bytearray()
        for piece in answer.iter_raw():
            data += piece
            if len(data) > largest:
                break
        else:
            return bytes(data)
    raise FetchFailed(f"is larger than {largest:,} bytes", where=answer.url, remedy="Check that it is one bulletin")


def _beginning(answer: httpx.Response) -> bytes:
    """As much of robots.txt as counts.

    Raises:
        FetchFailed: it can't be read.
    """
    _refuse_compressed(answer)
    data = bytearray()
    for piece in answer.iter_raw():
        data += piece
        if len(data) > limits.MAX_ROBOTS_BYTES:
            break
    return bytes(data[: limits.MAX_ROBOTS_BYTES])


def _refuse_compressed(answer: httpx.Response) -> None:
    """A few bytes could stand for gigabytes, and compressed rules would read as none."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("came compressed, unasked", where=answer.url, remedy="Save it by hand")


def _suffix(answer: httpx.Response) -> str:
    """The suffix of a file with such an answer.

    Raises:
        FetchFailed: its type isn't one that bulletins have.
    """
    stated = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated not in SUFFIXES:
        what = f"is of the type {stated[:80]}" if stated else "doesn't say of what type it is"
        kinds = ", ".join(dict.fromkeys(SUFFIXES.values()))
        raise FetchFailed(what, where=answer.url, remedy=f"Only {kinds} can be read")
    return SUFFIXES[stated]


def _kept(answer: httpx.Response, name: str) -> str:
    """A header that can be sent back."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= 500 else ""


def _asked_to_wait(answer: httpx.Response) -> float | None:
    """Seconds that the host wants us to wait before we ask again (RFC 9110, 10.2.3); None where it doesn't."""
    if answer.status_code not in (429, 503):
        return None
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        # By the host's own clock.
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers.get("date", ""))
        return max(wait.total_seconds(), 0.0)
    except (ValueError, TypeError):
        return _WAIT if answer.status_code == 429 else None


def _told(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "took too long to answer"
    if isinstance(error, httpcore.ConnectError):
        return f"can't be reached ({error})"
    return f"broke off while it answered ({error})"
