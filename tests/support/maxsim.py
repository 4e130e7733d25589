"""The ingredients of MaxSim for whole passages, from those of their pieces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from embeddings.late_interaction import TokenIndex
from embeddings.sharded import ShardedTokens
from embeddings.vectors import FloatRows


def maxsim(index: TokenIndex | ShardedTokens, query: FloatRows, ids: npt.ArrayLike | None = None) -> FloatRows:
    """The greatest cosine of each passage's tokens with each token of the question, (n, q); of all where None."""
    by_piece = index.maxsim_by_piece(query, np.arange(len(index)) if ids is None else ids)
    return np.array([pieces.max(axis=0) for pieces in by_piece], np.float32).reshape(len(by_piece), len(query))
