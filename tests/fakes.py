"""A stand-in for the embedding model that is quick, small and the same on every machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from embeddings import FloatRows, unit_rows


class HashingEncoder:
    """Each word adds one to the column that its blake2b digest names: texts are near where they share words."""

    max_tokens = 256

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.name = f"hashing-{dimension}"
        self.digest = hashlib.sha256(self.name.encode()).hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        rows = self._encode(texts)
        if progress and texts:
            progress(len(texts))
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) + 2 for text in texts]

    def warm(self) -> None:
        pass

    def _encode(self, texts: Sequence[str]) -> FloatRows:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            # A text without words still needs a direction.
            for word in _words(text) or [""]:
                row[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest()) % self.dimension] += 1
        return unit_rows(rows)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
