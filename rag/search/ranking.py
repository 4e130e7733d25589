"""Signals -> hits: each sentence's signals fused into one score, and the stretches to quote cut around the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.library.reader import Library
from rag.models import Hit
from rag.search.answer_type_match import instructs, tells
from rag.search.signals import EncodedQuery, Scores, Signals
from rag.search.spans import telling, window

_LOOKED_AT = 40  # sentences, the best by their signals, whose words are looked at for what is asked


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal weighs in a sentence's score; see ``Signals``.  ``asked`` is what is added to a sentence that
    tells the kind of thing asked for (a number, a day, a name), ``steps`` to one that tells what to do where it is
    asked how to.

    Settled on the development questions; within a factor of two either way no figure moves by more than two questions
    (``evals/ablation.py`` prints what removing each one does).
    """

    passage: float = 0.25
    sentence: float = 0.5
    lexical: float = 0.3
    original: float = 3.0
    tokens: float = 0.5
    sentence_tokens: float = 2.0
    neighbour_tokens: float = 1.0
    asked: float = 0.1
    steps: float = 0.3


def fuse(signals: Signals, weights: Weights) -> Scores:
    """A score for each sentence, ``(sentences,)``: the weighted sum of its signals and its passage's."""
    by_passage = (
        weights.passage * signals.passage
        + weights.lexical * signals.lexical
        + weights.original * signals.original
        + weights.tokens * signals.tokens
    )
    scores: Scores = (
        by_passage[signals.owners]
        + weights.sentence * signals.sentence
        + weights.sentence_tokens * signals.sentence_tokens
        + weights.neighbour_tokens * signals.neighbour_tokens
    ).astype(np.float32)
    return scores


def score(library: Library, query: EncodedQuery, signals: Signals, weights: Weights) -> Scores:
    """``fuse``, and what is asked for rewarded where a sentence tells it."""
    scores = fuse(signals, weights)
    understood = query.understood
    if (understood.asks or understood.kind == "howto") and len(scores):
        owners = signals.owners
        for n in np.argsort(-scores, kind="stable")[:_LOOKED_AT]:
            passage = library.passages[signals.passages[owners[n]]]
            sentence = passage.sentences[n - signals.starts[owners[n]]]
            words = sentence.of(library.words(passage.bulletin))
            if understood.asks and tells(words, understood.asks):
                scores[n] += weights.asked
            if understood.kind == "howto" and instructs(words):
                scores[n] += weights.steps
    return scores


def nearest(
    library: Library, signals: Signals, scores: Scores, longest: Sequence[int], drop: float, least: int = 0
) -> list[Hit]:
    """The best stretches, best first: as many as ``longest`` gives characters for, none further than ``drop`` below the
    best, no sentence in two of them; the first has ``least`` characters where its passage has."""
    hits: list[Hit] = []
    taken: dict[int, set[int]] = {}
    owners = signals.owners
    for n in np.argsort(-scores, kind="stable"):
        place = int(owners[n])
        if len(hits) == len(longest) or (hits and scores[n] < hits[0].score - drop):
            break
        if n - signals.starts[place] in taken.get(place, ()):
            continue
        room, used = longest[len(hits)], tuple(taken.get(place, ()))
        if hit := cut(library, signals, scores, place, room, used, 0 if hits else least):
            hits.append(hit)
            taken.setdefault(place, set()).update(range(hit.first, hit.last + 1))
    return hits


def cut(
    library: Library,
    signals: Signals,
    scores: Scores,
    place: int,
    longest: int,
    taken: Sequence[int] = (),
    least: int = 0,
) -> Hit | None:
    """The stretch to quote from the passage at ``place`` of the signals, around its best sentence not yet ``taken``."""
    passage = library.passages[signals.passages[place]]
    start = int(signals.starts[place])
    own = scores[start : start + len(passage.sentences)].tolist()
    found = window(passage, own, library.words(passage.bulletin), longest, tuple(taken), least)
    if found is None:
        return None
    first, last = found
    return Hit(passage, max(own[first : last + 1]), tuple(own), first, last, telling(own, first, last))
