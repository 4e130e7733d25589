"""Arrays of vectors: one row a text, float32, of length 1, so that an inner product is a cosine similarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.errors import BadVectors

FloatRows = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
"""Numbers of rows, counted from 0."""

# float32 rounding over a few thousand dimensions stays well below this; a row never normalised doesn't.
UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class EncodedText:
    """What one pass of the encoder makes of a text: a vector for the whole and one for each token.

    Punctuation, special tokens, the model's own prompt and what lies beyond its limit have no token vector.
    """

    vector: FloatRows  # (dimension,) the text's unit vector
    token_vectors: FloatRows  # (tokens, dimension) the tokens' unit vectors, in the order of the text
    spans: npt.NDArray[np.int32]  # (tokens, 2) where each token starts and ends in the text
    pieces: npt.NDArray[np.int16]  # (tokens,) the number of the piece of the text that each token stands in
    piece_count: int  # of the text, those without a token included


def as_rows(rows: npt.ArrayLike, *, dimension: int | None = None) -> FloatRows:
    """The rows as an (n, d) float32 array in C order, copied only where they aren't one already.

    Raises:
        BadVectors: not two-dimensional, no columns, not ``dimension`` columns, or a number that isn't finite.
    """
    array = np.ascontiguousarray(rows, dtype=np.float32)
    if np.ndim(rows) != 2 or array.shape[1] == 0:
        raise BadVectors(f"vectors must be (n, d) with d > 0, got shape {np.shape(rows)}")
    if dimension is not None and array.shape[1] != dimension:
        raise BadVectors(f"vectors have {array.shape[1]} dimensions, expected {dimension}")
    broken = np.logical_not(np.isfinite(array)).any(axis=1)
    if broken.any():
        raise BadVectors(f"row {_first(broken)} holds a number that is not finite")
    return array


def unit_rows(rows: npt.ArrayLike) -> FloatRows:
    """A new (n, d) float32 array in C order, each row divided by its length.

    Raises:
        BadVectors: the shape is wrong, or a row is zero or not finite.
    """
    array = as_rows(rows)
    lengths = _lengths(array)
    if not lengths.all():
        raise BadVectors(f"row {_first(lengths == 0)} is zero and has no direction")
    return (array / lengths[:, None]).astype(np.float32)


def check_unit_rows(rows: npt.ArrayLike) -> FloatRows:
    """The rows as :func:`as_rows` gives them, unchanged, each of length 1 already.

    Raises:
        BadVectors: the shape is wrong, or a row's length isn't 1.
    """
    array = as_rows(rows)
    off = np.abs(_lengths(array) - 1) > UNIT_TOLERANCE
    if off.any():
        raise BadVectors(f"row {_first(off)} is not of length 1", remedy="Pass the rows through unit_rows first")
    return array


def known_ids(ids: npt.ArrayLike, length: int, complaint: str) -> Ids:
    """The ids as an (n,) array, each from 0 to ``length`` - 1; a negative one doesn't count from the end.

    Raises:
        BadVectors: there is no such id; its text is the complaint, the id and the length.
    """
    array = np.asarray(ids, dtype=np.int64).reshape(-1)
    unknown = (array < 0) | (array >= length)
    if unknown.any():
        raise BadVectors(f"{complaint} {array[unknown][0]}; there are {length}")
    return array


def _lengths(array: FloatRows) -> npt.NDArray[np.float64]:
    # In float64: the squares of ordinary float32 numbers can overflow or vanish.
    lengths: npt.NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", array, array, dtype=np.float64))
    return lengths


def _first(mask: npt.ArrayLike) -> int:
    return int(np.flatnonzero(mask)[0])
