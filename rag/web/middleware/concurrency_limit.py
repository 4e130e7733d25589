"""How many questions may wait, and how many requests may be under way, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from rag import limits
from rag.web.internals import CALL, JOIN
from rag.web.middleware.client_address import address_key
from rag.web.responses import refusal

BUSY = "The desk is busy: many questions are waiting at this moment. Please ask again in a few seconds."
CROWDED = "The desk is busy: too many readers are connected at this moment. Please try again in a few seconds."
MANY_OPEN = "Too many pages are open from your address at this moment. Please try again in a few seconds."
PROBES = ("/healthz", "/readyz")  # they must not take a busy server for a dead one
RETRY_SECONDS = 2.0


@dataclass(eq=False)
class ConcurrencyLimit:
    """ASGI middleware; ``queue`` holds the questions that wait, ``on_refused`` is called for each refused request."""

    app: ASGIApp
    queue: Sized
    on_refused: Callable[[], None] = lambda: None
    max_waiting: int = limits.MAX_WAITING_QUESTIONS
    max_requests: int = limits.MAX_REQUESTS_AT_ONCE
    max_of_address: int = limits.MAX_REQUESTS_OF_ONE_ADDRESS
    _joining: int = 0  # questions on their way into the queue
    _under_way: Counter[str] = field(default_factory=Counter)  # by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"]
        asks = scope["method"] == "POST" and (path == JOIN or path.startswith(CALL))
        if asks and self._joining + len(self.queue) >= self.max_waiting:
            return await self._refuse(BUSY, scope, receive, send)
        address = address_key((scope.get("client") or ("", 0))[0])
        if path not in PROBES and self._under_way.total() >= self.max_requests:
            return await self._refuse(CROWDED, scope, receive, send)
        if path not in PROBES and self._under_way[address] >= self.max_of_address:
            return await self._refuse(MANY_OPEN, scope, receive, send)
        self._under_way[address] += 1
        self._joining += asks
        try:
            return await self.app(scope, receive, send)
        finally:
            self._joining -= asks
            self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]

    async def _refuse(self, line: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.on_refused()
        await refusal(scope, line, 503, wait=RETRY_SECONDS)(scope, receive, send)
