"""Word-piece vectors of passages, in fewer dimensions and 8 bits, for late interaction with those of a question.

Saved, an index is a plain folder: arrays in NumPy's own format, and ``arrays.json`` says what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings import array_store
from embeddings.errors import BadVectors
from embeddings.quantizer import WIDTH, Projection, SmallRows, products
from embeddings.vectors import FloatRows, TokenRows, as_rows

KIND = "word pieces"
# Word pieces that a projection is fitted on, held until then: 30 MB.  The right passages came out as far in front with
# 1,000 of other bulletins as with 20,000 of the same.
SAMPLE = 20_000
_TYPES = {
    "vectors": "|i1",
    "pieces": "<i2",
    "starts": "<i8",
    "counts": "<i8",
    "axes": "<f4",
    "scale": "<f8",
    "fitted": "<i8",
}
# Products of one step, 4 bytes each.
_STEP = 8_000_000

Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int16]


class TokenIndex:
    """Passages numbered from 0: for each its word pieces' vectors, and which piece of its text each stands in.

    A passage of 100 word pieces takes 13 kB.
    """

    def __init__(
        self, projection: Projection, vectors: SmallRows, pieces: Numbers, starts: Places, counts: Places, fitted: int
    ) -> None:
        """Passage i has the rows [starts[i]:starts[i + 1]] of ``vectors`` and ``pieces``, and counts[i] pieces;
        ``fitted`` is the number of word pieces that the projection was fitted on."""
        self._projection = projection
        self.fitted = fitted
        self._vectors = vectors
        self._pieces = pieces
        self._starts = starts
        self._counts = counts

    @classmethod
    def build(
        cls,
        encoded: Iterable[tuple[int, TokenRows]],
        *,
        before: TokenIndex | None = None,
        reused: Mapping[int, tuple[TokenIndex, int]] | None = None,
        width: int = WIDTH,
    ) -> TokenIndex:
        """Index passages that come in any order, each with its number; they are read one by one and kept reduced.

        ``encoded`` is what ``Encoder.encode_passage_tokens`` gives.  ``reused`` maps the number of a passage whose
        text hasn't changed to the index that holds it, of the same projection as ``before``, and the number it has
        there: its stored rows are taken over.  The numbers of the two together are 0 to n - 1.

        With ``before`` the projection stays that one's: rows of two projections can't be compared, and stored ones
        can't be brought back to full size.  Else one of ``width`` dimensions is fitted on the first passages that come.

        Raises:
            BadVectors: a vector is of another dimension than the rest, a number is missing or comes twice, or a reused
                passage is of another projection.
        """
        coming = iter(encoded)
        found: dict[int, tuple[SmallRows, Numbers, int]] = {}
        if before is not None:  # one of no passages has a projection too
            projection, fitted = before._projection, before.fitted
        else:
            first = list(_first(coming, SAMPLE))
            projection = Projection.fit([text.vectors for _, text in first], width)
            fitted = sum(len(text.vectors) for _, text in first)
            coming = chain(first, coming)
        for number, (index, old) in (reused or {}).items():
            if index._projection is not projection and index.projection_digest != projection.digest:
                raise BadVectors("a stored passage is of another projection")
            found[number] = index._stored(old)
        for number, text in coming:
            if number in found:
                raise BadVectors(f"passage {number} comes twice")
            found[number] = projection.reduced(text.vectors), text.pieces, text.count
        if missing := set(range(len(found))) - set(found):
            raise BadVectors(f"passage {min(missing)} is missing")
        passages = [found[number] for number in range(len(found))]
        lengths = [len(vectors) for vectors, _, _ in passages]
        return cls(
            projection,
            np.concatenate([np.empty((0, projection.width), np.int8), *(vectors for vectors, _, _ in passages)]),
            np.concatenate([np.empty(0, np.int16), *(pieces for _, pieces, _ in passages)]),
            np.cumsum([0, *lengths], dtype=np.int64),
            np.array([count for _, _, count in passages], dtype=np.int64),
            fitted,
        )

    @property
    def projection_digest(self) -> str:
        """SHA-256 of the projection: rows of indexes that share it can be compared."""
        return self._projection.digest

    def __len__(self) -> int:
        return len(self._counts)

    def maxima(self, query: npt.ArrayLike, rows: npt.ArrayLike | None = None) -> FloatRows:
        """The greatest cosine similarity of each passage's word pieces to each of the question's, (n, q).

        ``query`` is the (q, dimension) ``TokenRows.vectors`` of a question; ``rows`` are the passages asked for, all
        where None.  MaxSim is the mean of a passage's row.  A passage without word pieces has -1; the similarities are
        those of the reduced vectors, hence within some hundredths of the full ones'.

        Raises:
            BadVectors: the query is of another dimension, or there is no such passage.
        """
        if rows is None:
            return self._greatest(query, self._vectors, self._starts)
        places, starts = self._places(self._known(rows))
        return self._greatest(query, self._vectors[places], starts)

    def piece_maxima(self, query: npt.ArrayLike, rows: npt.ArrayLike) -> list[FloatRows]:
        """The same for each piece of these passages: (pieces, q) a passage, -1 for a piece without word pieces.

        Raises:
            BadVectors: the query is of another dimension, or there is no such passage.
        """
        wanted = self._known(rows)
        places, starts = self._places(wanted)
        firsts = np.cumsum([0, *self._counts[wanted]], dtype=np.int64)
        segments = np.repeat(firsts[:-1], np.diff(starts)) + self._pieces[places]
        bounds = np.searchsorted(segments, np.arange(firsts[-1] + 1))
        found = self._greatest(query, self._vectors[places], bounds)
        return np.split(found, firsts[1:-1]) if len(wanted) else []

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
                "axes": self._projection.axes,
                "scale": np.array([self._projection.scale]),
                "fitted": np.array([self.fitted], dtype=np.int64),
            },
        )

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        """Map what :meth:`save` wrote into memory, each file's digest checked.

        Raises:
            IndexUnreadable: a file is missing, cut short or changed, or isn't of this format.
        """
        found = array_store.load(folder, KIND, _TYPES)
        vectors, pieces, starts, counts = (found[name] for name in ("vectors", "pieces", "starts", "counts"))
        projection = Projection(found["axes"], float(found["scale"].sum()))
        fits = (
            (vectors.ndim, projection.axes.ndim, pieces.ndim, starts.shape) == (2, 2, 1, (len(counts) + 1,))
            and (vectors.shape[1], len(vectors)) == (projection.width, len(pieces))
            and (starts[0], starts[-1]) == (0, len(pieces))
            and bool((np.diff(starts) >= 0).all())
            and projection.scale > 0
        )
        if not fits:
            raise array_store.unreadable(folder, "the arrays don't fit one another")
        return cls(projection, vectors, pieces, starts, counts, int(found["fitted"].sum()))

    def _known(self, rows: npt.ArrayLike) -> Places:
        wanted = np.asarray(rows, dtype=np.int64).reshape(-1)
        unknown = (wanted < 0) | (wanted >= len(self))
        if unknown.any():
            raise BadVectors(f"there is no passage {wanted[unknown][0]}; there are {len(self)}")
        return wanted

    def _stored(self, row: int) -> tuple[SmallRows, Numbers, int]:
        [wanted] = self._known(row)
        own = slice(self._starts[wanted], self._starts[wanted + 1])
        return self._vectors[own], self._pieces[own], int(self._counts[wanted])

    def _places(self, wanted: Places) -> tuple[Places, Places]:
        """Where the word pieces of these passages stand, one passage after the other, and where each then starts."""
        firsts = self._starts[wanted]
        lengths = self._starts[wanted + 1] - firsts
        starts = np.cumsum([0, *lengths], dtype=np.int64)
        return np.arange(starts[-1]) + np.repeat(firsts - starts[:-1], lengths), starts

    def _greatest(self, query: npt.ArrayLike, vectors: SmallRows, bounds: Places) -> FloatRows:
        """The greatest similarity in each segment [bounds[i]:bounds[i + 1]] of the vectors, (segments, q)."""
        rows = as_rows(query)
        found = np.full((len(bounds) - 1, len(rows)), -1, dtype=np.float32)
        if not found.size:
            return found
        asked, scales = self._projection.asked(rows)
        filled = np.flatnonzero(np.diff(bounds))
        for step in _steps(bounds[filled + 1], _STEP // len(asked)):
            own = filled[step]
            first, last = bounds[own[0]], bounds[own[-1] + 1]
            made = products(asked, vectors[first:last])
            found[own] = np.maximum.reduceat(made, bounds[own] - first, axis=1).T / scales
        return found


def _first(encoded: Iterator[tuple[int, TokenRows]], most: int) -> Iterator[tuple[int, TokenRows]]:
    """As many as hold ``most`` word pieces, or all."""
    held = 0
    while held < most and (coming := next(encoded, None)):
        held += len(coming[1].vectors)
        yield coming


def _steps(ends: Places, most: int) -> Iterator[slice]:
    """Slices of ascending ``ends`` that span at most ``most`` each, one of them at least."""
    start = 0
    while start < len(ends):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield slice(start, stop)
        start = stop
