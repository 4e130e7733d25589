"""Which passages belong to a list: a calibrated probability for each, and the cut with the greatest expected F."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from embeddings.vectors import Ids
from rag.library.reader import Library
from rag.search.coefficients import DATA, Features, LogisticRegression, read_fitted
from rag.search.config import DEFAULT, SearchConfig
from rag.search.signals import EncodedQuery, Scores, Signals

FITTED = DATA / "membership.json"  # written by evals/fit.py

FEATURES = (  # of a passage
    "topic",  # how well it covers the topic
    "topic_gap",  # how far it is behind the best passage in that
    "context",  # how well its context alone covers the topic
    "opening",  # how well its first sentence does
    "passage",  # its vector's cosine
    "weakest",  # the similarity of the topical word least like any of its own
    "standing",  # by how many standard deviations its best sentence is above the mean
    "first",  # whether that is its first
    "length",  # in words, as a logarithm
    "headed",  # whether a district or a heading stands over it
    "event",  # whether its role is an event
    "left",  # how many passages are left, as a logarithm; the same for all
)


@dataclass(frozen=True, slots=True)
class ListModel:
    """The probability of belonging by ``FEATURES``; ``beta2`` is how much more an entry missed costs than an extra."""

    regression: LogisticRegression
    beta2: float


@cache
def fitted() -> ListModel:
    """The model in use.

    Raises:
        DataDamaged: see ``read_fitted``.
    """
    coefficients, (intercept, beta2) = read_fitted(FITTED, FEATURES, "intercept", "beta2")
    return ListModel(LogisticRegression(coefficients, intercept), beta2)


def features(
    library: Library, encoded: EncodedQuery, signals: Signals, scores: Scores, config: SearchConfig = DEFAULT
) -> Features:
    """``FEATURES`` of each of the signals' passages, ``(passages, len(FEATURES))``."""
    best = np.maximum.reduceat(scores, signals.starts)
    topical = [word.tokens for word in encoded.words if word.topical and word.tokens]
    by_word = [signals.maxima[:, list(tokens)].mean(axis=1) for tokens in topical]
    passages = [library.passages[number] for number in signals.passages]
    texts = [library.cached_text(passage.bulletin)[passage.start : passage.end] for passage in passages]
    return np.column_stack(
        (
            signals.topic_tokens,
            signals.topic_tokens - signals.topic_tokens.max(),
            signals.context_topic,
            signals.opening_topic,
            signals.passage,
            np.min(by_word, axis=0) if by_word else np.ones(len(best)),
            deviations(best, best, config),
            scores[signals.starts] >= best,
            np.log1p([len(text.split()) for text in texts]),
            [bool(passage.districts or passage.heading) for passage in passages],
            [library.role(int(number)) == "event" for number in signals.passages],
            np.full(len(best), np.log1p(min(len(best), config.candidates.passages))),
        )
    ).astype(np.float64)


def deviations(scores: Scores, best: Scores, config: SearchConfig) -> Scores:
    """By how many standard deviations scores are above the mean of the best passages'."""
    sample = best[: config.candidates.passages]
    result: Scores = (scores - sample.mean()) / (sample.std() + config.lists.min_spread)
    return result


def select(probabilities: Features, beta2: float) -> Ids:
    """The rows of those that belong, likeliest first; always one at least.

    The cut is where F-beta, with the expected numbers of right and of missed entries in it, is greatest (after Ye et
    al., "Optimizing F-measure: a tale of two approaches", ICML 2012).
    """
    order = np.argsort(-probabilities, kind="stable")
    right = np.cumsum(probabilities[order])
    expected = (1 + beta2) * right / (np.arange(1, len(order) + 1) + beta2 * probabilities.sum())
    return order[: int(np.argmax(expected)) + 1]
