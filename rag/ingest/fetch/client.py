"""A polite client: it requests pages of named hosts only, with pauses, as their robots.txt allows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch import politeness
from rag.ingest.fetch.transport import Network, Transport, Unreached
from rag.ingest.fetch.urls import HostAllowlist, host, site
from rag.ingest.formats import FORMATS

USER_AGENT = f"{politeness.AGENT}/0.1 (+polite; one request a second)"
_DEFAULT_RETRY_SECONDS = 10.0  # after a 429 that doesn't say how long
_SUFFIXES = {media_type: suffix for suffix, one in FORMATS.items() for media_type in one.media_types}
# Uncompressed, so that the bytes received are as many as those read.
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "text/html, */*;q=0.5", "Accept-Encoding": "identity"}
_CONNECTION_ERRORS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
ReadBody = Callable[[httpx.Response], bytes]


class Gone(FetchFailed):
    """The host says that there is no such page (404, 410)."""


class Unavailable(FetchFailed):
    """The host can't be reached, has an error or asks for fewer requests: another time it may work."""


class TimeIsUp(FetchFailed):
    """The time of the whole run is over, so that nothing more is asked for."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A response; ``url`` is where redirects led to.  Where nothing has changed, ``data`` and ``suffix`` are empty."""

    url: str
    data: bytes
    suffix: str
    etag: str
    last_modified: str

    @property
    def unchanged(self) -> bool:
        """Whether the host answered that the page hasn't changed."""
        return not self.suffix


class Client:
    """A client for one run and one thread; ``requests`` counts those sent, for robots.txt and redirects too."""

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.requests = 0
        self._allowlist = HostAllowlist(hosts)
        self._clock = clock
        self._ends = math.inf
        self._sleep = sleep
        self._throttle = politeness.Throttle(clock, sleep)
        self._network = Network()
        self._transport = Transport(self._network)  # httpx.Client would follow redirects and use proxies unchecked
        timeout = httpx.Timeout(limits.READ_SECONDS, connect=limits.CONNECT_SECONDS)
        self._extensions = {"timeout": timeout.as_dict()}
        self._robots: dict[httpx.URL, politeness.Rules] = {}
        self._avoided_hosts: set[str] = set()

    @contextmanager
    def ending_in(self, seconds: float) -> Iterator[None]:
        """Within the block, requests that would begin later, or waits that would end later, raise ``TimeIsUp``."""
        outer, self._ends = self._ends, min(self._ends, self._clock() + seconds)
        try:
            yield
        finally:
            self._ends = outer

    def address(self, url: str) -> str:
        """Returns the URL as it would be requested; the URL itself where it may not be."""
        try:
            return str(self._allowlist.check(url))
        except FetchFailed:
            return url

    def fetch(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchedPage:
        """Fetches a page; with ``etag`` or ``last_modified`` only where it has changed since.

        Raises:
            Gone, Unavailable, TimeIsUp, FetchFailed: it isn't there, can't be had now, or may not be fetched.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        at = self._allowlist.check(url)
        for _ in range(limits.MAX_REDIRECTS + 1):
            if reason := self._rules(at).refusal(str(at)):
                raise FetchFailed(reason, where=at, remedy="Ask the site for the bulletin")
            response, data = self._request_with_retries(at, headers, _read_page)
            if response.has_redirect_location:
                at = self._redirect_target(at, response)
            else:
                return _fetched_page(at, response, data, conditional=bool(headers))
        raise FetchFailed(f"redirects more than {limits.MAX_REDIRECTS} times", where=url, remedy="Check the address")

    def _redirect_target(self, at: httpx.URL, response: httpx.Response) -> httpx.URL:
        try:
            target = located = at.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise FetchFailed("redirects to what is no address", where=at, remedy="Check the address") from None
        try:
            target = self._allowlist.check(target)
        except FetchFailed as error:
            line = f"redirects to {error.where}: {error.what}"
            raise FetchFailed(line, where=at, remedy=error.remedy) from None
        if at.scheme == "https" and located.scheme == "http":
            raise FetchFailed("redirects from https to http", where=at, remedy="Ask the site for the bulletin")
        return target

    def _rules(self, url: httpx.URL) -> politeness.Rules:
        """Returns the rules of the host's robots.txt, which is read on first need."""
        address = url.copy_with(raw_path=b"/robots.txt")
        if address not in self._robots:
            self._robots[address] = rules = self._fetch_rules(address)
            self._throttle.slow_down(host(url), rules.pause)
        return self._robots[address]

    def _fetch_rules(self, at: httpx.URL) -> politeness.Rules:
        try:
            for _ in range(limits.MAX_REDIRECTS + 1):
                response, data = self._request_with_retries(at, {}, _read_robots)
                if not response.has_redirect_location:
                    return politeness.rules_of_response(response.status_code, data)
                at = self._redirect_target(at, response)
        except TimeIsUp:
            raise
        except Unavailable as error:
            return politeness.Rules(error=error.what)
        except FetchFailed as error:
            return politeness.Rules(error=str(error))
        return politeness.Rules()  # RFC 9309, 2.3.1.2: as if there were none

    def _request_with_retries(
        self, url: httpx.URL, headers: dict[str, str], read_body: ReadBody
    ) -> tuple[httpx.Response, bytes]:
        """Returns a response and its body, after waiting where the host asks for it, if not too long or too often."""
        if host(url) in self._avoided_hosts:
            raise Unavailable("the host asked for fewer requests", where=url, remedy="Try again later")
        for number in range(limits.MAX_FETCH_TRIES):
            response, data = self._request(url, headers, read_body)
            wait = _retry_after(response)
            if wait is None:
                return response, data
            if number == limits.MAX_FETCH_TRIES - 1 or wait > limits.MAX_RETRY_WAIT_SECONDS:
                break
            self._check_time(wait)
            self._sleep(wait)
        if response.status_code == 429:
            self._avoided_hosts.add(host(url))
        what = f"was answered with {response.status_code}, wait for {wait:,.0f} seconds"
        raise Unavailable(what, where=url, remedy="Try again later")

    def _request(self, url: httpx.URL, headers: dict[str, str], read_body: ReadBody) -> tuple[httpx.Response, bytes]:
        self._throttle.wait(host(url))
        self._check_time()
        self.requests += 1
        self._network.start_request()
        request = httpx.Request("GET", url, headers=_HEADERS | headers, extensions=self._extensions)
        try:
            with closing(self._transport.handle_request(request)) as response:
                response.request = request
                return response, read_body(response) if response.status_code == 200 else b""
        except _CONNECTION_ERRORS as error:
            what = _describe(error)
            if url.scheme == "https" and isinstance(error, Unreached):
                what += f"; if the site has no https, name http://{site(url)} in RAG_HOSTS"
            raise Unavailable(what, where=url, remedy="Try again later") from error
        finally:
            self._throttle.ended(host(url))

    def _check_time(self, wait: float = 0.0) -> None:
        if self._clock() + wait >= self._ends:
            raise TimeIsUp("the time for it is over", remedy="Try again later")


def _fetched_page(at: httpx.URL, response: httpx.Response, data: bytes, *, conditional: bool) -> FetchedPage:
    status = response.status_code
    if status == 200 or (status == 304 and conditional):
        suffix = _suffix(response) if status == 200 else ""
        return FetchedPage(str(at), data, suffix, _validator(response, "etag"), _validator(response, "last-modified"))
    if status in (404, 410):
        raise Gone(f"isn't there (the host answered with {status})", where=at, remedy="Check the address")
    if status >= 500:
        raise Unavailable(f"was answered with {status}", where=at, remedy="Try again later")
    raise FetchFailed(f"was answered with {status}", where=at, remedy="Check the address")


def _read_page(response: httpx.Response) -> bytes:
    """Returns the body, where it can be a bulletin by its type and its size."""
    max_bytes = FORMATS[_suffix(response)].max_bytes
    _refuse_compressed(response)
    stated = response.headers.get("content-length", "")
    if not (stated.isdigit() and int(stated[:20]) > max_bytes):
        data = _read_up_to(response, max_bytes + 1)
        if len(data) <= max_bytes:
            return data
    raise FetchFailed(f"is larger than {max_bytes:,} bytes", where=response.url, remedy="Check that it is one bulletin")


def _read_robots(response: httpx.Response) -> bytes:
    """Returns as much of robots.txt as counts."""
    _refuse_compressed(response)
    return _read_up_to(response, limits.MAX_ROBOTS_BYTES)


def _read_up_to(response: httpx.Response, max_bytes: int) -> bytes:
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) >= max_bytes:
            break
    return bytes(data[:max_bytes])


def _refuse_compressed(response: httpx.Response) -> None:
    """Refuses a compressed body: a few bytes could unpack to gigabytes, and compressed rules would read as none."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("came compressed, unasked", where=response.url, remedy="Save it by hand")


def _suffix(response: httpx.Response) -> str:
    """Returns the suffix of a file of the response's type, which must be one that bulletins have."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _SUFFIXES:
        what = f"is of the type {media_type[:80]}" if media_type else "doesn't say of what type it is"
        raise FetchFailed(what, where=response.url, remedy="Only .html, .pdf, .docx, .txt, .md can be read")
    return _SUFFIXES[media_type]


def _validator(response: httpx.Response, name: str) -> str:
    """Returns a header that can be sent back to ask for changes, "" where it can't be."""
    value = response.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= 500 else ""


def _retry_after(response: httpx.Response) -> float | None:
    """Returns the seconds that the host wants us to wait before a retry (RFC 9110, 10.2.3); None where it doesn't."""
    if response.status_code not in (429, 503):
        return None
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        # By the host's own clock.
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers.get("date", ""))
        return max(wait.total_seconds(), 0.0)
    except (ValueError, TypeError):
        return _DEFAULT_RETRY_SECONDS if response.status_code == 429 else None


def _describe(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "took too long to answer"
    if isinstance(error, httpcore.ConnectError):
        return f"can't be reached ({error})"
    return f"broke off while it answered ({error})"
