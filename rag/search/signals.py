"""How near each passage and each of its sentences is to a question, by every signal that the desk has."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.vectors import FloatRows
from rag.library.filters import Mask
from rag.library.reader import Library
from rag.models import Query
from rag.text.analyzer import question_terms

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

MOST = 200  # passages whose word pieces are compared, the nearest by what costs less
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_CARRIED = 0.4  # weight of a word that an earlier question gave, for a sentence; for its passage it weighs in full
ASKING = 0.2  # weight of a word that asks or joins ("how", "the")
_RARE = 2.0  # greatest weight of a word; that of one which half of the passages hold is about 0.2
_USUAL = 4.0  # what a word's inverse document frequency is divided by


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question: where it stands in ``Query.words``, which word pieces are its, what it weighs."""

    text: str
    start: int
    pieces: tuple[int, ...]
    weight: float
    own: bool
    topical: bool


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A question, encoded once.

    ``row`` is (1, dimension), ``tokens`` (q, dimension), its word pieces' unit rows; ``weights`` (q,) what each weighs
    by how rare its word is, ``topical`` (q,) the same with 0 for words that carry no topic; ``terms`` are what BM25
    looks for, ``topic_terms`` those of the topic.
    """

    understood: Query
    words: tuple[Word, ...]
    row: FloatRows
    tokens: FloatRows
    weights: Scores
    own: Scores
    topical: Scores
    terms: tuple[str, ...]
    topic_terms: tuple[str, ...]
    original_terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """Of the passages compared, ``(c,)`` numbers in the library, nearest first by what costs least.

    ``outside`` is by how much the nearest of all passages is nearer than the nearest of these, by what costs least.
    By passage: ``passage`` the cosine of its vector, ``lexical`` its BM25 score as a share of the greatest that the
    terms can reach, ``original`` the share of a Chinese question's own terms that it holds, ``tokens`` the weighted
    mean over the question's word pieces of the greatest cosine with one of its own (ColBERT's MaxSim),
    ``topic_tokens`` the same of topical words, ``context_topic`` and ``opening_topic`` with its context's and its first
    sentence's alone, ``coverage`` the share of the topic's terms that it holds, by their weight, ``maxima`` (c, q) what
    the MaxSims are made of.
    By sentence, ``starts`` (c,) being each passage's first: ``sentence`` the cosine of its vector, ``sentence_tokens``
    MaxSim with its word pieces and its context's, ``neighbour_tokens`` with those of the sentences beside it too.
    """

    passages: Numbers
    starts: Numbers
    outside: float
    passage: Scores
    lexical: Scores
    original: Scores
    tokens: Scores
    topic_tokens: Scores
    context_topic: Scores
    opening_topic: Scores
    coverage: Scores
    maxima: FloatRows
    sentence: Scores
    sentence_tokens: Scores
    neighbour_tokens: Scores

    @property
    def owners(self) -> Numbers:
        """Of each sentence, the place of its passage in ``passages``."""
        counts = np.diff(np.append(self.starts, len(self.sentence)))
        return np.repeat(np.arange(len(self.passages)), counts)


def encode(understood: Query, encoder: Encoder, library: Library) -> EncodedQuery:
    """The question's vectors and words, with what each weighs in this library.

    Raises:
        EmbeddingError: the encoder can't run.
    """
    encoded = encoder.encode_query_tokens([understood.words])[0]
    words = _words(understood, encoded.spans, library)
    weights, own, topical = (np.full(len(encoded.vectors), ASKING, np.float32) for _ in range(3))
    topical[:] = 0
    for word in words:
        for piece in word.pieces:
            weights[piece] = word.weight
            own[piece] = word.weight * (1 if word.own else _CARRIED)
            topical[piece] = word.weight if word.topical else 0
    if not topical.any():
        topical = weights
    return EncodedQuery(
        understood,
        words,
        encoded.row[None],
        encoded.vectors,
        weights,
        own,
        topical,
        tuple(dict.fromkeys(question_terms(understood.words))),
        tuple(dict.fromkeys(question_terms(understood.topic))),
        tuple(dict.fromkeys(question_terms(understood.original))),
    )


def measure(library: Library, query: EncodedQuery, left: Mask, most: int | None = MOST) -> Signals:
    """The signals of at most ``most`` of the passages that are ``left`` (passages,); of all where it is None."""
    by_passage = library.passage_vectors.scores(query.row)
    by_sentence = library.sentence_vectors.scores(query.row)
    lexical = library.lexical.scores(query.terms)
    lexical /= max(sum(map(library.lexical.weight, query.terms)), 1e-9)
    original = library.lexical.coverage(query.original_terms)
    cheap = original + by_passage + np.maximum.reduceat(by_sentence, library.sentence_starts) + lexical
    rows = np.flatnonzero(left)
    rows = rows[np.argsort(-cheap[rows], kind="stable")[:most]]
    if not len(rows):
        return _none(query)
    sentences, starts = library.sentences_of(rows)
    pieces = np.concatenate(library.tokens.piece_maxima(query.tokens, rows))
    # Piece 0 of a passage is its context, the others its sentences.
    first = starts + np.arange(len(rows))
    own = np.ones(len(pieces), np.bool_)
    own[first] = False
    owners = np.repeat(np.arange(len(rows)), np.diff(np.append(starts, len(sentences))))
    context = pieces[first]
    alone = np.maximum(pieces[own], context[owners])
    maxima = np.maximum.reduceat(pieces, first)
    return Signals(
        rows,
        starts,
        float(cheap.max() - cheap[rows[0]]),
        by_passage[rows],
        lexical[rows],
        original[rows],
        _mean(maxima, query.weights),
        _mean(maxima, query.topical),
        _mean(context, query.topical),
        _mean(pieces[first + 1], query.topical),
        library.lexical.coverage(query.topic_terms or query.terms)[rows],
        maxima,
        by_sentence[sentences],
        _mean(alone, query.own),
        _mean(_with_neighbours(alone, owners), query.own),
    )


def _with_neighbours(maxima: FloatRows, owners: Numbers) -> FloatRows:
    """A sentence's maxima, and those of the sentences before and after it in its passage."""
    found = maxima.copy()
    same = (owners[1:] == owners[:-1])[:, None]
    np.maximum(found[1:], maxima[:-1], out=found[1:], where=same)
    np.maximum(found[:-1], maxima[1:], out=found[:-1], where=same)
    return found


def _mean(maxima: FloatRows, weights: Scores) -> Scores:
    with np.errstate(invalid="ignore"):  # BLAS may set the flag for what lies beside the rows; these are all finite
        mean: Scores = (maxima @ weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    return mean


def _words(understood: Query, spans: npt.NDArray[np.int32], library: Library) -> tuple[Word, ...]:
    topic = {word.casefold() for word in _WORD.findall(understood.topic)}
    found = []
    for match in _WORD.finditer(understood.words):
        inside = (spans[:, 0] >= match.start()) & (spans[:, 1] <= match.end()) & (spans[:, 1] > spans[:, 0])
        terms = question_terms(match.group())
        rarity = max((library.lexical.weight(term) for term in terms), default=0.0)
        found.append(
            Word(
                match.group(),
                match.start(),
                tuple(np.flatnonzero(inside).tolist()),
                min(max(rarity / _USUAL, ASKING), _RARE) if terms else ASKING,
                match.start() >= understood.own,
                match.group().casefold() in topic,
            )
        )
    return tuple(found)


def _none(query: EncodedQuery) -> Signals:
    empty = np.zeros(0, np.float32)
    none = np.zeros(0, np.int64)
    maxima = np.zeros((0, len(query.tokens)), np.float32)
    return Signals(none, none, 0.0, empty, empty, empty, empty, empty, empty, empty, empty, maxima, empty, empty, empty)
