"""How many questions may wait at once, and how many requests may be under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import gradio as gr
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import limits
from rag.web.middleware.client_address import counted
from rag.web.middleware.refusal_response import refusal

BUSY = "The desk is busy: many questions are waiting at this moment. Please ask again in a few seconds."
CROWDED = "The desk is busy: too many readers are connected at this moment. Please try again in a few seconds."
MANY_OPEN = "Too many pages are open from your address at this moment. Please try again in a few seconds."
PROBES = ("/healthz", "/readyz")  # they must not find the desk dead only because it is crowded
AGAIN = 2.0  # seconds
_JOIN, _CALL = "/gradio_api/queue/join", "/gradio_api/call/"


class Crowd:
    """ASGI middleware.  ``busy`` is called for each that is turned away."""

    def __init__(
        self,
        app: ASGIApp,
        page: gr.Blocks,
        busy: Callable[[], None] = lambda: None,
        most_waiting: int = limits.MAX_WAITING_QUESTIONS,
        most_at_once: int = limits.MAX_REQUESTS_AT_ONCE,
        most_of_one: int = limits.MAX_REQUESTS_OF_ONE_ADDRESS,
    ) -> None:
        self.app = app
        self._queue = page._queue
        self._busy = busy
        self._most_waiting = most_waiting
        self._most_at_once = most_at_once
        self._joining = 0
        self._most_of_one = most_of_one
        self._under_way: Counter[str] = Counter()  # by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"]
        asks = scope["method"] == "POST" and (path == _JOIN or path.startswith(_CALL))
        if asks and self._joining + len(self._queue) >= self._most_waiting:
            return await self._turn_away(BUSY, scope, receive, send)
        address = counted((scope.get("client") or ("", 0))[0])
        if path not in PROBES and self._under_way.total() >= self._most_at_once:
            return await self._turn_away(CROWDED, scope, receive, send)
        if path not in PROBES and self._under_way[address] >= self._most_of_one:
            return await self._turn_away(MANY_OPEN, scope, receive, send)
        self._under_way[address] += 1
        self._joining += asks
        try:
            return await self.app(scope, receive, send)
        finally:
            self._joining -= asks
            self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]

    async def _turn_away(self, line: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._busy()
        await refusal(scope, line, 503, wait=AGAIN)(scope, receive, send)
