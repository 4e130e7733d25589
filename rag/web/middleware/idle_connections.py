"""Closing connections that bring no request, so that nobody uses them up by saying nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from rag import limits
from rag.web.internals import is_answering, last_request


class IdleConnections:
    """Tracks since when each connection has brought no request."""

    def __init__(
        self, seconds: float = limits.REQUEST_HEAD_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[Any, tuple[Any, float]] = {}  # by connection: its last request, and the time

    def close(self, connections: Iterable[Any]) -> int:
        """Closes those that have been idle for too long; returns how many."""
        now = self._clock()
        since, closed = self._since, 0
        self._since = {}
        for connection in connections:
            if is_answering(connection):
                continue
            request = last_request(connection)
            known_request, began = since.get(connection, (None, now))
            if known_request is not request:  # it has brought another one since
                began = now
            if now - began < self._seconds:
                self._since[connection] = (request, began)
            elif not connection.transport.is_closing():
                connection.transport.abort()
                closed += 1
        return closed
