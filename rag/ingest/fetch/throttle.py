"""How fast a host is asked: the pause between the end of one request to it and the beginning of the next."""

from __future__ import annotations

from collections.abc import Callable

from rag import limits


class Pace:
    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ended: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def slow_down(self, host: str, pause: float) -> None:
        """The host wants longer pauses; shorter ones than ``limits.FETCH_PAUSE_SECONDS`` it can't have."""
        self._pauses[host] = max(
            self._pauses.get(host, limits.FETCH_PAUSE_SECONDS), min(pause, limits.MAX_FETCH_PAUSE_SECONDS)
        )

    def wait(self, host: str) -> None:
        """Returns when the host may be asked."""
        if host in self._ended:
            left = self._ended[host] + self._pauses.get(host, limits.FETCH_PAUSE_SECONDS) - self._clock()
            if left > 0:
                self._sleep(left)

    def ended(self, host: str) -> None:
        """A request to the host is over, well or badly."""
        self._ended[host] = self._clock()
