"""Question -> hits: the passage's vector and its best sentence's, summed, among the passages that filters leave."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rag.filters import Mask
from rag.library import Library
from rag.records import Hit

Scores = npt.NDArray[np.float32]


def retrieve(library: Library, query: Scores, left: Mask, *, most: int | None = None, share: float = 0.0) -> list[Hit]:
    """The passages that are ``left`` (passages,), nearest first, for a question's unit row ``(1, dimension)``.

    The fused score is the passage's cosine similarity plus its best sentence's, in [-2, 2].  At most ``most`` hits;
    with a ``share``, those whose score is at least that share of the best one's.
    """
    if not left.any():
        return []
    by_passage = library.passage_vectors.scores(query)
    by_sentence = library.sentence_vectors.scores(query)
    best = np.maximum.reduceat(by_sentence, library.sentence_starts)
    fused = by_passage + best
    similarity = np.maximum(by_passage, best)
    order = np.argsort(-fused, kind="stable")
    order = order[left[order]]
    if share:
        order = order[fused[order] >= share * fused[order[0]]]
    return [_hit(library, int(n), fused, similarity, by_sentence) for n in order[:most]]


def _hit(library: Library, number: int, fused: Scores, similarity: Scores, by_sentence: Scores) -> Hit:
    passage = library.passages[number]
    first = int(library.sentence_starts[number])
    own = by_sentence[first : first + len(passage.sentences)]
    return Hit(passage, float(fused[number]), float(similarity[number]), tuple(float(score) for score in own))
