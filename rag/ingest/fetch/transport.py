"""Connections to the very address that was checked, with a deadline for each request.

Allowed are addresses of the public internet, and this machine's where it is named.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any

import httpcore
import httpx

from rag import limits
from rag.errors import FetchFailed

# Ranges outside of it can lead back to an IPv4 address, as 64:ff9b::/96 does.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Special ranges that ipaddress calls global in some of Python's versions (RFC 6890, RFC 7526, RFC 3056, RFC 9637).
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")))


class Unreached(httpcore.ConnectError):
    """Nobody answers at the port; a connection that then fails for its certificate isn't meant."""


class Network(httpcore.NetworkBackend):
    """Resolves a name itself and connects to an address that it has checked, so that DNS rebinding changes nothing."""

    def __init__(self) -> None:
        self._deadline = math.inf
        self._inner = httpcore.SyncBackend()

    def start_request(self) -> None:
        """Sets the deadline of a request that begins now."""
        self._deadline = time.monotonic() + limits.FETCH_SECONDS

    def remaining(self, timeout: float | None) -> float:
        """Returns the seconds that an operation may take; raises ``httpcore.ReadTimeout`` when the time is over."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the request's time is over")
        return seconds if timeout is None else min(timeout, seconds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first of the host's allowed addresses that answers; raises ``FetchFailed`` where none is."""
        addresses = _resolve(host, port, self.remaining(limits.RESOLVE_SECONDS))
        allowed = [address for address in addresses if is_allowed(address, host)]
        if not allowed:
            raise FetchFailed(
                f"leads to {', '.join(addresses[:3])}, which isn't an address of the public internet",
                where=host,
                remedy="Pages are fetched from public hosts, or from this machine where RAG_HOSTS names it",
            )
        while True:
            address, *allowed = allowed
            seconds = self.remaining(timeout)
            try:
                stream = self._inner.connect_tcp(address, port, seconds, socket_options=socket_options)
                return _DeadlineStream(stream, self)
            except httpcore.ConnectTimeout:
                if not allowed:
                    raise
            except httpcore.ConnectError as error:
                if not allowed:
                    raise Unreached(str(error)) from error


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose operations also end at the request's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._network.remaining(timeout))
        return _DeadlineStream(secured, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.BaseTransport):
    """HTTP/1.1 over a ``Network``, with a connection for each request, so that each one's address is checked."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.ConnectionPool(
            _certificates(), max_connections=1, max_keepalive_connections=0, network_backend=network
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request; raises httpcore's errors, not httpx's."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        body = _Body(response)
        return httpx.Response(response.status, headers=response.headers, stream=body, extensions=response.extensions)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Returns the trusted certificates; reading them takes a moment."""
    return httpx.create_ssl_context(trust_env=False)


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Returns the host's addresses, each once."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result([str(address[0]) for *_, address in entries])
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    # The system's resolver takes no time limit, so it is left behind in its thread.
    threading.Thread(target=look_up, daemon=True).start()
    try:
        return list(dict.fromkeys(found.result(seconds)))
    except TimeoutError:
        raise httpcore.ConnectTimeout(f"its name was not resolved within {seconds:.0f} seconds") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no name's form"
        raise httpcore.ConnectError(f"its name can't be resolved: {reason}") from error


def is_allowed(address: str, host: str) -> bool:
    """Whether ``address``, which the name ``host`` was resolved to, may be connected to.

    A loopback address may be only where ``host`` is itself one, or "localhost"; private, link-local, multicast and
    reserved ones may never be.
    """
    ip = _parse_ip(address)
    if ip is None:
        return False
    if ip.is_loopback:
        return names_loopback(host)
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    special = any(ip.version == network.version and ip in network for network in _SPECIAL)
    return ip.is_global and not (special or ip.is_multicast or ip.is_reserved)


def names_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name."""
    named = _parse_ip(host)
    return host == "localhost" or (named is not None and named.is_loopback)


def _parse_ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Returns the address, or the IPv4 address that it maps (::ffff:127.0.0.1); None where it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
