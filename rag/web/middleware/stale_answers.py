"""Answers that nobody comes for: Gradio would keep them until the server stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rag import limits


class Unread:
    """Knows since when each session's messages have been waiting in Gradio's queue."""

    def __init__(
        self,
        queue: Any,
        seconds: float = limits.STALE_ANSWER_SECONDS,
        most: int = limits.MAX_STALE_ANSWERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._since: dict[str, float] = {}

    def drop(self) -> int:
        """Forgets what has waited too long; how many sessions that were."""
        now = self._clock()
        self._since = {session: self._since.get(session, now) for session in self._waiting()}
        longest_first = sorted(self._since, key=self._since.__getitem__)
        too_many = len(longest_first) - self._most
        late = [
            session
            for place, session in enumerate(longest_first)
            if place < too_many or now - self._since[session] >= self._seconds
        ]
        for session in late:
            self._queue.pending_messages_per_session.pop(session, None)
            self._queue.pending_event_ids_session.pop(session, None)
            del self._since[session]
        return len(late)

    def _waiting(self) -> list[str]:
        """Sessions with messages, and no question under way."""
        pending, under_way = self._queue.pending_event_ids_session, self._queue.event_ids_to_events
        return [
            session
            for session, messages in self._queue.pending_messages_per_session.items()
            if not messages.empty() and not any(event in under_way for event in pending.get(session, ()))
        ]
