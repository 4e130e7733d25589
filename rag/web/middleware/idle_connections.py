"""Connections that bring no request: they are closed, so that nobody holds the desk up by saying nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from rag import limits


class Silent:
    """Knows since when each connection has brought nothing."""

    def __init__(
        self, seconds: float = limits.REQUEST_HEAD_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[Any, tuple[Any, float]] = {}  # with its last request, None where it hasn't brought any

    def close(self, connections: Iterable[Any]) -> int:
        """Closes those that have been silent for too long; how many."""
        now = self._clock()
        since, closed = self._since, 0
        self._since = {}
        for one in list(connections):
            cycle = getattr(one, "cycle", None)  # the last request, with its response
            if cycle is not None and not cycle.response_complete:
                continue
            last, began = since.get(one, (None, now))
            if last is not cycle:  # it has brought another one since
                began = now
            if now - began < self._seconds:
                self._since[one] = (cycle, began)
            elif not one.transport.is_closing():
                one.transport.abort()
                closed += 1
        return closed
