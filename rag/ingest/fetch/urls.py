"""The URLs that may be fetched at all: http or https, of a host that is named in the settings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import httpx

from rag import limits
from rag.errors import FetchFailed, SettingInvalid

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # as it goes over the wire; or an IPv6 address


class HostAllowlist:
    """The hosts that may be fetched from, each exactly as named.

    "example.org" is allowed on the default ports, "example.org:8080" on that one.

    Raises:
        SettingInvalid: one of the names can't be a host's.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._allowed = {_parse_host(name) for name in names}

    def check(self, url: str | httpx.URL) -> httpx.URL:
        """Returns the URL as it is requested, without its fragment; raises ``FetchFailed`` where it may not be."""
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
        port = _PORTS[parsed.scheme] if parsed.port is None else parsed.port
        wanted = {(name, port)} | ({(name, None)} if port == _PORTS[parsed.scheme] else set())
        if wanted.isdisjoint(self._allowed):
            what = "its host is not one that may be fetched from"
            raise FetchFailed(what, where=parsed, remedy=f"Add {site(parsed)} to RAG_HOSTS")
        return parsed.copy_with(fragment=None)


def host(url: httpx.URL) -> str:
    """Returns the URL's host as it is used in the network, in ASCII."""
    return url.raw_host.decode("ascii")


def site(url: str | httpx.URL) -> str:
    """Returns the host, and the port where it isn't the scheme's default: http and https of one host are one site."""
    return httpx.URL(url).netloc.decode("ascii")


def without_user(url: str) -> str:
    """Returns the URL without user name and password, so that it can be shown."""
    scheme, slashes, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def _parse_host(name: str) -> tuple[str, int | None]:
    """Returns host and port, None for the default ports."""
    try:
        # With a scheme that has no default port, so that ":80" is kept.
        parsed = httpx.URL(f"any://{name}")
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL()
    is_bare = str(parsed) == f"any://{site(parsed)}" and (parsed.port is None or 0 < parsed.port < 65_536)
    if not (is_bare and _NAME.fullmatch(host(parsed))):
        remedy = "Name hosts alone, with commas between: example.org,example.com:8080"
        raise SettingInvalid(f"{name!r} is not a host's name", where="RAG_HOSTS", remedy=remedy)
    return host(parsed), parsed.port
