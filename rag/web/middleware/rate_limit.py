"""How much one address, or one account, may send within a minute."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.web.middleware.client_address import counted
from rag.web.middleware.refusal_response import refusal

TOO_MANY = "There were too many requests from your address within a minute. Please try again in {wait} seconds."
UNCOUNTED = ("/desk/", "/assets/", "/static/")  # files, of which a page takes a hundred at once


class Recent(Storage, MovingWindowSupport):
    """What `limits` counts by, in bounded memory: it remembers so many senders and so many hits at most, and forgets
    whoever was heard of longest ago first.  Its own storage in memory never forgets a sender.

    Senders are held under a digest with a key of this process.  Safe to use from several threads.
    """

    STORAGE_SCHEME = None

    def __init__(self, senders: int = 50_000, hits: int = 500_000, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most_senders = senders
        self._most_hits = hits
        self._clock = clock
        self._times: OrderedDict[bytes, list[float]] = OrderedDict()  # who was heard of last is last
        self._hits = 0
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._times)

    def __bool__(self) -> bool:
        return True

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Takes that many hits; whether there was room for them."""
        with self._lock:
            now = self._clock()
            self._forget(now - expiry)
            times = self._of(key, now - expiry)
            room = len(times) + amount <= limit
            if room:
                times.extend([now] * amount)
                self._hits += amount
            if times:
                digest = self._digest(key)
                self._times[digest] = times
                self._times.move_to_end(digest)
            return room

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit that counts was, and how many there are."""
        with self._lock:
            now = self._clock()
            times = self._of(key, now - expiry)
            return (times[0] if times else now), len(times)

    def clear(self, key: str) -> None:
        with self._lock:
            self._hits -= len(self._times.pop(self._digest(key), ()))

    def reset(self) -> int:
        with self._lock:
            known = len(self._times)
            self._times.clear()
            self._hits = 0
            return known

    def check(self) -> bool:
        return True

    base_exceptions = ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("only a moving window is counted here")

    def get(self, key: str) -> int:
        raise NotImplementedError("only a moving window is counted here")

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError("only a moving window is counted here")

    def _of(self, key: str, since: float) -> list[float]:
        times = self._times.get(self._digest(key), [])
        gone = bisect_right(times, since)
        del times[:gone]
        self._hits -= gone
        return times

    def _forget(self, since: float) -> None:
        while self._times:
            times = next(iter(self._times.values()))
            full = len(self._times) >= self._most_senders or self._hits >= self._most_hits
            if times and times[-1] > since and not full:
                return
            self._hits -= len(times)
            self._times.popitem(last=False)

    def _digest(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=12, key=self._key).digest()


class Pace:
    """So many a minute for each sender; who is turned away isn't counted."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._limit = RateLimitItemPerMinute(a_minute)
        self._window = MovingWindowRateLimiter(Recent(clock=clock))

    def wait(self, sender: str) -> float:
        """Takes one; the seconds until there is one, 0 where it was taken."""
        if self._window.hit(self._limit, sender):
            return 0.0
        return max(1.0, self._window.get_window_stats(self._limit, sender).reset_time - self._clock())


class Rates:
    """ASGI middleware: requests a minute, by address."""

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self.app = app
        self._pace = Pace(a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNCOUNTED):
            wait = self._pace.wait(counted((scope.get("client") or ("", 0))[0]))
            if wait:
                line = TOO_MANY.format(wait=round(wait))
                return await refusal(scope, line, 429, wait=wait)(scope, receive, send)
        return await self.app(scope, receive, send)
