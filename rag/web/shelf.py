"""The latest answers, kept for who wants to save one; found by an id that can't be guessed."""

from __future__ import annotations

import secrets
import threading

from rag.records import Answer


class Shelf:
    """Holds so many answers and so many quotes of them at most; the oldest goes first.  Safe to use from several
    threads."""

    def __init__(self, answers: int = 1_000, quotes: int = 40_000) -> None:
        self._answers = answers
        self._quotes = quotes
        self._kept: dict[str, Answer] = {}
        self._lock = threading.Lock()

    def put(self, answer: Answer) -> str:
        """The id that gives it back."""
        key = secrets.token_hex(12)
        with self._lock:
            self._kept[key] = answer
            held = sum(len(kept.quotes) for kept in self._kept.values())
            while len(self._kept) > self._answers or (held > self._quotes and len(self._kept) > 1):
                held -= len(self._kept.pop(next(iter(self._kept))).quotes)
        return key

    def get(self, key: str) -> Answer | None:
        with self._lock:
            return self._kept.get(key)
