"""Dropping answers that no page reads: Gradio would keep them until the server stops."""

from __future__ import annotations

import time
from collections.abc import Callable

from rag import limits
from rag.web.internals import QuestionQueue


class StaleAnswers:
    """Tracks since when each session's messages have been waiting to be read."""

    def __init__(
        self,
        queue: QuestionQueue,
        seconds: float = limits.STALE_ANSWER_SECONDS,
        max_sessions: int = limits.MAX_STALE_ANSWERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._seconds = seconds
        self._max_sessions = max_sessions
        self._clock = clock
        self._since: dict[str, float] = {}

    def drop(self) -> int:
        """Drops the messages of sessions that have waited too long; returns of how many."""
        now = self._clock()
        self._since = {
            session: self._since.get(session, now)
            for session in self._queue.unread()
            if not self._queue.is_being_answered(session)
        }
        longest_first = sorted(self._since, key=self._since.__getitem__)
        excess = len(longest_first) - self._max_sessions
        late = [
            session
            for place, session in enumerate(longest_first)
            if place < excess or now - self._since[session] >= self._seconds
        ]
        for session in late:
            self._queue.drop(session)
            del self._since[session]
        return len(late)
