"""Connections that go to the very address that was checked, and that end in time whatever the other side does."""

from __future__ import annotations

import functools
import math
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch.ip_policy import allowed


class Network(httpcore.NetworkBackend):
    """Resolves a name itself and connects to an address that it has checked: a name that resolves otherwise a moment
    later changes nothing."""

    def __init__(self, whole: float = limits.FETCH_SECONDS) -> None:
        self._whole = whole
        self._until = math.inf
        self._inner = httpcore.SyncBackend()

    def begin(self) -> None:
        """A request begins; it has ``whole`` seconds."""
        self._until = time.monotonic() + self._whole

    def left(self, timeout: float | None) -> float:
        """Seconds that an operation may take.

        Raises:
            httpcore.ReadTimeout: the request's time is over.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the request's time is over")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """
        Raises:
            FetchFailed: the name leads only to addresses that may not be connected to.
            httpcore.ConnectError: it is unknown, or nobody answers there; httpcore.ConnectTimeout: not in time.
        """
        found = _resolve(host, port)
        to = [address for address in found if allowed(address, host)]
        if not to:
            raise FetchFailed(
                f"leads to {', '.join(found[:3])}, which isn't an address of the public internet",
                where=host,
                remedy="Pages are fetched from public hosts, or from this machine where RAG_HOSTS names it",
            )
        for address in to[:-1]:
            try:
                return self._connect(address, port, timeout, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(to[-1], port, timeout, socket_options)

    def _connect(
        self, address: str, port: int, timeout: float | None, options: Iterable[Any] | None
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.connect_tcp(address, port, self.left(timeout), socket_options=options), self)


class _Timed(httpcore.NetworkStream):
    """A stream whose every operation also ends with its request's time."""

    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _Timed(secured, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.BaseTransport):
    """HTTP/1.1 over a Network.  A connection serves one request: there is nothing to close afterwards, and the address
    of each is checked.  Raises httpcore's errors."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=network,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Those that are trusted; reading them takes a moment."""
    return httpx.create_ssl_context(trust_env=False)


def _resolve(host: str, port: int) -> list[str]:
    """The host's addresses, each once.

    Raises:
        httpcore.ConnectError: its name is unknown.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no name's form"
        raise httpcore.ConnectError(f"its name can't be resolved: {reason}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
