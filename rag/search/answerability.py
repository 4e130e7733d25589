"""Whether a question is answered by what was found, and if not, why not.

What the question names and the kind of value that it asks for must be there; where they are, a calibrated probability
decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from rag.library.reader import Library
from rag.models import Certainty
from rag.query.models import AnswerType, Query
from rag.search.answer_type_match import states_sought
from rag.search.coefficients import DATA, Features, LogisticRegression, read_fitted
from rag.search.config import DEFAULT, Form, SearchConfig
from rag.search.list_cutoff import deviations
from rag.search.pipeline import Candidates
from rag.search.ranking import asks_for_hotline, topic_nearness
from rag.search.signals import EncodedQuery
from rag.text.analyzer import terms
from rag.text.cjk import has_chinese
from rag.text.denials import undenied

Reason = Literal["filtered", "missing_entities", "no_value_of_type", "off_topic"]
FITTED: dict[Form, Path] = {  # written by evals/fit.py
    "lists": DATA / "refusal-lists.json",
    "others": DATA / "refusal-others.json",
}

FEATURE_SIGNS = {
    "borne": 1,  # the share of the topic's terms, by weight, in the best sentence of a best passage or its context
    "weakest": 1,  # the similarity of the word least like any of the best passage's
    "heaviest": 1,  # the mean similarity of the two heaviest words
    "passage": 1,  # the greatest cosine of a passage
    "lexical": 1,  # the greatest BM25 share of a passage
    "standing": 1,  # by how many standard deviations the best passage is above the mean
    "outside": -1,  # by how much passages outside the filters are better
    "named": 0,  # whether the question names anything that had to be supported
    "personal": -1,  # whether it speaks of the asker: a bulletin tells nobody about their own affairs
    "howto": 0,  # whether it asks how to do something
    "unknown": -1,  # the share of its topical words, by weight, that no passage has
}
"""The features of the regression, and which way each may count: for an answer, against it, either way."""
FEATURES = tuple(FEATURE_SIGNS)

_REQUIRED_TYPES: frozenset[AnswerType] = frozenset(
    ("money", "phone", "web", "address")
)  # a passage that doesn't match such an answer type can't answer
_PERSONAL = re.compile(r"\b(?:i|i['\u2019]m|my|me|mine|we|our|us|you|your)\b|我|你|您", re.IGNORECASE)
_WHO_LED = re.compile(
    r"\bwho(?:m)? (?:has |was |is )?(?:led|leads?|headed|heads?|chaired|leading|heading)\b|\bled by whom\b"
    r"|\bwho (?:was|is) (?:the |its |their )?(?:head|leader)\b|由谁(?:率|带)",
    re.IGNORECASE,
)
_LED = re.compile(r"\b(?:led|lead[s]?|headed|heads?|chaired|leader|leadership|chief)\b|率|带队", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answerability:
    """Whether a question is answered: the ``reason`` why not, None where it is, and the probability that it is.

    Of ``certainty`` "low" is an answer whose probability is middling: close, but it may not answer.
    """

    confidence: float
    reason: Reason | None = None
    certainty: Certainty = "high"


@cache
def fitted(form: Form) -> LogisticRegression:
    """The regression in use for questions of this form.

    Raises:
        DataDamaged: its file is missing, unreadable, or fitted for other features.
    """
    coefficients, (intercept,) = read_fitted(FITTED[form], FEATURES, "intercept")
    return LogisticRegression(coefficients, intercept)


def form_of(query: Query) -> Form:
    """Which of the two regressions decides on the question."""
    return "lists" if query.exhaustive else "others"


def assess(library: Library, candidates: Candidates, config: SearchConfig = DEFAULT) -> Answerability:
    """What speaks against an answer, the plainest reason first; where nothing does, how probable one is."""
    if (settled := assess_by_rules(library, candidates, config)) is not None:
        return settled
    query = candidates.encoded.query
    form = form_of(query)
    probability = float(fitted(form).probabilities(features(library, candidates, config)))
    # A list of what has to do with a country needs nothing more than passages that name it.
    names_entities = query.is_aggregate and candidates.unsupported is not None
    if probability < config.answerability.min_probability[form] and not names_entities:
        return Answerability(probability, "off_topic")
    thresholds = config.answerability
    unsure = probability < thresholds.min_certain[form] and _topic_likeness(candidates) < thresholds.known_topic
    return Answerability(probability, certainty="low" if unsure else "high")


def assess_by_rules(library: Library, candidates: Candidates, config: SearchConfig = DEFAULT) -> Answerability | None:
    """What needs no probability; None where one decides."""
    encoded, signals, thresholds = candidates.encoded, candidates.signals, config.answerability
    if not len(signals.passages):
        return Answerability(0.0, "filtered")
    if candidates.unsupported:
        return Answerability(0.0, "missing_entities")
    if (value := _states_value(library, candidates, config)) is not None:
        return value
    if not (encoded.query.topic or encoded.query.conditions):
        return Answerability(thresholds.whatever)  # "What happened?" is answered, but asks for nothing in particular
    if not encoded.query.topic or signals.original.max() >= thresholds.original_coverage:
        return Answerability(1.0)
    if not any(letter.isalpha() for letter in encoded.query.topic) or _left_in_chinese(encoded):
        return Answerability(0.0, "off_topic")  # "2 + 2"; or what the question is about has no English to search by
    few = sum(word.topical for word in encoded.words) <= thresholds.few_topical_words
    if few and _unknown_share(library, encoded) == 1 and not has_chinese(encoded.query.words):
        return Answerability(0.0, "off_topic")
    return None


def features(library: Library, candidates: Candidates, config: SearchConfig = DEFAULT) -> Features:
    """``FEATURES`` of the question and what was found for it, ``(len(FEATURES),)``."""
    encoded, signals = candidates.encoded, candidates.signals
    query = encoded.query
    best = np.maximum.reduceat(candidates.scores, signals.starts)
    ranked = np.argsort(-best, kind="stable")
    min_weight = config.words.min_weight
    words = [word for word in encoded.words if word.own and word.weight > min_weight and word.tokens]
    similarity = np.array([signals.maxima[ranked[0], list(word.tokens)].mean() for word in words] or [1.0])
    heaviest = np.argsort([-word.weight for word in words] or [0], kind="stable")[:2]
    return np.array(
        (
            max(_coverage(library, candidates, int(row)) for row in ranked[: config.candidates.topic_passages]),
            similarity.min(),
            similarity[heaviest].mean(),
            signals.passage.max(),
            signals.lexical.max(),
            deviations(best.max(), best, config),
            signals.outside,
            float(candidates.unsupported is not None),
            float(_PERSONAL.search(query.words[query.own_start :]) is not None),
            float(query.kind == "howto"),
            _unknown_share(library, encoded),
        ),
        dtype=np.float64,
    )


def _topic_likeness(candidates: Candidates) -> float:
    """The mean, by weight, of each topical word's greatest similarity to a word of any passage."""
    words = [word for word in candidates.encoded.words if word.topical and word.tokens]
    greatest = [float(candidates.signals.maxima[:, list(word.tokens)].mean(axis=1).max()) for word in words]
    return float(np.average(greatest, weights=[word.weight for word in words])) if words else 1.0


def _states_value(library: Library, candidates: Candidates, config: SearchConfig) -> Answerability | None:
    """A no where a price, a phone number, an address or a leader is asked for, and the best passage holds none.

    The best passage may not be about what is asked but the asking for a price; a number that serves many matters is
    then close, and may not answer.
    """
    query, signals = candidates.encoded.query, candidates.signals
    if query.exhaustive:
        return None
    row = int(signals.owners[int(np.argmax(candidates.scores))])
    passage = library.passages[signals.passages[row]]
    text = library.cached_text(passage.bulletin)
    if query.answer_type not in _REQUIRED_TYPES:
        led = _LED.search(text[passage.start : passage.end])
        lacks = bool(_WHO_LED.search(query.words[query.own_start :])) and not led
        return Answerability(0.0, "no_value_of_type") if lacks else None
    sentences = [sentence.of(text) for sentence in passage.sentences]
    stated = max((states_sought(sentence, query.answer_type) for sentence in undenied(sentences)), default=0.0)
    near = topic_nearness(candidates.encoded, signals, config)[row]
    if not stated or not near or (near < 1 and stated < 1):
        return Answerability(0.0, "no_value_of_type")
    if stated == 1 and asks_for_hotline(candidates.encoded):
        return Answerability(config.answerability.whatever)
    return Answerability(0.5, certainty="low") if near < 1 else None


def _coverage(library: Library, candidates: Candidates, row: int) -> float:
    """The share of the topic's terms, by weight, in the passage's best sentence and its context."""
    encoded = candidates.encoded
    passage = library.passages[candidates.signals.passages[row]]
    start = int(candidates.signals.starts[row])
    n = int(np.argmax(candidates.scores[start : start + len(passage.sentences)]))
    sentence = passage.sentences[n].of(library.cached_text(passage.bulletin))
    held = set(terms(f"{passage.context} {sentence}"))
    weights = {term: library.lexical.weight(term) for term in encoded.topic_terms or encoded.terms}
    return sum(weight for term, weight in weights.items() if term in held) / max(sum(weights.values()), 1e-9)


def _left_in_chinese(encoded: EncodedQuery) -> bool:
    """Whether the glossary knows at most half of the topical words of a Chinese question without district or period."""
    topical = [word for word in encoded.words if word.topical]
    chinese = sum(has_chinese(word.text) for word in topical)
    narrowed = encoded.query.districts or encoded.query.date_from or encoded.query.date_to
    return bool(encoded.query.original) and not narrowed and 2 * chinese >= len(topical) > 0


def _unknown_share(library: Library, encoded: EncodedQuery) -> float:
    """The share of the topical words, by weight, that no passage has."""
    topical = [word for word in encoded.words if word.topical]
    known = [any(map(library.lexical.document_frequency, terms(word.text))) for word in topical]
    unknown = sum(word.weight for word, is_known in zip(topical, known, strict=True) if not is_known)
    return unknown / max(sum(word.weight for word in topical), 1e-9)
