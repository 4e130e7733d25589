"""How similar each passage and each of its sentences is to a question, by every signal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.vectors import EncodedText, FloatRows, Ids
from rag.budget import step
from rag.library.filters import Mask
from rag.library.reader import Library
from rag.query.models import Query
from rag.search.config import DEFAULT, WordWeights
from rag.text.analyzer import question_terms

Scores = npt.NDArray[np.float32]

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of the question."""

    text: str
    start: int  # in ``Query.words``
    tokens: tuple[int, ...]  # their numbers
    weight: float
    own: bool  # not an earlier question's
    topical: bool  # of the question's topic


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A question, encoded once."""

    query: Query
    words: tuple[QueryWord, ...]
    vector: FloatRows  # (1, dimension)
    token_vectors: FloatRows  # (q, dimension)
    weights: Scores  # (q,) what each token weighs by how rare its word is
    own_weights: Scores  # (q,) the same with less for an earlier question's words
    topical_weights: Scores  # (q,) the same with 0 for words that carry no topic
    terms: tuple[str, ...]  # what BM25 searches for
    topic_terms: tuple[str, ...]  # those of them that are the topic's
    original_terms: tuple[str, ...]  # those of a Chinese question as it was typed


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of c candidate passages and their s sentences, for the q tokens of a question.

    MaxSim is ColBERT's: for each token of the question the greatest cosine with one of the passage's, averaged by the
    tokens' weights.
    """

    passages: Ids  # (c,) the candidates' numbers in the library, the best by vectors and BM25 first
    starts: Ids  # (c,) the row of each passage's first sentence in the arrays by sentence
    outside: float  # by how much the best of all passages is ahead of the best candidate, by vectors and BM25
    passage: Scores  # (c,) the cosine of the passage's vector
    lexical: Scores  # (c,) its BM25 score as a share of the greatest that the terms can reach
    original: Scores  # (c,) the share of a Chinese question's own terms that it holds, by their weight
    tokens: Scores  # (c,) MaxSim
    topic_tokens: Scores  # (c,) MaxSim of topical words
    context_topic: Scores  # (c,) the same with the tokens of its context alone
    opening_topic: Scores  # (c,) the same with those of its first sentence alone
    maxima: FloatRows  # (c, q) the greatest cosines that the MaxSims are made of
    sentence: Scores  # (s,) the cosine of the sentence's vector
    sentence_tokens: Scores  # (s,) MaxSim with the tokens of the sentence and of its passage's context
    neighbour_tokens: Scores  # (s,) the same with those of the sentences before and after it too

    @property
    def owners(self) -> Ids:
        """(s,) the row of each sentence's passage in ``passages``."""
        counts = np.diff(np.append(self.starts, len(self.sentence)))
        return np.repeat(np.arange(len(self.passages)), counts)


def likeness(signals: Signals, words: Sequence[QueryWord], fully_original: float) -> Scores:
    """(c,) the mean of the words' greatest cosines in each passage, by their weights.

    The encoder reads no Chinese: what holds at least the share ``fully_original`` of a question's own Chinese terms is
    as like as any.
    """
    weights = np.array([word.weight for word in words], np.float32)
    by_word = np.column_stack([signals.maxima[:, list(word.tokens)].mean(axis=1) for word in words])
    result: Scores = by_word @ weights / weights.sum()
    result[signals.original >= fully_original] = result.max()
    return result


def encode(query: Query, encoder: Encoder, library: Library, weights: WordWeights = DEFAULT.words) -> EncodedQuery:
    """The question's vectors and words, with what each weighs in this library.

    Raises:
        EmbeddingError: the encoder can't run.
    """
    return encode_all([query], encoder, library, weights)[0]


def encode_all(
    queries: Sequence[Query], encoder: Encoder, library: Library, weights: WordWeights = DEFAULT.words
) -> list[EncodedQuery]:
    """``encode`` of each question; the same words are encoded once."""
    vectors: dict[str, EncodedText] = {}
    for query in queries:
        step()
        if query.words not in vectors:
            vectors[query.words] = encoder.encode_query_tokens([query.words])[0]
    return [_weighed(query, vectors[query.words], library, weights) for query in queries]


def _weighed(query: Query, encoded: EncodedText, library: Library, weights: WordWeights) -> EncodedQuery:
    words = _words(query, encoded.spans, library, weights)
    token_weights, own = (np.full(len(encoded.token_vectors), weights.min_weight, np.float32) for _ in range(2))
    topical = np.zeros(len(encoded.token_vectors), np.float32)
    for word in words:
        for token in word.tokens:
            token_weights[token] = word.weight
            own[token] = word.weight * (1 if word.own else weights.inherited_factor)
            topical[token] = word.weight if word.topical else 0
    return EncodedQuery(
        query,
        words,
        encoded.vector[None],
        encoded.token_vectors,
        token_weights,
        own,
        topical if topical.any() else token_weights,
        tuple(dict.fromkeys(question_terms(query.words))),
        tuple(dict.fromkeys(question_terms(query.topic))),
        tuple(dict.fromkeys(question_terms(query.original))),
    )


def measure(
    library: Library,
    encoded: EncodedQuery,
    allowed: Mask,
    max_passages: int | None = None,
    left_out: Mask | None = None,
) -> Signals:
    """The signals of the best ``max_passages`` of the ``allowed`` (passages,) by vectors and BM25; None takes all.

    What is ``left_out`` (passages,) isn't asked for, so that it says nothing against the others.
    """
    by_passage = library.passage_vectors.scores(encoded.vector)
    by_sentence = library.sentence_vectors.scores(encoded.vector)
    lexical = library.lexical.scores(encoded.terms) / max(sum(map(library.lexical.weight, encoded.terms)), 1e-9)
    original = library.lexical.coverage(encoded.original_terms)
    first_stage = original + by_passage + np.maximum.reduceat(by_sentence, library.sentence_starts) + lexical
    if left_out is not None:
        first_stage[left_out] = first_stage.min()
    if not len(rows := _best(first_stage, allowed, max_passages)):
        return _no_signals(encoded)
    sentences, starts = library.sentence_rows(rows)
    pieces = np.concatenate(library.tokens.maxsim_by_piece(encoded.token_vectors, rows))
    context_rows = starts + np.arange(len(rows))  # piece 0 of a passage is its context, the others its sentences
    owners = np.repeat(np.arange(len(rows)), np.diff(np.append(starts, len(sentences))))
    context = pieces[context_rows]
    in_context = np.maximum(np.delete(pieces, context_rows, axis=0), context[owners])
    maxima = np.maximum.reduceat(pieces, context_rows)
    return Signals(
        passages=rows,
        starts=starts,
        outside=float(first_stage.max() - first_stage[rows[0]]),
        passage=by_passage[rows],
        lexical=lexical[rows],
        original=original[rows],
        tokens=_mean(maxima, encoded.weights),
        topic_tokens=_mean(maxima, encoded.topical_weights),
        context_topic=_mean(context, encoded.topical_weights),
        opening_topic=_mean(pieces[context_rows + 1], encoded.topical_weights),
        maxima=maxima,
        sentence=by_sentence[sentences],
        sentence_tokens=_mean(in_context, encoded.own_weights),
        neighbour_tokens=_mean(_with_neighbours(in_context, owners), encoded.own_weights),
    )


def _best(scores: Scores, allowed: Mask, most: int | None) -> Ids:
    """The ``most`` allowed rows with the highest scores, the best first."""
    rows = np.flatnonzero(allowed)
    return rows[np.argsort(-scores[rows], kind="stable")[:most]]


def _with_neighbours(maxima: FloatRows, owners: Ids) -> FloatRows:
    """The greatest of a sentence's maxima and those of the sentences before and after it in its passage."""
    result = maxima.copy()
    same_passage = (owners[1:] == owners[:-1])[:, None]
    np.maximum(result[1:], maxima[:-1], out=result[1:], where=same_passage)
    np.maximum(result[:-1], maxima[1:], out=result[:-1], where=same_passage)
    return result


def _mean(maxima: FloatRows, weights: Scores) -> Scores:
    with np.errstate(invalid="ignore"):  # BLAS may set the flag for what lies beside the rows; these are all finite
        mean: Scores = (maxima @ weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    return mean


def _words(query: Query, spans: npt.NDArray[np.int32], library: Library, weights: WordWeights) -> tuple[QueryWord, ...]:
    topic = {word.casefold() for word in _WORD.findall(query.topic)}
    words = []
    for match in _WORD.finditer(query.words):
        step()
        inside = (spans[:, 0] >= match.start()) & (spans[:, 1] <= match.end()) & (spans[:, 1] > spans[:, 0])
        terms = question_terms(match.group())
        idf = max((library.lexical.weight(term) for term in terms), default=0.0)
        words.append(
            QueryWord(
                match.group(),
                match.start(),
                tuple(np.flatnonzero(inside).tolist()),
                min(max(idf / weights.idf_divisor, weights.min_weight), weights.max_weight),
                match.start() >= query.own_start,
                match.group().casefold() in topic,
            )
        )
    return tuple(words)


def _no_signals(encoded: EncodedQuery) -> Signals:
    scores, ids = np.zeros(0, np.float32), np.zeros(0, np.int64)
    maxima = np.zeros((0, len(encoded.token_vectors)), np.float32)
    by_passage = scores, scores, scores, scores, scores, scores, scores
    return Signals(ids, ids, 0.0, *by_passage, maxima, scores, scores, scores)
