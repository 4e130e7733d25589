"""Several stored indexes (shards) read as one, in another order, with some of their rows left out.

``rows[i]`` is where row i of the whole stands among the shards' rows, one shard's after another's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embeddings.errors import BadVectors
from embeddings.late_interaction import TokenIndex
from embeddings.vector_index import VectorIndex
from embeddings.vectors import FloatRows, Ids, known_ids


class ShardedVectors:
    """Vector indexes of one dimension.  Safe to read from several threads."""

    def __init__(self, shards: Sequence[VectorIndex], rows: Ids) -> None:
        """
        Raises:
            BadVectors: the shards differ in dimension.
        """
        if len({shard.dimension for shard in shards}) > 1:
            raise BadVectors("the parts differ in dimension")
        self._shards = tuple(shards)
        self._rows = None if _is_identity(rows, sum(map(len, shards))) else rows
        self._length = len(rows)

    def __len__(self) -> int:
        return self._length

    @property
    def dimension(self) -> int:
        """Numbers in a row; 0 where there are no shards."""
        return self._shards[0].dimension if self._shards else 0

    def scores(self, query: npt.ArrayLike) -> FloatRows:
        """The cosine similarity of one (d,) or (1, d) unit query to every row, shape (n,).

        Raises:
            BadVectors: the query is not one vector of the rows' dimension.
        """
        if not self._shards:
            return np.empty(0, np.float32)
        scores: FloatRows = np.concatenate([shard.scores(query) for shard in self._shards])
        return scores if self._rows is None else scores[self._rows]

    def rows(self, ids: npt.ArrayLike) -> FloatRows:
        """A copy of the rows with these numbers, shape (len(ids), d), in the order asked for.

        Raises:
            BadVectors: there is no such row.
        """
        wanted = known_ids(ids, self._length, "there is no row")
        result = np.empty((len(wanted), self.dimension), np.float32)
        for number, places, local in _by_shard(self._shards, wanted if self._rows is None else self._rows[wanted]):
            result[places] = self._shards[number].rows(local)
        return result


class ShardedTokens:
    """Token indexes of one quantizer.  Safe to read from several threads."""

    def __init__(self, shards: Sequence[TokenIndex], rows: Ids) -> None:
        """
        Raises:
            BadVectors: the shards' quantizers differ, and rows of two can't be compared.
        """
        if len({shard.quantizer_digest for shard in shards}) > 1:
            raise BadVectors("the parts' projections differ")
        self._shards = tuple(shards)
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def maxsim_by_piece(self, query: npt.ArrayLike, ids: npt.ArrayLike) -> list[FloatRows]:
        """See ``TokenIndex.maxsim_by_piece``.

        Raises:
            BadVectors: the query is of another dimension, or there is no such passage.
        """
        wanted = self._rows[known_ids(ids, len(self), "there is no row")]
        maxima: dict[int, FloatRows] = {}
        for number, places, local in _by_shard(self._shards, wanted):
            maxima |= zip(places.tolist(), self._shards[number].maxsim_by_piece(query, local), strict=True)
        return [maxima[place] for place in range(len(wanted))]


def _is_identity(rows: Ids, length: int) -> bool:
    return len(rows) == length and bool((rows == np.arange(length)).all())


def _by_shard(shards: Sequence[VectorIndex | TokenIndex], wanted: Ids) -> list[tuple[int, Ids, Ids]]:
    """For each shard that has any of the rows wanted: its number, their places in ``wanted``, their numbers in it."""
    ends = np.cumsum([0, *map(len, shards)])
    owners = np.searchsorted(ends, wanted, side="right") - 1
    groups = []
    for number in np.unique(owners):
        places = np.flatnonzero(owners == number)
        groups.append((int(number), places, wanted[places] - ends[number]))
    return groups
