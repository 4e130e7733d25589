"""A small front server before several desks, for tests: HTTP/1.1, a connection to a desk for each request, and a cookie
by which a reader stays with one desk for as long as that one takes connections."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence

COOKIE = "desk"
_HOP = re.compile(rb"\r\n(?:connection|keep-alive|proxy-connection):[^\r\n]*", re.I)


class Proxy:
    """``desks`` are ports of this machine.  ``sent`` counts the requests that each has answered; ``moved`` those that
    went to another desk than the cookie's because that one refused, ``again`` those that one broke off before it began
    to answer, so that the next was asked."""

    def __init__(self, desks: Sequence[int]) -> None:
        self.desks = tuple(desks)
        self.sent: Counter[int] = Counter()
        self.moved = self.again = 0
        self._server: asyncio.Server | None = None
        self._turn = 0

    async def start(self) -> str:
        """The address to ask at."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
            body = await reader.readexactly(int(length[1])) if length else b""
            await self._pass_on(_closing(head) + body, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the reader has left, or the proxy ends
        finally:
            writer.close()

    async def _pass_on(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As nginx does with ``proxy_next_upstream error http_503 non_idempotent``: to ask twice does no harm."""
        known = re.search(rb"\b%b=(\d+)" % COOKIE.encode(), request.partition(b"\r\n\r\n")[0])
        kept = int(known[1]) if known else None
        for desk in self._order(kept):
            try:
                from_desk, to_desk = await asyncio.open_connection("127.0.0.1", desk)
            except ConnectionRefusedError:
                continue
            try:
                to_desk.write(request)
                head = await _head(from_desk)
                self.again += not head
                if not head or head.startswith(b"HTTP/1.1 503 "):
                    continue
                self.sent[desk] += 1
                self.moved += kept not in (None, desk)
                writer.write(_closing(head, b"" if desk == kept else _cookie(desk)))
                await _passed(from_desk, reader, writer)
                return
            finally:
                to_desk.close()
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    def _order(self, kept: int | None) -> list[int]:
        """The desks to try, the cookie's first."""
        self._turn += 1
        turned = [self.desks[(self._turn + n) % len(self.desks)] for n in range(len(self.desks))]
        return sorted(turned, key=lambda desk: desk != kept)


async def _head(from_desk: asyncio.StreamReader) -> bytes:
    """The head of the desk's response, "" where it breaks off."""
    try:
        return await from_desk.readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError):
        return b""


async def _passed(from_desk: asyncio.StreamReader, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Passes the rest on until it ends, or the reader leaves."""

    async def passing() -> None:
        try:
            while piece := await from_desk.read(65_536):
                writer.write(piece)
                await writer.drain()
        except OSError:
            writer.transport.abort()  # so that the reader sees that the response isn't whole

    tasks = [asyncio.ensure_future(passing()), asyncio.ensure_future(reader.read())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _closing(head: bytes, more: bytes = b"") -> bytes:
    """The head of a request or a response after which the connection is closed."""
    return _HOP.sub(b"", head[:-4]) + b"\r\n" + more + b"Connection: close\r\n\r\n"


def _cookie(desk: int) -> bytes:
    return b"Set-Cookie: %b=%d; Path=/; HttpOnly\r\n" % (COOKIE.encode(), desk)
