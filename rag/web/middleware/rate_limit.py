"""How many requests one address, or questions one account, may send within a minute."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.admin.sliding_window import SlidingWindow
from rag.web.middleware.client_address import address_key
from rag.web.responses import refusal

TOO_MANY = "There were too many requests from your address within a minute. Please try again in {wait} seconds."
UNCOUNTED_PATHS = ("/desk/", "/assets/", "/static/")  # files, of which a page takes a hundred at once


class PerMinuteLimiter:
    """Allows each sender so many hits within any minute; refused ones don't count.  Thread-safe.

    Senders are held in bounded memory, under a digest with a key of this process.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._window = SlidingWindow(60.0)
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()

    def wait(self, sender: str) -> float:
        """Takes a hit; returns the seconds until one is allowed, 0 where it was taken."""
        digest = hashlib.blake2b(sender.encode("utf-8", "surrogatepass"), digest_size=12, key=self._key).hexdigest()
        with self._lock:
            wait = self._window.take({digest: self.a_minute}, self._clock())
        return max(1.0, wait) if wait else 0.0


class RateLimit:
    """ASGI middleware: limits the requests of an address; an IPv6 network counts as one."""

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self.app = app
        self._limiter = PerMinuteLimiter(a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNCOUNTED_PATHS):
            wait = self._limiter.wait(address_key((scope.get("client") or ("", 0))[0]))
            if wait:
                line = TOO_MANY.format(wait=round(wait))
                return await refusal(scope, line, 429, wait=wait)(scope, receive, send)
        return await self.app(scope, receive, send)
