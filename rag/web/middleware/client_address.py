"""Where a request comes from: the other end of the connection, unless that is a front server which says for whom."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import SettingInvalid

LOG = logging.getLogger(__name__)
Address_: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# What a front server says of a request; Gradio believes some of it from anybody.
FORWARDED = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-gradio-server",
        b"x-real-ip",
    )
)
_SUBNET = 64  # bits of an IPv6 address that are somebody's; the others are theirs to choose


class Address:
    """ASGI middleware: puts the address in ``scope["client"]`` and the reader's scheme in ``scope["scheme"]``; whoever
    isn't one of the ``proxies`` has said nothing of either."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network] = ()) -> None:
        self.app = app
        self._proxies = proxies
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host, port = scope.get("client") or ("", 0)
            peer = _parsed(host)
            if peer and self._is_proxy(peer):
                peer = self._behind(peer, scope)
                proto = _values(scope, b"x-forwarded-proto")[-1:]
                if proto and proto[0] in ("http", "https"):
                    scope["scheme"] = proto[0]
            elif any(name in FORWARDED for name, _ in scope["headers"]):
                self._warn(peer, scope)
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in FORWARDED]
            scope["client"] = (str(peer) if peer else host, port)
        await self.app(scope, receive, send)

    def _behind(self, peer: Address_, scope: Scope) -> Address_:
        """The right-most address that isn't a proxy's: what stands left of it anybody may have written."""
        for value in reversed(_values(scope, b"x-forwarded-for")):
            named = _parsed(value)
            if named is None:
                break
            peer = named
            if not self._is_proxy(named):
                break
        return peer

    def _warn(self, peer: Address_ | None, scope: Scope) -> None:
        """Of a front server on this machine that isn't named: the desk counts all its readers as one.  Once."""
        if peer and peer.is_loopback and not self._warned and _values(scope, b"x-forwarded-for"):
            self._warned = True
            LOG.warning("A front server at %s isn't in RAG_PROXIES: all its readers are counted as one address", peer)

    def _is_proxy(self, address: Address_) -> bool:
        return any(address in network for network in self._proxies)


def networks(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks.

    Raises:
        SettingInvalid: one of them is neither.
    """
    found: list[Network] = []
    for proxy in proxies:
        try:
            found.append(ipaddress.ip_network(proxy, strict=False))
        except ValueError:
            remedy = "Write addresses such as 10.0.0.2, or networks such as 10.0.0.0/8"
            raise SettingInvalid(f"{proxy!r} is no address", where="RAG_PROXIES", remedy=remedy) from None
    return tuple(found)


def counted(host: str) -> str:
    """As what an address is counted: an IPv6 address as its network of 64 bits, whatever is no address as it is."""
    address = _parsed(host)
    if isinstance(address, ipaddress.IPv6Address):
        below = 128 - _SUBNET
        return f"{ipaddress.IPv6Address(int(address) >> below << below)}/{_SUBNET}"
    return str(address) if address else host[:100]


def _parsed(text: str) -> Address_ | None:
    """The address, with or without brackets and a port; a mapped one as IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _values(scope: Scope, name: bytes) -> list[str]:
    """All values of a header that is a list, in order."""
    joined = b",".join(value for key, value in scope["headers"] if key == name)
    return [part.strip().lower() for part in joined.decode("latin-1").split(",") if part.strip()]
