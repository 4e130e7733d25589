"""Which passages belong to a list: a calibrated probability for each, and the cut with the greatest expected F."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.finding.signals import Numbers, Query, Scores, Signals
from rag.library import Library

FITTED = Path(__file__).parent.parent / "data" / "membership.json"  # written by evals/fit.py
_LIKE = 3  # passages, the nearest, that the others are compared with
Features = npt.NDArray[np.float64]

NAMES = (
    "gap",
    "rank",
    "topic",
    "topic_gap",
    "coverage",
    "passage",
    "sentence",
    "weakest",
    "likeness",
    "event",
    "lead",
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
    """The model in use."""
    found = json.loads(FITTED.read_text(encoding="utf-8"))
    by_name = found["coefficients"]
    return Model(tuple(by_name[name] for name in NAMES), found["intercept"], found["beta2"])


def features(library: Library, query: Query, signals: Signals, scores: Scores) -> Features:
    """For each of the signals' passages, ``(passages, len(NAMES))``: how far its best sentence is behind the best one,
    its rank (as a logarithm), how its words bear the topic's out, how like the nearest ones it is, its role, and (the
    same for all, as a logarithm) how many passages are left."""
    best = np.maximum.reduceat(scores, signals.starts)
    rank = np.empty(len(best))
    rank[np.argsort(-best, kind="stable")] = np.log1p(np.arange(len(best)))
    topical = [word.pieces for word in query.words if word.topical and word.pieces]
    by_word = [signals.maxima[:, list(pieces)].mean(axis=1) for pieces in topical]
    weakest = np.min(by_word, axis=0) if by_word else np.ones(len(best))
    rows = library.passage_vectors.rows(signals.passages)
    nearest = np.argsort(-best, kind="stable")[:_LIKE]
    roles = [library.role(int(number)) for number in signals.passages]
    return np.column_stack(
        (
            best - best.max(),
            rank,
            signals.topic_tokens,
            signals.topic_tokens - signals.topic_tokens.max(),
            signals.coverage,
            signals.passage,
            np.maximum.reduceat(signals.sentence, signals.starts),
            weakest,
            (rows @ rows[nearest].T).mean(axis=1),
            [role == "event" for role in roles],
            [role == "lead" for role in roles],
            np.full(len(best), np.log1p(len(best))),
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
