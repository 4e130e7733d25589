"""The latest answers, cached for readers who want to save, link or judge one; found by an id that can't be guessed."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from rag.answer.models import Answer


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer, the questions before it, and the labels of the conditions that were removed from it."""

    answer: Answer
    history: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class AnswerCache:
    """Holds a bounded number of answers and of their quotes; the oldest answer is dropped first.  Thread-safe."""

    def __init__(self, max_answers: int = 1_000, max_quotes: int = 40_000) -> None:
        self.max_answers = max_answers
        self._max_quotes = max_quotes
        self._entries: dict[str, CachedAnswer] = {}
        self._lock = threading.Lock()

    @staticmethod
    def new_key() -> str:
        """Returns an id for an answer to come."""
        return secrets.token_hex(12)

    def put(
        self, answer: Answer, key: str | None = None, *, history: tuple[str, ...] = (), without: tuple[str, ...] = ()
    ) -> str:
        """Caches an answer and returns its id, ``key`` if given."""
        key = key or self.new_key()
        with self._lock:
            self._entries[key] = CachedAnswer(answer, history, without)
            quotes = sum(len(entry.answer.quotes) for entry in self._entries.values())
            while len(self._entries) > self.max_answers or (quotes > self._max_quotes and len(self._entries) > 1):
                quotes -= len(self._entries.pop(next(iter(self._entries))).answer.quotes)
        return key

    def get(self, key: str) -> Answer | None:
        """The answer of that id, None where it isn't cached any more."""
        entry = self.entry(key)
        return entry.answer if entry else None

    def entry(self, key: str) -> CachedAnswer | None:
        """The answer of that id with its context, None where it isn't cached any more."""
        with self._lock:
            return self._entries.get(key)
