"""What is dropped while idle: connections that bring no request, and answers that no page reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rag import limits
from rag.web.internals import QuestionQueue, is_answering, last_request, unsent_bytes


@dataclass
class IdleConnections:
    """Tracks since when each connection has brought no request: nobody uses them up by saying nothing."""

    seconds: float = limits.REQUEST_HEAD_SECONDS
    clock: Callable[[], float] = time.monotonic
    _since: dict[Any, tuple[Any, float]] = field(default_factory=dict)  # by connection: its last request, and the time

    def close(self, connections: Iterable[Any]) -> int:
        """Closes those that have been idle for too long; returns how many."""
        now = self.clock()
        since, closed = self._since, 0
        self._since = {}
        for connection in connections:
            if is_answering(connection):
                continue
            request = last_request(connection)
            known_request, began = since.get(connection, (None, now))
            if known_request is not request:  # it has brought another one since
                began = now
            if now - began < self.seconds:
                self._since[connection] = (request, began)
            elif not connection.transport.is_closing():
                connection.transport.abort()
                closed += 1
        return closed


@dataclass
class SlowReaders:
    """Tracks how much of what was written for each connection waits to be sent: nobody holds a large answer by not
    reading it."""

    seconds: float = limits.SLOW_READER_SECONDS
    least: int = limits.SLOW_READER_BYTES
    clock: Callable[[], float] = time.monotonic
    _waiting: dict[Any, tuple[int, float]] = field(default_factory=dict)  # by connection: its bytes, and the time

    def close(self, connections: Iterable[Any]) -> int:
        """Closes those that have taken too little for too long; returns how many."""
        now = self.clock()
        before, closed = self._waiting, 0
        self._waiting = {}
        for connection in connections:
            size = unsent_bytes(connection)
            if not size:
                continue
            known, began = before.get(connection, (size, now))
            # enough was taken; or more was written, which waits until most of what was before it has been taken
            if size <= known - self.least or size > known:
                known, began = size, now
            if now - began < self.seconds:
                self._waiting[connection] = known, began
            elif not connection.transport.is_closing():
                connection.transport.abort()
                closed += 1
        return closed


@dataclass
class StaleAnswers:
    """Tracks since when each session's messages wait to be read: Gradio would keep them until the server stops."""

    queue: QuestionQueue
    seconds: float = limits.STALE_ANSWER_SECONDS
    max_sessions: int = limits.MAX_STALE_ANSWERS
    clock: Callable[[], float] = time.monotonic
    _since: dict[str, float] = field(default_factory=dict)

    def drop(self) -> int:
        """Drops the messages of sessions that have waited too long; returns of how many."""
        now = self.clock()
        self._since = {
            session: self._since.get(session, now)
            for session in self.queue.unread()
            if not self.queue.is_being_answered(session)
        }
        longest_first = sorted(self._since, key=self._since.__getitem__)
        excess = len(longest_first) - self.max_sessions
        late = [
            session
            for place, session in enumerate(longest_first)
            if place < excess or now - self._since[session] >= self.seconds
        ]
        for session in late:
            self.queue.drop(session)
            del self._since[session]
        return len(late)
