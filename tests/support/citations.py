"""A cited slice of a made-up text, for the tests of what other tools read."""

from __future__ import annotations

import datetime as dt

from rag.models import Citation, StoredText

DAY = dt.date(2026, 11, 27)


def cited_slice(text: str, words: str, *, nth: int = 0, **known: object) -> Citation:
    """The ``nth`` place (from 0) of these words in the text, and what is known of its bulletin."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(words, at + 1)
    digest = StoredText(text.encode("utf-8")).sha256
    fields: dict[str, object] = {"bulletin": "2024/talk.txt"} | known
    return Citation(start=at, end=at + len(words), text=words, sha256=digest, **fields)  # type: ignore[arg-type]
