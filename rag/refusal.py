"""How sure the desk is that what it found answers the question: a calibrated probability, below a half a no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.asked import tells
from rag.library import Library
from rag.search import Prepared
from rag.signals import ASKING
from rag.terms import question_terms

FITTED = Path(__file__).parent / "data" / "refusal.json"  # written by evals/fit.py
Features = npt.NDArray[np.float64]

NAMES = (
    "tokens",
    "sentence",
    "coverage",
    "topic",
    "weakest",
    "unknown",
    "outside",
    "unsaid_places",
    "unsaid_roles",
    "unsaid_names",
    "untold",
    "every",
)
_SURE_KINDS = ("money", "phone", "web")  # a sentence without such a thing can't tell it


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression over ``NAMES``."""

    coefficients: tuple[float, ...]
    intercept: float

    def probability(self, features: Features) -> float:
        """(len(NAMES),) -> the probability that the question is answered."""
        return float(1 / (1 + np.exp(-np.clip(features @ np.array(self.coefficients) + self.intercept, -50, 50))))


@cache
def fitted() -> Model:
    """The model in use."""
    found = json.loads(FITTED.read_text(encoding="utf-8"))
    return Model(tuple(found["coefficients"][name] for name in NAMES), found["intercept"])


def confidence(library: Library, prepared: Prepared) -> float:
    """0 where no passage is left."""
    if not FITTED.exists():
        return float(prepared.best > 1.0)
    if not len(prepared.signals.passages):
        return 0.0
    return fitted().probability(features(library, prepared))


def features(library: Library, prepared: Prepared) -> Features:
    """Of the best passage, ``(len(NAMES),)``: how its words bear the question's out, what of the names and of the kind of
    thing asked for is missing there."""
    query, signals, scores = prepared.query, prepared.signals, prepared.scores
    place = int(signals.owners[int(np.argmax(scores))])
    end = np.append(signals.starts, len(scores))[place + 1]
    inside = slice(int(signals.starts[place]), int(end))
    words = [word for word in query.words if word.own and word.weight > ASKING and word.pieces]
    support = [float(signals.maxima[place, list(word.pieces)].mean()) for word in words] or [1.0]
    lexical = library.lexical
    unknown = [word for word in words if not any(map(lexical.document_frequency, question_terms(word.text)))]
    unsaid = prepared.unsaid
    names = unsaid.names if unsaid else ()
    asks = query.understood.asks
    passage = library.passages[signals.passages[place]]
    told = library.words(passage.bulletin)[passage.start : passage.end]
    return np.array(
        (
            signals.tokens[place],
            signals.sentence[inside].max(),
            lexical.coverage(query.terms)[signals.passages[place]],
            signals.coverage.max(),
            min(support),
            len(unknown) / max(1, len(words)),
            signals.outside,
            len(unsaid.places) if unsaid else 0,
            sum(name.kind == "role" for name in names),
            sum(name.kind != "role" for name in names),
            float(asks in _SURE_KINDS and not tells(told, asks)) if asks else 0.0,
            float(query.understood.every),
        ),
        dtype=np.float64,
    )
