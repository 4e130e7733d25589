"""How large what is sent may be, and how long it may take to come."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import limits
from rag.web.middleware.refusal_response import refusal

LONG_QUERY = "This address is too long. Please ask for less at once."
LATE = "What was sent didn't arrive in time. Please send it again."
NO_LENGTH = "What was sent doesn't say how long it is."
_DRAINED = 4_000_000  # bytes that are read and thrown away, so that whoever sends them gets to read why
_DRAINING = 5.0  # seconds for that


@dataclass(frozen=True, slots=True)
class Room:
    """What one request may bring: so many bytes within so many seconds."""

    most: int = 65_536
    seconds: float = 30.0


class Bodies:
    """ASGI middleware.  ``rooms`` has the paths, as regular expressions, that may bring more than others; those are
    passed on as they come, everything else is read before anybody works on it."""

    def __init__(self, app: ASGIApp, rooms: Mapping[str, Room] | None = None, room: Room = Room()) -> None:
        self.app = app
        self._rooms = [(re.compile(path), larger) for path, larger in (rooms or {}).items()]
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if len(scope["query_string"]) > limits.MAX_QUERY_STRING_BYTES:
            return await refusal(scope, LONG_QUERY, 414)(scope, receive, send)
        names = {name for name, _ in scope["headers"]}
        if b"content-length" not in names and b"transfer-encoding" not in names:
            return await self.app(scope, receive, send)
        room = self._of(scope)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal():
            return await refusal(scope, NO_LENGTH, 400)(scope, receive, send)
        if int(length) > room.most:
            await _drained(receive)
            return await self._too_large(scope, receive, send, room)
        if room is self._room:
            return await self._read(scope, receive, send)
        return await self._passed(scope, receive, send, room)

    def _of(self, scope: Scope) -> Room:
        if scope["method"] == "POST":
            for path, room in self._rooms:
                if path.fullmatch(scope["path"]):
                    return room
        return self._room

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whole, then passed on."""
        try:
            async with asyncio.timeout(self._room.seconds):
                body = await _whole(receive, self._room.most)
        except TimeoutError:
            await _late(scope, receive, send)
        except ClientDisconnect:
            pass  # there is nobody to tell
        else:
            if body is None:
                await _drained(receive)
                await self._too_large(scope, receive, send, self._room)
            else:
                await self.app(scope, _replayed(body, receive), send)

    async def _passed(self, scope: Scope, receive: Receive, send: Send, room: Room) -> None:
        """As it comes.  Where it is too much or too late, the app is told that the sender has left, and the sender why,
        unless the app has begun to answer."""
        got, whole, started, wrong = 0, False, False, 0
        end = asyncio.get_running_loop().time() + room.seconds

        async def received() -> Message:
            nonlocal got, whole, wrong
            if whole:
                return await receive()
            if not wrong:
                try:
                    async with asyncio.timeout_at(end):
                        message = await receive()
                    got += len(message.get("body", b""))
                    whole = not message.get("more_body", False)
                    wrong = 413 if got > room.most else 0
                except TimeoutError:
                    wrong = 408
            return {"type": "http.disconnect"} if wrong else message

        async def sent(message: Message) -> None:
            nonlocal started
            if not wrong or started:  # once it was told that nobody is there, what it says is for nobody
                started = True
                await send(message)

        try:
            await self.app(scope, received, sent)
        finally:
            if wrong and not started:
                await (self._too_large(scope, receive, send, room) if wrong == 413 else _late(scope, receive, send))

    async def _too_large(self, scope: Scope, receive: Receive, send: Send, room: Room) -> None:
        line = f"What was sent is larger than {room.most:,} bytes, and was not taken. Please send less at once."
        await refusal(scope, line, 413, headers={"Connection": "close"})(scope, receive, send)


async def _whole(receive: Receive, most: int) -> bytes | None:
    """What is sent, None where it is more than that; raises ClientDisconnect."""
    parts, got, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        got += len(parts[-1])
        if got > most:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replayed() -> Message:
        nonlocal first
        message, first = first, None
        return message or await receive()

    return replayed


async def _late(scope: Scope, receive: Receive, send: Send) -> None:
    await refusal(scope, LATE, 408, headers={"Connection": "close"})(scope, receive, send)


async def _drained(receive: Receive) -> None:
    got = 0
    try:
        async with asyncio.timeout(_DRAINING):
            while got < _DRAINED:
                message = await receive()
                got += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
