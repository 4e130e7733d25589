"""Under which names the desk answers, and whose pages may call it.

A name that is another's could be pointed at this machine, and a page of that name would then read the desk as its own.
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
from rag.web.middleware.refusal_response import refusal

LOG = logging.getLogger(__name__)
NO_NAME = "The desk isn't served under this name. Its operator can add one with the setting RAG_NAMES."
ELSEWHERE = "This comes from another site's page, and was not done. The operator can allow one with RAG_ORIGINS."
_NO_NAMES = {"", "0.0.0.0", "::"}  # what is listened on, but isn't asked for
_ORIGIN = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?/?", re.I | re.A)
_PORTS = {"http": ":80", "https": ":443"}


class Hosts:
    """ASGI middleware.  ``names`` are host names, "*.example.org" for all below one; ``origins`` as ``allowed`` has
    them.  A request without a name is a program's: a browser always says one."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), origins: Iterable[str] = ()) -> None:
        self.app = app
        known = {_name(name) for name in ("localhost", socket.gethostname(), *names)} - _NO_NAMES
        self._names = {name for name in known if not name.startswith("*.")}
        self._below = tuple(name[1:] for name in known if name.startswith("*."))
        self._origins = frozenset(origins)
        self._logged: set[str] = set()
        # names and local addresses, not readers' addresses
        self._known = functools.lru_cache(maxsize=256)(self._is_known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        hosts = [value for name, value in scope["headers"] if name in (b"host", b"x-forwarded-host")]
        server = (scope.get("server") or ("", 0))[0]
        strange = next((host for host in hosts if not self._known(host, server)), None)
        if strange is not None:
            self._log(strange)
            return await refusal(scope, NO_NAME, 400)(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD") and not self._own(scope, hosts, server):
            return await refusal(scope, ELSEWHERE, 403)(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_known(self, host: bytes, server: str) -> bool:
        name = _name(host.decode("latin-1"))
        if name in self._names or (name.endswith(self._below) and not name.startswith((".", "*"))):
            return True
        # an address can't be pointed elsewhere: the one that the connection has come to is this machine's
        return name == _name(server) or _is_loopback(name)

    def _own(self, scope: Scope, hosts: list[bytes], server: str) -> bool:
        """Whether a page of the desk, an allowed one, or no page at all sends this."""
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
        own = [host.decode("latin-1").lower().removesuffix(_PORTS.get(scheme, "")) for host in hosts]
        if place and place.removesuffix(_PORTS.get(scheme, "")) in own:
            return True
        # behind a front server that asks under a name of its own; and a form of a page without referrer says "null"
        return site == b"same-origin" and (origin == "null" or self._known(place.encode("latin-1"), server))

    def _log(self, host: bytes) -> None:
        name = host.decode("latin-1")[:100]
        if name not in self._logged and len(self._logged) < limits.MAX_LOGGED_HOSTS:
            self._logged.add(name)
            LOG.warning("Turned away: the host name %r is neither this machine's nor in RAG_NAMES", name)


def allowed(origins: Iterable[str]) -> tuple[str, ...]:
    """Origins as a browser writes them.

    Raises:
        SettingInvalid: one of them is none; there is no sign for all.
    """
    found = []
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            remedy = "Write origins such as https://www.example.org"
            raise SettingInvalid(f"{origin!r} is no origin", where="RAG_ORIGINS", remedy=remedy)
        found.append(origin.rstrip("/").lower())
    return tuple(found)


def _name(host: str) -> str:
    """The name alone: without a port, brackets, or the dot of the root."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return (host if host.count(":") > 1 else host.partition(":")[0]).rstrip(".")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
