"""Token vectors of passages, quantized, for late interaction (ColBERT's MaxSim) with those of a question.

Saved, an index is a plain folder: arrays in NumPy's own format, and ``arrays.json`` says what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings import array_store
from embeddings.errors import BadVectors
from embeddings.quantizer import WIDTH, QuantizedRows, Quantizer, dot_products
from embeddings.vectors import EncodedText, FloatRows, Ids, as_rows, known_ids

KIND = "word pieces"
# Tokens that a quantizer is fitted on, held until then: 30 MB.  The right passages came out as far in front with 1,000
# of other bulletins as with 20,000 of the same.
FIT_TOKENS = 20_000
# Products of one step, 4 bytes each.
PRODUCTS_PER_STEP = 8_000_000
_TYPES = {
    "vectors": "|i1",
    "pieces": "<i2",
    "starts": "<i8",
    "counts": "<i8",
    "axes": "<f4",
    "scale": "<f8",
    "fitted": "<i8",
}

PieceNumbers = npt.NDArray[np.int16]
StoredPassage = tuple[QuantizedRows, PieceNumbers, int]
"""A passage's token vectors, the piece that each token stands in, and how many pieces there are."""


@dataclass(frozen=True, eq=False)
class TokenIndex:
    """Passages numbered from 0: for each its tokens' vectors, and which piece of its text each stands in.

    A passage of 100 tokens takes 13 kB.
    """

    quantizer: Quantizer
    _vectors: QuantizedRows  # of all passages' tokens, one passage after the other
    _pieces: PieceNumbers  # of the same tokens
    _starts: Ids  # (passages + 1,) each passage's first token, and their number
    _counts: Ids  # (passages,) how many pieces each has

    @classmethod
    def build(
        cls,
        encoded: Iterable[tuple[int, EncodedText]],
        *,
        previous: TokenIndex | None = None,
        reused: Mapping[int, tuple[TokenIndex, int]] | None = None,
        width: int = WIDTH,
    ) -> TokenIndex:
        """Index passages that come in any order, each with its number; they are read one by one and kept quantized.

        Args:
            encoded: what ``Encoder.encode_passage_tokens`` gives.
            previous: an index whose quantizer is kept, since rows of two quantizers can't be compared and stored ones
                can't be brought back to full size.  None fits one of ``width`` dimensions on the first passages.
            reused: for the number of a passage whose text hasn't changed, the index that holds it, of the same
                quantizer as ``previous``, and its number there.  The numbers of both together are 0 to n - 1.

        Raises:
            BadVectors: a vector is of another dimension than the rest, a number is missing or comes twice, or a reused
                passage is of another quantizer.
        """
        texts = iter(encoded)
        if previous is not None:  # an index of no passages has a quantizer too
            quantizer = previous.quantizer
        else:
            sample = list(_sample(texts, FIT_TOKENS))
            quantizer = Quantizer.fit([text.token_vectors for _, text in sample], width)
            texts = chain(sample, texts)
        passages = _collected(texts, quantizer, reused or {})
        return cls(
            quantizer,
            np.concatenate([np.empty((0, quantizer.width), np.int8), *(vectors for vectors, _, _ in passages)]),
            np.concatenate([np.empty(0, np.int16), *(pieces for _, pieces, _ in passages)]),
            np.cumsum([0, *(len(vectors) for vectors, _, _ in passages)], dtype=np.int64),
            np.array([count for _, _, count in passages], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self._counts)

    def maxsim_by_piece(self, query: npt.ArrayLike, ids: npt.ArrayLike) -> list[FloatRows]:
        """For each of these passages, the greatest cosine of each piece's tokens with each token of the question.

        ``query`` is the (q, dimension) ``EncodedText.token_vectors`` of a question.  The result has a (pieces, q) array
        for each passage, with -1 for a piece without tokens; MaxSim is the mean of a row.  The similarities are those
        of the quantized vectors, hence within some hundredths of the full ones'.

        Raises:
            BadVectors: the query is of another dimension, or there is no such passage.
        """
        wanted = known_ids(ids, len(self), "there is no passage")
        firsts = self._starts[wanted]
        lengths = self._starts[wanted + 1] - firsts
        ends = np.cumsum(lengths, dtype=np.int64)
        places = np.arange(lengths.sum()) + np.repeat(firsts - ends + lengths, lengths)
        first_pieces = np.cumsum([0, *self._counts[wanted]], dtype=np.int64)
        piece_of_token = np.repeat(first_pieces[:-1], lengths) + self._pieces[places]
        bounds = np.searchsorted(piece_of_token, np.arange(first_pieces[-1] + 1))
        maxima = self._maxima(query, self._vectors[places], bounds)
        return np.split(maxima, first_pieces[1:-1]) if len(wanted) else []

    def save(self, folder: Path) -> None:
        """Write the arrays and their description into ``folder`` and wait until all are on the disk.

        Raises:
            OSError: the folder can't be written.
        """
        array_store.save(
            folder,
            KIND,
            {
                "vectors": self._vectors,
                "pieces": self._pieces,
                "starts": self._starts,
                "counts": self._counts,
                "axes": self.quantizer.axes,
                "scale": np.array([self.quantizer.scale]),
                "fitted": np.array([self.quantizer.fitted_tokens], dtype=np.int64),
            },
        )

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Map what :meth:`save` wrote into memory, each file's digest checked.

        Raises:
            IndexUnreadable: a file is missing, cut short or changed, or isn't of this format.
        """
        arrays = array_store.load(folder, KIND, _TYPES)
        vectors, pieces, starts, counts = (arrays[name] for name in ("vectors", "pieces", "starts", "counts"))
        quantizer = Quantizer(arrays["axes"], float(arrays["scale"].sum()), int(arrays["fitted"].sum()))
        consistent = (
            (vectors.ndim, quantizer.axes.ndim, pieces.ndim, starts.shape) == (2, 2, 1, (len(counts) + 1,))
            and (vectors.shape[1], len(vectors)) == (quantizer.width, len(pieces))
            and (starts[0], starts[-1]) == (0, len(pieces))
            and bool((np.diff(starts) >= 0).all())
            and quantizer.scale > 0
        )
        if not consistent:
            raise array_store.unreadable(folder, "the arrays don't fit one another")
        return cls(quantizer, vectors, pieces, starts, counts)

    def _stored(self, passage_id: int) -> StoredPassage:
        [number] = known_ids(passage_id, len(self), "there is no passage")
        rows = slice(self._starts[number], self._starts[number + 1])
        return self._vectors[rows], self._pieces[rows], int(self._counts[number])

    def _maxima(self, query: npt.ArrayLike, vectors: QuantizedRows, bounds: Ids) -> FloatRows:
        """The greatest similarity in each stretch [bounds[i]:bounds[i + 1]] of the vectors, (stretches, q)."""
        rows = as_rows(query)
        maxima = np.full((len(bounds) - 1, len(rows)), -1, dtype=np.float32)
        if not maxima.size:
            return maxima
        quantized, scales = self.quantizer.quantize_query(rows)
        filled = np.flatnonzero(np.diff(bounds))
        for step in _steps(bounds[filled + 1], PRODUCTS_PER_STEP // len(quantized)):
            stretches = filled[step]
            first, last = bounds[stretches[0]], bounds[stretches[-1] + 1]
            products = dot_products(quantized, vectors[first:last])
            maxima[stretches] = np.maximum.reduceat(products, bounds[stretches] - first, axis=1).T / scales
        return maxima


def _collected(
    texts: Iterator[tuple[int, EncodedText]], quantizer: Quantizer, reused: Mapping[int, tuple[TokenIndex, int]]
) -> list[StoredPassage]:
    """The passages in the order of their numbers, those stored before taken over."""
    passages: dict[int, StoredPassage] = {}
    for number, (index, old_number) in reused.items():
        if index.quantizer is not quantizer and index.quantizer.digest != quantizer.digest:
            raise BadVectors("a stored passage is of another projection")
        passages[number] = index._stored(old_number)
    for number, text in texts:
        if number in passages:
            raise BadVectors(f"passage {number} comes twice")
        passages[number] = quantizer.quantize(text.token_vectors), text.pieces, text.piece_count
    if missing := set(range(len(passages))) - set(passages):
        raise BadVectors(f"passage {min(missing)} is missing")
    return [passages[number] for number in range(len(passages))]


def _sample(encoded: Iterator[tuple[int, EncodedText]], min_tokens: int) -> Iterator[tuple[int, EncodedText]]:
    """The first texts that together hold ``min_tokens``, or all."""
    taken = 0
    while taken < min_tokens and (item := next(encoded, None)):
        taken += len(item[1].token_vectors)
        yield item


def _steps(ends: Ids, max_length: int) -> Iterator[slice]:
    """Slices of ascending ``ends`` that span at most ``max_length`` each, one of them at least."""
    start = 0
    while start < len(ends):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + max_length, side="right")))
        yield slice(start, stop)
        start = stop
