"""Which address a request comes from: the peer of the connection, or the client named by a trusted front server."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import SettingInvalid

LOG = logging.getLogger(__name__)
IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# Headers of front servers; Gradio trusts some of them from anybody.
FORWARDED = frozenset(
    b"forwarded x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto"
    b" x-forwarded-server x-gradio-server x-real-ip".split()
)
UNNAMED_PROXY = "unnamed_proxy"  # in ``scope["state"]``: the request came by a server that isn't among the proxies
_SUBNET = 64  # bits of an IPv6 address that identify a network; its owner chooses the others
# Customers get a /56 or a /48, 256 or 65,536 such networks: together these have a few times the share of one.
_SHARES = {56: 2, 48: 3}


class ClientAddress:
    """ASGI middleware: puts the client's address and scheme in ``scope["client"]`` and ``scope["scheme"]``; forwarded
    headers count from ``proxies`` alone and are dropped from anybody else, which ``scope["state"]`` notes."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network] = ()) -> None:
        self.app = app
        self._proxies = proxies
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host, port = scope.get("client") or ("", 0)
            peer = _parsed(host)
            if peer and self._is_proxy(peer):
                peer = self._client_of(peer, scope)
                proto = _values(scope, b"x-forwarded-proto")[-1:]
                if proto and proto[0] in ("http", "https"):
                    scope["scheme"] = proto[0]
            elif any(name in FORWARDED for name, _ in scope["headers"]):
                self._warn(peer, scope)
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in FORWARDED]
                scope.setdefault("state", {})[UNNAMED_PROXY] = True
            scope["client"] = (str(peer) if peer else host, port)
        await self.app(scope, receive, send)

    def _client_of(self, peer: IPAddress, scope: Scope) -> IPAddress:
        """The right-most address that isn't a proxy's: anybody may have written what stands left of it."""
        for value in reversed(_values(scope, b"x-forwarded-for")):
            named = _parsed(value)
            if named is None:
                break
            peer = named
            if not self._is_proxy(named):
                break
        return peer

    def _warn(self, peer: IPAddress | None, scope: Scope) -> None:
        """Logs once that a front server on this machine isn't among the proxies."""
        if peer and peer.is_loopback and not self._warned and _values(scope, b"x-forwarded-for"):
            self._warned = True
            LOG.warning("A front server at %s isn't in RAG_PROXIES: all its readers are counted as one address", peer)

    def _is_proxy(self, address: IPAddress) -> bool:
        return any(address in network for network in self._proxies)


def parse_networks(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Parses addresses and networks.

    Raises:
        SettingInvalid: one of them is neither.
    """
    networks: list[Network] = []
    for proxy in proxies:
        try:
            networks.append(ipaddress.ip_network(proxy, strict=False))
        except ValueError:
            remedy = "Write addresses such as 10.0.0.2, or networks such as 10.0.0.0/8"
            raise SettingInvalid(f"{proxy!r} is no address", where="RAG_PROXIES", remedy=remedy) from None
    return tuple(networks)


def address_key(host: str) -> str:
    """The key under which an address is counted: the /64 network of an IPv6 address; what is no address, as it is."""
    address = _parsed(host)
    if isinstance(address, ipaddress.IPv6Address):
        below = 128 - _SUBNET
        return f"{ipaddress.IPv6Address(int(address) >> below << below)}/{_SUBNET}"
    return str(address) if address else host[:100]


def network_shares(key: str) -> dict[str, int]:
    """The keys under which what comes from an ``address_key`` is counted, each with how many times the share of one
    address it has: itself, and the wider networks around an IPv6 one."""
    network, slash, bits = key.partition("/")
    try:
        address = int(ipaddress.IPv6Address(network)) if slash and bits == str(_SUBNET) else None
    except ValueError:  # an account's name, say
        address = None
    if address is None:
        return {key: 1}
    wider = {f"{ipaddress.IPv6Address(address >> 128 - n << 128 - n)}/{n}": share for n, share in _SHARES.items()}
    return {key: 1} | wider


def _parsed(text: str) -> IPAddress | None:
    """The address without brackets and port; an IPv4-mapped one as IPv4."""
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
    """All values of a list header, in order."""
    joined = b",".join(value for key, value in scope["headers"] if key == name)
    return [part.strip().lower() for part in joined.decode("latin-1").split(",") if part.strip()]
