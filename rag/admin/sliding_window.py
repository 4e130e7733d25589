"""How many hits of a key fall into the last so many seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping


class SlidingWindow:
    """The times of each key's hits within the last ``seconds``; not thread-safe.

    It holds at most ``max_keys`` keys and ``max_hits`` hits, and forgets the key that was tried longest ago first.
    Of earlier ``hits`` those are kept that lie within the window around ``now``: clocks are set back, too.
    """

    def __init__(self, seconds: float, hits: Mapping[str, Iterable[float]] | None = None, now: float = 0.0) -> None:
        self._seconds = seconds
        recent = {key: sorted(at for at in times if abs(now - at) < seconds) for key, times in (hits or {}).items()}
        self._hits = OrderedDict(recent)  # the key that was tried last comes last
        self._total = sum(map(len, recent.values()))
        self.max_keys, self.max_hits = 50_000, 500_000

    def take(self, limits: Mapping[str, int], now: float) -> float:
        """Records a hit of every key if each is below its limit, else of none.

        Returns the seconds until each will be below its limit, 0 where the hits were recorded.
        """
        self._forget(now)
        wait = max(self._wait(key, limit, now) for key, limit in limits.items())
        for key in limits:
            if wait <= 0:
                self._hits.setdefault(key, []).append(now)
                self._total += 1
            if key in self._hits:
                self._hits.move_to_end(key)
        return wait

    def give_back(self, keys: Iterable[str]) -> None:
        """Drops the latest hit of each key."""
        for key in keys:
            if self._hits.get(key):
                self._hits[key].pop()
                self._total -= 1

    def hits(self) -> dict[str, list[float]]:
        """The hits of each key that has any, for storing them."""
        return {key: times.copy() for key, times in self._hits.items() if times}

    def _wait(self, key: str, limit: int, now: float) -> float:
        times = self._hits.get(key, [])
        self._expire(times, now)
        return times[-limit] + self._seconds - now if len(times) >= limit else 0.0

    def _forget(self, now: float) -> None:
        while self._hits:
            times = next(iter(self._hits.values()))
            self._expire(times, now)
            if times and len(self._hits) < self.max_keys and self._total < self.max_hits:
                return
            self._total -= len(times)
            self._hits.popitem(last=False)

    def _expire(self, times: list[float], now: float) -> None:
        expired = bisect_right(times, now - self._seconds)
        del times[:expired]
        self._total -= expired
