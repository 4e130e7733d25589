"""Question -> hits: passage vectors and the best sentence's vector, summed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rag.library import Library
from rag.records import Hit

Scores = npt.NDArray[np.float32]


def retrieve(library: Library, query: Scores, k: int) -> list[Hit]:
    """The ``k`` best passages for a question's unit row ``(1, dimension)``, best first.

    The fused score is the passage's cosine similarity plus its best sentence's, in [-2, 2].
    """
    if not library.passages:
        return []
    by_passage = library.passage_vectors.scores(query)
    by_sentence = library.sentence_vectors.scores(query)
    best = np.maximum.reduceat(by_sentence, library.sentence_starts)
    fused = by_passage + best
    order = np.argsort(-fused, kind="stable")[:k]
    return [_hit(library, int(n), fused, np.maximum(by_passage, best), by_sentence) for n in order]


def _hit(library: Library, number: int, fused: Scores, similarity: Scores, by_sentence: Scores) -> Hit:
    passage = library.passages[number]
    first = int(library.sentence_starts[number])
    own = by_sentence[first : first + len(passage.sentences)]
    return Hit(passage, float(fused[number]), float(similarity[number]), tuple(float(score) for score in own))
