"""A stand-in for the embedding model that is quick, small and the same on every machine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from embeddings.token_spans import join_pieces, piece_numbers
from embeddings.vectors import EncodedText, FloatRows, unit_rows


class HashingEncoder:
    """Each word adds one to the column that its blake2b digest names: texts are near where they share words."""

    max_tokens = 256

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.name = f"hashing-{dimension}"
        self.side_digest = ""
        self.digest = hashlib.sha256(self.name.encode()).hexdigest()

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        rows = self._encode(texts)
        if progress and texts:
            progress(len(texts))
        return rows

    def encode_query_tokens(self, texts: Sequence[str]) -> list[EncodedText]:
        return [self._tokens([text]) for text in texts]

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        # The last first: nobody may count on their order.
        for place in reversed(range(len(texts))):
            yield place, self._tokens(texts[place])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) + 2 for text in texts]

    def warm_up(self) -> None:
        pass

    def _encode(self, texts: Sequence[str]) -> FloatRows:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            # A text without words still needs a direction.
            for word in _words(text) or [""]:
                row[self._column(word)] += 1
        return unit_rows(rows)

    def _tokens(self, pieces: Sequence[str]) -> EncodedText:
        """Each word is a word piece, whose vector is 1 in its column."""
        text = join_pieces(pieces)
        found = list(re.finditer(r"\w+", text))[: self.max_tokens - 2]
        vectors = np.zeros((len(found), self.dimension), dtype=np.float32)
        for vector, word in zip(vectors, found, strict=True):
            vector[self._column(word[0].casefold())] = 1
        spans = np.array([word.span() for word in found], dtype=np.int32).reshape(-1, 2)
        return EncodedText(self._encode([text])[0], vectors, spans, piece_numbers(pieces, spans), len(pieces))

    def _column(self, word: str) -> int:
        return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest()) % self.dimension


class CountingEncoder(HashingEncoder):
    """Counts the texts that it encodes."""

    texts = 0

    def _encode(self, texts: Sequence[str]) -> FloatRows:
        self.texts += len(texts)
        return super()._encode(texts)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
