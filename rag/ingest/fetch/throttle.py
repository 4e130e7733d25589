"""Rate limiting by host: the pause between the end of one request and the beginning of the next."""

from __future__ import annotations

from collections.abc import Callable

from rag import limits


class Throttle:
    """Pauses between requests to a host, for ``limits.FETCH_PAUSE_SECONDS`` or longer where the host asks for it."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ended: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def slow_down(self, host: str, pause: float) -> None:
        """Makes the host's pauses longer, up to a limit; they never get shorter."""
        self._pauses[host] = max(
            self._pauses.get(host, limits.FETCH_PAUSE_SECONDS), min(pause, limits.MAX_FETCH_PAUSE_SECONDS)
        )

    def wait(self, host: str) -> None:
        """Waits until the host may be asked."""
        if host in self._ended:
            seconds = self._ended[host] + self._pauses.get(host, limits.FETCH_PAUSE_SECONDS) - self._clock()
            if seconds > 0:
                self._sleep(seconds)

    def ended(self, host: str) -> None:
        """Notes that a request to the host has ended, successfully or not."""
        self._ended[host] = self._clock()
