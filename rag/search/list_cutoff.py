"""Which passages belong to a list: a calibrated probability for each, and the cut with the greatest expected F."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.library.reader import Library
from rag.search.coefficients import read_fitted
from rag.search.signals import MOST, EncodedQuery, Numbers, Scores, Signals

FITTED = Path(__file__).parent.parent / "data" / "membership.json"  # written by evals/fit.py
LEAST_SPREAD = 0.05  # of scores, so that a few that are alike don't stand out
Features = npt.NDArray[np.float64]

NAMES = (
    "topic",
    "topic_gap",
    "context",
    "opening",
    "passage",
    "weakest",
    "standing",
    "first",
    "length",
    "headed",
    "event",
    "left",
)


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression over ``NAMES``; ``beta2`` is how much more an entry missed costs than one too many."""

    coefficients: tuple[float, ...]
    intercept: float
    beta2: float

    def probabilities(self, features: Features) -> Features:
        """(n, len(NAMES)) -> (n,) probabilities of belonging to the list."""
        logits = features @ np.array(self.coefficients) + self.intercept
        result: Features = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
        return result


@cache
def fitted() -> Model:
    """The model in use.

    Raises:
        DataDamaged: see ``read_fitted``.
    """
    coefficients, (intercept, beta2) = read_fitted(FITTED, NAMES, "intercept", "beta2")
    return Model(coefficients, intercept, beta2)


def features(library: Library, query: EncodedQuery, signals: Signals, scores: Scores) -> Features:
    """For each of the signals' passages, ``(passages, len(NAMES))``.

    How its words bear the topic's out (``topic``, how far behind the best passage, its ``context`` and its ``opening``
    sentence alone, the ``weakest`` borne-out word), its vector's cosine (``passage``), how far its best sentence stands
    out among all (``standing``, in standard deviations) and whether that is its ``first``; its ``length`` in words (as
    a logarithm), whether a district or a heading stands over it (``headed``), whether it is an ``event``; and, the same
    for all, how many passages are ``left`` (as a logarithm).
    """
    best = np.maximum.reduceat(scores, signals.starts)
    topical = [word.pieces for word in query.words if word.topical and word.pieces]
    by_word = [signals.maxima[:, list(pieces)].mean(axis=1) for pieces in topical]
    weakest = np.min(by_word, axis=0) if by_word else np.ones(len(best))
    passages = [library.passages[number] for number in signals.passages]
    lengths = [len(library.words(passage.bulletin)[passage.start : passage.end].split()) for passage in passages]
    return np.column_stack(
        (
            signals.topic_tokens,
            signals.topic_tokens - signals.topic_tokens.max(),
            signals.context_topic,
            signals.opening_topic,
            signals.passage,
            weakest,
            (best - best[:MOST].mean()) / (best[:MOST].std() + LEAST_SPREAD),
            scores[signals.starts] >= best,
            np.log1p(lengths),
            [bool(passage.districts or passage.heading) for passage in passages],
            [library.role(int(number)) == "event" for number in signals.passages],
            np.full(len(best), np.log1p(min(len(best), MOST))),
        )
    ).astype(np.float64)


def members(probabilities: Features, beta2: float) -> Numbers:
    """The places of those that belong, likeliest first; always one at least.

    The cut is where F-beta, with the expected numbers of right and of missed entries in it, is greatest (after Ye et
    al., "Optimizing F-measure: a tale of two approaches", ICML 2012).
    """
    order = np.argsort(-probabilities, kind="stable")
    right = np.cumsum(probabilities[order])
    expected = (1 + beta2) * right / (np.arange(1, len(order) + 1) + beta2 * probabilities.sum())
    return order[: int(np.argmax(expected)) + 1]
