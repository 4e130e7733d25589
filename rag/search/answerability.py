"""Is a question answered by what was found, and if not, why not?

What the question names and the kind of thing it asks for must be there; where they are, a calibrated probability
decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from rag.library.reader import Library
from rag.models import Query
from rag.query.glossary import has_chinese
from rag.search.answer_type_match import tells
from rag.search.coefficients import read_fitted
from rag.search.list_cutoff import LEAST_SPREAD
from rag.search.pipeline import Prepared
from rag.search.signals import ASKING, MOST, EncodedQuery
from rag.text.analyzer import terms

Why = Literal["filtered", "unsaid", "untold", "far"]
Form = Literal["lists", "others"]
_DATA = Path(__file__).parent.parent / "data"
FITTED: dict[Form, Path] = {  # written by evals/fit.py
    "lists": _DATA / "refusal-lists.json",
    "others": _DATA / "refusal-others.json",
}
Features = npt.NDArray[np.float64]

NAMES = (
    "borne",
    "weakest",
    "heaviest",
    "passage",
    "lexical",
    "standing",
    "outside",
    "named",
    "personal",
    "howto",
    "unknown",
)
_HELD = 0.5  # share of a Chinese question's own terms; a passage that holds them is about it
_FEW = 3  # topical words; where none of them stands in any passage, nothing is about them
_NEAREST = 5  # passages that are looked at
# Which way each may count: for an answer, against it, either way.
SIGNS = (1, 1, 1, 1, 1, 1, -1, 0, -1, 0, -1)
LEAST: dict[Form, float] = {"lists": 0.3, "others": 0.21}  # probability; below it the answer is no
_PRICE = frozenset(terms("cost costs price prices fee fees much pay paid charge worth money amount number telephone"))
_SURE_KINDS = ("money", "phone", "web")  # a passage without such a thing can't tell it
_PERSONAL = re.compile(r"\b(?:i|i['\u2019]m|my|me|mine|we|our|us|you|your)\b|我|你|您", re.IGNORECASE)
_WHO_LED = re.compile(
    r"\bwho(?:m)? (?:has |was |is )?(?:led|leads?|headed|heads?|chaired|leading|heading)\b|\bled by whom\b"
    r"|\bwho (?:was|is) (?:the |its |their )?(?:head|leader)\b|由谁(?:率|带)",
    re.IGNORECASE,
)
_LED = re.compile(r"\b(?:led|lead[s]?|headed|heads?|chaired|leader|leadership|chief)\b|率|带队", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression over ``NAMES``."""

    coefficients: tuple[float, ...]
    intercept: float

    def probability(self, features: Features) -> float:
        """(len(NAMES),) -> the probability that the question is answered."""
        return float(1 / (1 + np.exp(-np.clip(features @ np.array(self.coefficients) + self.intercept, -50, 50))))


@cache
def fitted(form: Form) -> Model:
    """The model in use for questions that ask for all that matches, and the one for others.

    Raises:
        DataDamaged: its file is missing, unreadable, or fitted for other signals.
    """
    coefficients, (intercept,) = read_fitted(FITTED[form], NAMES, "intercept")
    return Model(coefficients, intercept)


def form_of(understood: Query) -> Form:
    return "lists" if understood.every else "others"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is answered: ``why`` not, None where it is; ``confidence`` is the probability that it is."""

    confidence: float
    why: Why | None = None


def verdict(library: Library, prepared: Prepared) -> Verdict:
    """What speaks against an answer, the plainest reason first; where nothing does, how probable one is."""
    if (settled := plain(library, prepared)) is not None:
        return settled
    understood = prepared.query.understood
    form = form_of(understood)
    probability = fitted(form).probability(features(library, prepared))
    # A list of what has to do with a country needs nothing more than passages that name it.
    named = (understood.every or understood.kind == "count") and prepared.unsaid is not None
    return Verdict(probability, "far" if probability < LEAST[form] and not named else None)


def plain(library: Library, prepared: Prepared) -> Verdict | None:
    """What needs no probability; None where one decides."""
    if not len(prepared.signals.passages):
        return Verdict(0.0, "filtered")
    if prepared.unsaid:
        return Verdict(0.0, "unsaid")
    if _untold(library, prepared):
        return Verdict(0.0, "untold")
    understood = prepared.query.understood
    if not understood.topic or prepared.signals.original.max() >= _HELD:
        return Verdict(1.0)
    few = sum(word.topical for word in prepared.query.words) <= _FEW
    if few and _unknown(library, prepared.query) == 1 and not has_chinese(understood.words):
        return Verdict(0.0, "far")
    return None


def _untold(library: Library, prepared: Prepared) -> bool:
    """A price, a telephone number, an address or a leader is asked for, and the best passage tells of none."""
    understood = prepared.query.understood
    if understood.every:
        return False
    words = _words(library, prepared, _about(library, prepared))
    if understood.asks in _SURE_KINDS:
        return not tells(words, understood.asks)
    return bool(_WHO_LED.search(understood.words[understood.own :])) and not _LED.search(words)


def _about(library: Library, prepared: Prepared) -> int:
    """The place among the signals' passages of the one that the question is about: the best one, unless that bears
    nothing of it out but the asking for a price, and another does."""
    scores, starts = prepared.scores - prepared.rewarded, prepared.signals.starts
    best = int(prepared.signals.owners[int(np.argmax(prepared.scores))])
    nearest = [int(n) for n in np.argsort(-np.maximum.reduceat(scores, starts), kind="stable")[:_NEAREST]]
    topic = {term for term in prepared.query.topic_terms if term not in _PRICE}
    if _borne(library, prepared, best, topic) > 0:
        return best
    return max(nearest, key=lambda place: (_borne(library, prepared, place, topic), -nearest.index(place)))


def _words(library: Library, prepared: Prepared, place: int) -> str:
    passage = library.passages[prepared.signals.passages[place]]
    return library.words(passage.bulletin)[passage.start : passage.end]


def features(library: Library, prepared: Prepared) -> Features:
    """``(len(NAMES),)``.

    ``borne``: the share of the topic's terms, by weight, that the best sentence of one of the nearest passages or its
    context holds.  Of the best passage, the similarity of the ``weakest`` word, least like any of its own, and the mean
    of the two ``heaviest`` words'.  The greatest cosine of a ``passage`` and BM25 share (``lexical``) of all; by how
    much the best passage is ``standing`` out, in standard deviations; by how much those that the filters leave
    ``outside`` are nearer.  Whether the question names anything that had to be borne out, speaks of the asker
    (``personal``: a bulletin tells nobody about their own affairs), asks how to do something; and the share of its
    topical words, by weight, that no passage has (``unknown``).
    """
    query, signals = prepared.query, prepared.signals
    understood = query.understood
    best = np.maximum.reduceat(prepared.scores, signals.starts)
    nearest = np.argsort(-best, kind="stable")
    words = [word for word in query.words if word.own and word.weight > ASKING and word.pieces]
    support = np.array([signals.maxima[nearest[0], list(word.pieces)].mean() for word in words] or [1.0])
    heaviest = np.argsort([-word.weight for word in words] or [0], kind="stable")[:2]
    return np.array(
        (
            max(_borne(library, prepared, int(place)) for place in nearest[:_NEAREST]),
            support.min(),
            support[heaviest].mean(),
            signals.passage.max(),
            signals.lexical.max(),
            (best.max() - best[:MOST].mean()) / (best[:MOST].std() + LEAST_SPREAD),
            signals.outside,
            float(prepared.unsaid is not None),
            float(_PERSONAL.search(understood.words[understood.own :]) is not None),
            float(understood.kind == "howto"),
            _unknown(library, query),
        ),
        dtype=np.float64,
    )


def _unknown(library: Library, query: EncodedQuery) -> float:
    topical = [word for word in query.words if word.topical]
    weights = [word.weight for word in topical]
    known = [any(map(library.lexical.document_frequency, terms(word.text))) for word in topical]
    return sum(weight for weight, here in zip(weights, known, strict=True) if not here) / max(sum(weights), 1e-9)


def _borne(library: Library, prepared: Prepared, place: int, topic: Collection[str] = ()) -> float:
    query, signals = prepared.query, prepared.signals
    start = int(signals.starts[place])
    passage = library.passages[signals.passages[place]]
    n = int(np.argmax(prepared.scores[start : start + len(passage.sentences)]))
    held = set(terms(f"{passage.context} {passage.sentences[n].of(library.words(passage.bulletin))}"))
    asked = {term: library.lexical.weight(term) for term in topic or query.topic_terms or query.terms}
    return sum(weight for term, weight in asked.items() if term in held) / max(sum(asked.values()), 1e-9)
