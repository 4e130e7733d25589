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
        """Raises BadVectors where the shards differ in dimension."""
        if len({shard.dimension for shard in shards}) > 1:
            raise BadVectors("the parts differ in dimension")
        self._shards = tuple(shards)
        self._rows = rows

    def scores(self, query: npt.ArrayLike) -> FloatRows:
        """The cosine similarity of one (d,) or (1, d) unit query to every row, shape (n,).

        Raises:
            BadVectors: the query is not one vector of the rows' dimension.
        """
        scores: FloatRows = np.concatenate([np.empty(0, np.float32), *(shard.scores(query) for shard in self._shards)])
        return scores[self._rows]


class ShardedTokens:
    """Token indexes of one quantizer.  Safe to read from several threads."""

    def __init__(self, shards: Sequence[TokenIndex], rows: Ids) -> None:
        """Raises BadVectors where the shards' quantizers differ: rows of two can't be compared."""
        if len({shard.quantizer.digest for shard in shards}) > 1:
            raise BadVectors("the parts' projections differ")
        self._shards = tuple(shards)
        self._ends = np.cumsum([0, *map(len, shards)])
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def maxsim_by_piece(self, query: npt.ArrayLike, ids: npt.ArrayLike) -> list[FloatRows]:
        """See ``TokenIndex.maxsim_by_piece``.

        Raises:
            BadVectors: the query is of another dimension, or there is no such passage.
        """
        wanted = self._rows[known_ids(ids, len(self), "there is no row")]
        owners = np.searchsorted(self._ends, wanted, side="right") - 1
        maxima: dict[int, FloatRows] = {}
        for number in np.unique(owners):
            places = np.flatnonzero(owners == number)
            of_shard = self._shards[number].maxsim_by_piece(query, wanted[places] - self._ends[number])
            maxima |= zip(places.tolist(), of_shard, strict=True)
        return [maxima[place] for place in range(len(wanted))]
