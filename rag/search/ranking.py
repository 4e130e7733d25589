"""Signals -> hits: each sentence's signals fused into one score, and spans to quote around the best sentences."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from rag.library.reader import Library
from rag.models import Hit
from rag.search.answer_type_match import instructs, matches_answer_type
from rag.search.config import DEFAULT, SearchConfig, SignalWeights, SpanGrowth, SpanLimits
from rag.search.signals import EncodedQuery, Scores, Signals
from rag.search.spans import answering_sentences, select_span


def fuse(signals: Signals, weights: SignalWeights) -> Scores:
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


def score_sentences(
    library: Library, encoded: EncodedQuery, signals: Signals, config: SearchConfig = DEFAULT
) -> Scores:
    """``fuse``, with a bonus for the best sentences that hold the kind of value asked for, or instruct."""
    scores = fuse(signals, config.signals)
    query = encoded.query
    if (query.answer_type or query.kind == "howto") and len(scores):
        owners = signals.owners
        for n in np.argsort(-scores, kind="stable")[: config.candidates.sentences]:
            passage = library.passages[signals.passages[owners[n]]]
            sentence = passage.sentences[n - signals.starts[owners[n]]]
            text = sentence.of(library.cached_text(passage.bulletin))
            if query.answer_type and matches_answer_type(text, query.answer_type):
                scores[n] += config.signals.answer_type
            if query.kind == "howto" and instructs(text):
                scores[n] += config.signals.instruction
    return scores


def top_spans(
    library: Library, signals: Signals, scores: Scores, limits: SpanLimits, growth: SpanGrowth = DEFAULT.growth
) -> list[Hit]:
    """The best spans within these limits, best first, no sentence in two of them."""
    hits: list[Hit] = []
    taken: dict[int, set[int]] = {}
    owners = signals.owners
    for n in np.argsort(-scores, kind="stable"):
        row = int(owners[n])
        if len(hits) == len(limits.max_chars) or (hits and scores[n] < hits[0].score - limits.margin):
            break
        used = taken.setdefault(row, set())
        if n - signals.starts[row] in used:
            continue
        min_chars = 0 if hits else limits.min_chars
        hit = best_span(library, signals, scores, row, limits.max_chars[len(hits)], growth, min_chars, used)
        if hit:
            hits.append(hit)
            used.update(range(hit.first, hit.last + 1))
    return hits


def best_span(
    library: Library,
    signals: Signals,
    scores: Scores,
    row: int,
    max_chars: int,
    growth: SpanGrowth = DEFAULT.growth,
    min_chars: int = 0,
    taken: Collection[int] = (),
) -> Hit | None:
    """The span around the best sentence, not yet ``taken``, of the passage in this row of the signals."""
    passage = library.passages[signals.passages[row]]
    start = int(signals.starts[row])
    passage_scores = scores[start : start + len(passage.sentences)].tolist()
    text = library.cached_text(passage.bulletin)
    span = select_span(passage, passage_scores, text, max_chars, growth, min_chars, taken)
    if span is None:
        return None
    first, last = span
    answering = answering_sentences(passage_scores, first, last, growth)
    return Hit(passage, max(passage_scores[first : last + 1]), tuple(passage_scores), first, last, answering)
