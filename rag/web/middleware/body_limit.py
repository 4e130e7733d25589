"""How large a request's body may be, and how long it may take to come."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import limits
from rag.web.responses import refusal

LONG_QUERY = "This address is too long. Please ask for less at once."
LATE = "What was sent didn't arrive in time. Please send it again."
NO_LENGTH = "What was sent doesn't say how long it is."
_DRAIN_BYTES = 4_000_000  # read of a refused body, so that its sender gets to read why
_DRAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many bytes a body may have, and within how many seconds they must come."""

    max_bytes: int = 65_536
    seconds: float = 30.0


class BodyLimit:
    """ASGI middleware.  ``allowances`` has regular expressions of paths to which more than ``default`` may be sent;
    such bodies are passed on as they come, all others are read before the application works on them."""

    def __init__(
        self, app: ASGIApp, allowances: Mapping[str, Allowance] | None = None, default: Allowance = Allowance()
    ) -> None:
        self.app = app
        self._allowances = [(re.compile(path), larger) for path, larger in (allowances or {}).items()]
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if len(scope["query_string"]) > limits.MAX_QUERY_STRING_BYTES:
            return await refusal(scope, LONG_QUERY, 414)(scope, receive, send)
        names = {name for name, _ in scope["headers"]}
        if b"content-length" not in names and b"transfer-encoding" not in names:
            return await self.app(scope, receive, send)
        allowance = self._allowance(scope)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal():
            return await refusal(scope, NO_LENGTH, 400)(scope, receive, send)
        if int(length) > allowance.max_bytes:
            await _drain(receive)
            return await _refuse_size(scope, receive, send, allowance)
        if allowance is self._default:
            return await self._read_first(scope, receive, send)
        return await self._pass_on(scope, receive, send, allowance)

    def _allowance(self, scope: Scope) -> Allowance:
        if scope["method"] == "POST":
            for path, allowance in self._allowances:
                if path.fullmatch(scope["path"]):
                    return allowance
        return self._default

    async def _read_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body before the application gets it."""
        try:
            async with asyncio.timeout(self._default.seconds):
                body = await read_body(receive, self._default.max_bytes)
        except TimeoutError:
            await _refuse_late(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody would read an answer
        else:
            if body is None:
                await _drain(receive)
                await _refuse_size(scope, receive, send, self._default)
            else:
                await self.app(scope, replay_body(body, receive), send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, allowance: Allowance) -> None:
        """Passes the body on as it comes.

        Where it is too large or too late, the application is told that the client has left, and the client gets the
        reason, unless the application has begun to answer.
        """
        received, complete, started, status = 0, False, False, 0
        end = asyncio.get_running_loop().time() + allowance.seconds

        async def receive_within() -> Message:
            nonlocal received, complete, status
            if complete:
                return await receive()
            if not status:
                try:
                    async with asyncio.timeout_at(end):
                        message = await receive()
                    received += len(message.get("body", b""))
                    complete = not message.get("more_body", False)
                    status = 413 if received > allowance.max_bytes else 0
                except TimeoutError:
                    status = 408
            return {"type": "http.disconnect"} if status else message

        async def send_on(message: Message) -> None:
            nonlocal started
            if not status or started:  # an answer to a client that has left goes nowhere
                started = True
                await send(message)

        try:
            await self.app(scope, receive_within, send_on)
        finally:
            if status == 413 and not started:
                await _refuse_size(scope, receive, send, allowance)
            elif status and not started:
                await _refuse_late(scope, receive, send)


async def read_body(receive: Receive, max_bytes: int) -> bytes | None:
    """Returns the body, None where it is larger; raises ClientDisconnect."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > max_bytes:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """Returns a callable that gives the body first, then what comes after it."""
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replay() -> Message:
        nonlocal first
        message, first = first, None
        return message or await receive()

    return replay


async def _refuse_size(scope: Scope, receive: Receive, send: Send, allowance: Allowance) -> None:
    line = f"What was sent is larger than {allowance.max_bytes:,} bytes, and was not taken. Please send less at once."
    await refusal(scope, line, 413, headers={"Connection": "close"})(scope, receive, send)


async def _refuse_late(scope: Scope, receive: Receive, send: Send) -> None:
    await refusal(scope, LATE, 408, headers={"Connection": "close"})(scope, receive, send)


async def _drain(receive: Receive) -> None:
    size = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while size < _DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
