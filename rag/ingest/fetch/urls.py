"""The URLs that may be fetched at all: of a host that is named in the settings, by https unless named with http."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import httpx

from rag import limits
from rag.errors import FetchFailed, SettingInvalid
from rag.ingest.fetch.transport import names_loopback

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # as it goes over the wire; or an IPv6 address


class HostAllowlist:
    """The hosts that may be fetched from, each exactly as named.

    "example.org" is allowed by https on the default port, "example.org:8080" on that one; "http://example.org" by http
    too, by which somebody on the way could write other bulletins.  This machine's own addresses need no "http://".

    Raises:
        SettingInvalid: one of the names can't be a host's.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._allowed = {entry for name in names for entry in _parse_host(name)}

    def check(self, url: str | httpx.URL) -> httpx.URL:
        """Returns the URL as it is requested: without its fragment, and by https where its host isn't named with http.

        Raises:
            FetchFailed: it may not be requested.
        """
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):  # ValueError: a host that IDNA can't encode
            where = without_user(str(url))
            raise FetchFailed("is not a web address", where=where, remedy="Check how it is written") from None
        name = host(parsed)
        if parsed.userinfo:
            raise FetchFailed("holds a user name or a password", where=name, remedy="Leave them out")
        if parsed.scheme not in _PORTS or not name:
            raise FetchFailed("is not an http or https address", where=parsed, remedy="Check how it is written")
        if len(str(parsed)) > limits.MAX_URL_CHARS:
            raise FetchFailed(
                f"is longer than {limits.MAX_URL_CHARS:,} characters", where=name, remedy="Check the address"
            )
        parsed = parsed.copy_with(fragment=None)
        if self._allows(parsed, name):
            return parsed
        secured = by_https(parsed)
        # On another port than http's own, https can't be expected.
        if parsed.port is None and self._allows(secured, name):
            return secured
        if self._allows(secured, name):
            what, named = "is no https address", f"http://{site(parsed)}"
        else:
            what, named = "its host is not one that may be fetched from", site(parsed)
        raise FetchFailed(what, where=parsed, remedy=f"Add {named} to RAG_HOSTS")

    def _allows(self, url: httpx.URL, name: str) -> bool:
        default = _PORTS[url.scheme]
        port = default if url.port is None else url.port
        wanted = {(url.scheme, name, port)} | ({(url.scheme, name, None)} if port == default else set())
        return not wanted.isdisjoint(self._allowed)


def host(url: httpx.URL) -> str:
    """Returns the URL's host as it is used in the network, in ASCII."""
    return url.raw_host.decode("ascii")


def site(url: str | httpx.URL) -> str:
    """Returns the host, and the port where it isn't the scheme's default: http and https of one host are one site."""
    return httpx.URL(url).netloc.decode("ascii")


def by_https(url: httpx.URL) -> httpx.URL:
    """Returns the URL with https for http, at the same port where one is named."""
    return url.copy_with(scheme="https") if url.scheme == "http" else url


def without_user(url: str) -> str:
    """Returns the URL without user name and password, so that it can be shown."""
    scheme, slashes, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def _parse_host(name: str) -> Iterator[tuple[str, str, int | None]]:
    """Yields scheme, host and port, None for the scheme's default."""
    scheme, slashes, bare = name.rpartition("://")
    try:
        # With a scheme that has no default port, so that ":80" is kept.
        parsed = httpx.URL(f"any://{bare}")
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL()
    is_bare = str(parsed) == f"any://{site(parsed)}" and (parsed.port is None or 0 < parsed.port < 65_536)
    if not (is_bare and _NAME.fullmatch(host(parsed)) and (scheme in _PORTS if slashes else not scheme)):
        remedy = "Name hosts alone, with commas between: example.org,example.com:8080,http://example.net"
        raise SettingInvalid(f"{name!r} is not a host's name", where="RAG_HOSTS", remedy=remedy)
    yield "https", host(parsed), parsed.port
    if scheme == "http" or (not scheme and names_loopback(host(parsed))):
        yield "http", host(parsed), parsed.port
