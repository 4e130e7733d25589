"""The latest answers, kept for who wants to save one; found by an id that can't be guessed."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from rag.models import Answer


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, with what its question alone doesn't say: the questions before it, and the conditions (as a reader
    sees them) that it was asked without."""

    answer: Answer
    history: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Shelf:
    """Holds so many answers and so many quotes of them at most; the oldest goes first.  Safe to use from several
    threads."""

    def __init__(self, answers: int = 1_000, quotes: int = 40_000) -> None:
        self._answers = answers
        self._quotes = quotes
        self._kept: dict[str, Kept] = {}
        self._lock = threading.Lock()

    @staticmethod
    def new_key() -> str:
        """An id for an answer to come."""
        return secrets.token_hex(12)

    def put(
        self, answer: Answer, key: str | None = None, *, history: tuple[str, ...] = (), without: tuple[str, ...] = ()
    ) -> str:
        """The id that gives it back: ``key`` where it has one already."""
        key = key or self.new_key()
        with self._lock:
            self._kept[key] = Kept(answer, history, without)
            held = sum(len(kept.answer.quotes) for kept in self._kept.values())
            while len(self._kept) > self._answers or (held > self._quotes and len(self._kept) > 1):
                held -= len(self._kept.pop(next(iter(self._kept))).answer.quotes)
        return key

    def get(self, key: str) -> Answer | None:
        kept = self.kept(key)
        return kept.answer if kept else None

    def kept(self, key: str) -> Kept | None:
        with self._lock:
            return self._kept.get(key)
