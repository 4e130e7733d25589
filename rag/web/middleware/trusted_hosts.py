"""Under which host names the server answers, and which origins may send to it.

Another name could be pointed at this machine (DNS rebinding), and a page of that name could then read ours.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import re
import socket
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from rag import limits
from rag.errors import SettingInvalid
from rag.web.responses import refusal

LOG = logging.getLogger(__name__)
NO_NAME = "The desk isn't served under this name. Its operator can add one with the setting RAG_NAMES."
ELSEWHERE = "This comes from another site's page, and was not done. The operator can allow one with RAG_ORIGINS."
_NO_NAMES = {"", "0.0.0.0", "::"}  # addresses to listen on, but no names
_ORIGIN = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?/?", re.I | re.A)
_PORTS = {"http": ":80", "https": ":443"}


class TrustedHosts:
    """ASGI middleware.  ``names`` are host names, "*.example.org" for all below one; ``origins`` come from
    ``parse_origins``.  A request without a name is a program's: browsers always send one."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), origins: Iterable[str] = ()) -> None:
        self.app = app
        known = {_name(name) for name in ("localhost", socket.gethostname(), *names)} - _NO_NAMES
        self._names = {name for name in known if not name.startswith("*.")}
        self._below = tuple(name[1:] for name in known if name.startswith("*."))
        self._origins = frozenset(origins)
        self._logged: set[str] = set()
        # caches names and local addresses, not readers' addresses
        self._known = functools.lru_cache(maxsize=256)(self._is_known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        hosts = [value for name, value in scope["headers"] if name in (b"host", b"x-forwarded-host")]
        server = (scope.get("server") or ("", 0))[0]
        unknown = next((host for host in hosts if not self._known(host, server)), None)
        if unknown is not None:
            self._log(unknown)
            return await refusal(scope, NO_NAME, 400)(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD") and not self._is_own(scope, hosts, server):
            return await refusal(scope, ELSEWHERE, 403)(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_known(self, host: bytes, server: str) -> bool:
        name = _name(host.decode("latin-1"))
        if name in self._names or (name.endswith(self._below) and not name.startswith((".", "*"))):
            return True
        # an address can't be pointed elsewhere: the one that the connection came to is this machine's
        return name == _name(server) or _is_loopback(name)

    def _is_own(self, scope: Scope, hosts: list[bytes], server: str) -> bool:
        """Whether the request comes from a page of ours, from an allowed origin, or from no page at all."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        site = headers.get(b"sec-fetch-site", b"")
        if origin in self._origins:
            return True
        if site in (b"cross-site", b"same-site"):
            return False
        if not origin:
            return True
        scheme, _, place = origin.partition("://")
        own_hosts = [host.decode("latin-1").lower().removesuffix(_PORTS.get(scheme, "")) for host in hosts]
        if place and place.removesuffix(_PORTS.get(scheme, "")) in own_hosts:
            return True
        # a front server may use a name of its own; a form of a page without referrer has the origin "null"
        return site == b"same-origin" and (origin == "null" or self._known(place.encode("latin-1"), server))

    def _log(self, host: bytes) -> None:
        name = host.decode("latin-1")[:100]
        if name not in self._logged and len(self._logged) < limits.MAX_LOGGED_HOSTS:
            self._logged.add(name)
            LOG.warning("Turned away: the host name %r is neither this machine's nor in RAG_NAMES", name)


def parse_origins(origins: Iterable[str]) -> tuple[str, ...]:
    """Returns the origins as browsers write them.

    Raises:
        SettingInvalid: one of them is no origin; there is no wildcard.
    """
    parsed = []
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            remedy = "Write origins such as https://www.example.org"
            raise SettingInvalid(f"{origin!r} is no origin", where="RAG_ORIGINS", remedy=remedy)
        parsed.append(origin.rstrip("/").lower())
    return tuple(parsed)


def _name(host: str) -> str:
    """The name without port, brackets and the final dot."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return (host if host.count(":") > 1 else host.partition(":")[0]).rstrip(".")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
