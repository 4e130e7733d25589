"""Streams that wait: how one is ended from this side."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def serve_until(
    end: Coroutine[Any, Any, object], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Serves a request until ``end`` returns: for the application the client has left then, and the client gets a
    complete response."""
    started = complete = ended = False

    async def send_on(message: Message) -> None:
        nonlocal started, complete
        if not ended:
            started = True
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

    serving = asyncio.ensure_future(app(scope, receive, send_on))
    ending = asyncio.ensure_future(end)
    try:
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
        ended = not serving.done()
    finally:
        ending.cancel()
        serving.cancel()
    await asyncio.wait({serving})
    if not serving.cancelled():
        serving.result()
    if started and not complete:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
