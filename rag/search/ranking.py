"""Signals -> hits: each sentence's signals fused into one score, and spans to quote around the best sentences.

A span has the fewest sentences of a passage that answer and can stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from rag.budget import step
from rag.library.reader import Library
from rag.models import Hit, Passage, Span
from rag.query.models import AnswerType
from rag.search.answer_type_match import SOUGHT, instructs, matches_answer_type, states_sought
from rag.search.config import DEFAULT, SearchConfig, SignalWeights, SpanGrowth, SpanLimits
from rag.search.signals import EncodedQuery, Scores, Signals, likeness
from rag.text.analyzer import terms
from rag.text.denials import denies_previous

# Words that ask for a value: no passage about the topic need hold them.
_ASKING = frozenset(
    terms(
        "cost price fee pay paid charge worth money amount much number telephone phone mobile contact hotline helpline"
        " line call dial reach ring address street postal website web page internet online link url hours time open"
        " opening close closed"
    )
)
# What any hotline is for: who asks for the number of these asks for no office's own.
_HOTLINE_MATTERS = frozenset(
    terms(
        "consular consulate protection protect assistance assist help helping aid service emergency emergencies urgent"
        " danger trouble accident abroad overseas foreign country traveller traveler travel citizen chinese 24-hour"
        " ministry affairs office"
    )
)
# A sentence that opens so says nothing without the one before it.
_OPENING_REFERENCE = re.compile(
    r"[\"'\u201c\u2018(]*(?:He|She|It|They|His|Her|Its|Their|Th(?:is|ese|ose|at)|Both|Each of|One of them|Some of them"
    r"|Another|Others?|Such|The (?:latter|former|same|two|three|others?)|Among them|Of these|In addition|Moreover"
    r"|However|Therefore|Afterwards|Then|Later|Here|There(?! (?:is|are|was|were)\b))\b|[他她它]们?|其中|该|此"
)


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
    if query.answer_type in SOUGHT and not query.exhaustive:
        scores += _sought(library, encoded, signals, query.answer_type, config)
    elif (query.answer_type or query.kind == "howto") and len(scores):
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


def _sought(
    library: Library, encoded: EncodedQuery, signals: Signals, answer_type: AnswerType, config: SearchConfig
) -> Scores:
    """What a sentence gains by stating a value that is sought, wherever it ranks, and loses where that is denied."""
    gains = np.zeros(len(signals.sentence), np.float32)
    for row, near in enumerate(topic_nearness(encoded, signals, config)):
        step()
        passage = library.passages[signals.passages[row]]
        text, start = library.cached_text(passage.bulletin), int(signals.starts[row])
        sentences = [sentence.of(text) for sentence in passage.sentences] if near else []
        for n, sentence in enumerate(sentences):
            if n + 1 < len(sentences) and denies_previous(sentences[n + 1]):
                gains[start + n] = -config.signals.denied
            else:
                gains[start + n] = config.signals.sought * near * states_sought(sentence, answer_type)
    return gains


def topic_nearness(encoded: EncodedQuery, signals: Signals, config: SearchConfig = DEFAULT) -> Scores:
    """(c,) whether a passage is about as like the topic, without the words that ask for a value, as the likest is: 1.

    It is one half where a telephone number is asked for and the passage is up to twice as far: a hotline serves many
    matters.  Else it is 0.
    """
    words = [word for word in encoded.words if word.topical and word.tokens]
    words = [word for word in words if not _ASKING.issuperset(terms(word.text))]
    if not words or asks_for_hotline(encoded):
        return np.ones(len(signals.passages), np.float32)
    alike = likeness(signals, words, config.answerability.original_coverage)
    behind, margin = alike.max() - alike, config.candidates.near_topic
    further = 0.5 * (behind <= 2 * margin) if encoded.query.answer_type == "phone" else 0.0
    nearness: Scores = np.where(behind <= margin, 1.0, further).astype(np.float32)
    return nearness


def asks_for_hotline(encoded: EncodedQuery) -> bool:
    """Whether a telephone number is asked for, and only what any hotline is for is named: any passage may state it."""
    known = _ASKING | _HOTLINE_MATTERS
    topical = [word for word in encoded.words if word.topical]
    return encoded.query.answer_type == "phone" and all(known.issuperset(terms(word.text)) for word in topical)


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
        if hit := best_span(library, signals, scores, row, limits.max_chars[len(hits)], growth, min_chars, used):
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
    if (span := select_span(passage, passage_scores, text, max_chars, growth, min_chars, taken)) is None:
        return None
    first, last = span
    answering = answering_sentences(passage_scores, first, last, growth)
    return Hit(passage, max(passage_scores[first : last + 1]), tuple(passage_scores), first, last, answering)


def select_span(
    passage: Passage,
    scores: Sequence[float],
    text: str,
    max_chars: int,
    growth: SpanGrowth = DEFAULT.growth,
    min_chars: int = 0,
    taken: Collection[int] = (),
) -> tuple[int, int] | None:
    """First and last sentence of the span to quote around the best one that isn't ``taken``; None where all are.

    It starts with the sentences that the best one depends on.  Then it grows by the better neighbour while it stays
    within ``max_chars`` and that neighbour scores well enough; up to ``min_chars`` it grows all the same.
    """
    free = [n for n in range(len(scores)) if n not in taken]
    if not free:
        return None
    best = max(free, key=scores.__getitem__)
    sentences = passage.sentences

    def chars(a: int, b: int) -> int:
        return sentences[b].end - sentences[a].start if a >= 0 and b < len(sentences) else max_chars + 1

    first, last = _first_needed(sentences, text, best, max_chars, taken), best
    while True:
        neighbours = [
            (scores[n], n)
            for n, size in ((last + 1, chars(first, last + 1)), (first - 1, chars(first - 1, last)))
            if n not in taken
            and size <= max_chars
            and (size <= min_chars or scores[n] >= growth.neighbour_share * scores[best])
        ]
        if not neighbours:
            # What is denied is never quoted without its denial, however long that makes the quote.
            while last + 1 < len(sentences) and denies_previous(sentences[last + 1].of(text)):
                last += 1
            return first, last
        _, n = max(neighbours)
        first, last = min(first, n), max(last, n)


def _first_needed(sentences: Sequence[Span], text: str, best: int, max_chars: int, taken: Collection[int]) -> int:
    """The first of the sentences before the best one without which it can't be understood, or would be denied."""
    first = best
    while first > 0 and first - 1 not in taken:
        sentence = sentences[first].of(text)
        fits = sentences[best].end - sentences[first - 1].start <= max_chars and depends_on_previous(sentence)
        if not (fits or denies_previous(sentence)):
            break
        first -= 1
    return first


def depends_on_previous(sentence: str) -> bool:
    """Whether the sentence opens with a word that points to the one before it."""
    return _OPENING_REFERENCE.match(sentence) is not None


def answering_sentences(
    scores: Sequence[float], first: int, last: int, growth: SpanGrowth = DEFAULT.growth
) -> tuple[int, ...]:
    """The sentences of a span that answer, in order: the best one and those that score about as well."""
    by_score = sorted(range(first, last + 1), key=scores.__getitem__, reverse=True)
    best = scores[by_score[0]]
    threshold = best - (1 - growth.answering_share) * abs(best)
    return tuple(sorted(n for n in by_score[: growth.max_answering] if scores[n] >= threshold))
