"""Several stored indexes shown as one, in another order, with some of their rows left out.

``rows[i]`` is where row i of the whole stands among the parts' rows, one part's after another's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embeddings.errors import BadVectors
from embeddings.late_interaction import TokenIndex
from embeddings.vector_index import VectorIndex
from embeddings.vectors import FloatRows

Places = npt.NDArray[np.int64]


class JoinedVectors:
    """Vector indexes of one dimension.  Safe to read from several threads."""

    def __init__(self, parts: Sequence[VectorIndex], rows: Places) -> None:
        """
        Raises:
            BadVectors: the parts differ in dimension.
        """
        if len({part.dimension for part in parts}) > 1:
            raise BadVectors("the parts differ in dimension")
        self._parts = tuple(parts)
        self._rows = None if _all_in_order(rows, sum(map(len, parts))) else rows
        self._length = len(rows)

    def __len__(self) -> int:
        return self._length

    @property
    def dimension(self) -> int:
        return self._parts[0].dimension if self._parts else 0

    def scores(self, query: npt.ArrayLike) -> FloatRows:
        """The cosine similarity of one (d,) or (1, d) unit query to every row, shape (n,).

        Raises:
            BadVectors: the query is not one vector of the rows' dimension.
        """
        if not self._parts:
            return np.empty(0, np.float32)
        found: FloatRows = np.concatenate([part.scores(query) for part in self._parts])
        return found if self._rows is None else found[self._rows]

    def rows(self, ids: npt.ArrayLike) -> FloatRows:
        """A copy of the rows with these numbers, shape (len(ids), d), in the order asked for.

        Raises:
            BadVectors: there is no such row.
        """
        wanted = _known(ids, self._length)
        found = np.empty((len(wanted), self.dimension), np.float32)
        for number, places, own in _shared_out(self._parts, wanted if self._rows is None else self._rows[wanted]):
            found[places] = self._parts[number].rows(own)
        return found


class JoinedTokens:
    """Token indexes of one projection.  Safe to read from several threads."""

    def __init__(self, parts: Sequence[TokenIndex], rows: Places) -> None:
        """
        Raises:
            BadVectors: the parts' projections differ, and rows of two can't be compared.
        """
        if len({part.projection_digest for part in parts}) > 1:
            raise BadVectors("the parts' projections differ")
        self._parts = tuple(parts)
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def maxima(self, query: npt.ArrayLike, rows: npt.ArrayLike | None = None) -> FloatRows:
        """See ``TokenIndex.maxima``."""
        wanted = self._rows if rows is None else self._rows[_known(rows, len(self))]
        found = np.full((len(wanted), len(np.asarray(query))), -1, np.float32)
        for number, places, own in _shared_out(self._parts, wanted):
            found[places] = self._parts[number].maxima(query, own)
        return found

    def piece_maxima(self, query: npt.ArrayLike, rows: npt.ArrayLike) -> list[FloatRows]:
        """See ``TokenIndex.piece_maxima``."""
        wanted = self._rows[_known(rows, len(self))]
        found: dict[int, FloatRows] = {}
        for number, places, own in _shared_out(self._parts, wanted):
            found |= zip(places.tolist(), self._parts[number].piece_maxima(query, own), strict=True)
        return [found[place] for place in range(len(wanted))]


def _all_in_order(rows: Places, whole: int) -> bool:
    return len(rows) == whole and bool((rows == np.arange(whole)).all())


def _known(rows: npt.ArrayLike, length: int) -> Places:
    wanted = np.asarray(rows, dtype=np.int64).reshape(-1)
    unknown = (wanted < 0) | (wanted >= length)
    if unknown.any():
        raise BadVectors(f"there is no row {wanted[unknown][0]}; there are {length}")
    return wanted


def _shared_out(parts: Sequence[VectorIndex | TokenIndex], wanted: Places) -> list[tuple[int, Places, Places]]:
    """For each part that has any of the rows wanted: its number, their places among those wanted, and their numbers in
    the part."""
    ends = np.cumsum([0, *map(len, parts)])
    owners = np.searchsorted(ends, wanted, side="right") - 1
    shares = []
    for number in np.unique(owners):
        places = np.flatnonzero(owners == number)
        shares.append((int(number), places, wanted[places] - ends[number]))
    return shares
