"""Builds every index that a question is compared with from the passages' search texts, or merges those of segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.late_interaction import TokenIndex
from embeddings.token_spans import join_pieces
from embeddings.vector_index import VectorIndex
from embeddings.vectors import EncodedText, FloatRows
from rag.ingest.folders import ProgressCallback
from rag.ingest.passages import search_pieces
from rag.library.bm25 import Postings
from rag.library.segment import Segment
from rag.models import Passage
from rag.text.analyzer import terms

Pieces = Sequence[Sequence[str]]
"""For each passage its context, then its sentences: what it is encoded from."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PassageIndexes:
    """The indexes of some passages; ``embedded`` counts the texts that had to be encoded for them."""

    passages: VectorIndex
    sentences: VectorIndex
    tokens: TokenIndex
    postings: Postings
    embedded: int


@dataclass(slots=True)
class EncodingCache:
    """Where encodings are stored: of each passage by its pieces, of each sentence by its words."""

    passages: dict[tuple[str, ...], tuple[Segment, int]] = field(default_factory=dict)
    sentences: dict[str, tuple[Segment, int]] = field(default_factory=dict)

    def add(self, segment: Segment, texts: Mapping[str, str]) -> None:
        """Adds the passages of a segment's bulletins whose texts, by name, are given."""
        first_sentence = 0
        for number, passage in enumerate(segment.passages):
            if passage.bulletin in texts:
                pieces = search_pieces(passage, texts[passage.bulletin])
                self.passages.setdefault(pieces, (segment, number))
                for row, sentence in enumerate(pieces[1:], first_sentence):
                    self.sentences.setdefault(sentence, (segment, row))
            first_sentence += len(passage.sentences)


def build_indexes(
    pieces: Pieces,
    encoder: Encoder,
    cache: EncodingCache,
    projection: TokenIndex | None,
    on_progress: ProgressCallback,
) -> PassageIndexes:
    """Builds the indexes of the passages with these pieces; what is in ``cache`` is not encoded again.

    ``projection`` is an index whose projection of the word pieces is used, which is also that of ``cache``; None fits
    a new one.
    """
    reused = {n: cache.passages[tuple(p)] for n, p in enumerate(pieces) if tuple(p) in cache.passages}
    fresh = [number for number in range(len(pieces)) if number not in reused]
    sentences = [sentence for passage in pieces for sentence in passage[1:]]
    new_sentences = sorted(dict.fromkeys(s for s in sentences if s not in cache.sentences), key=len)
    total, done = len(fresh) + len(new_sentences), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress("Encoding", done, total)

    rows = np.empty((len(pieces), encoder.dimension), dtype=np.float32)

    def passage_tokens() -> Iterator[tuple[int, EncodedText]]:
        for place, text in encoder.encode_passage_tokens([pieces[number] for number in fresh]) if fresh else ():
            rows[fresh[place]] = text.vector
            advance(1)
            yield fresh[place], text

    stored = {number: (segment.tokens, row) for number, (segment, row) in reused.items()}
    tokens = TokenIndex.build(passage_tokens(), previous=projection, reused=stored)
    for number, (segment, row) in reused.items():
        rows[number] = segment.passage_vectors.rows([row])[0]
    return PassageIndexes(
        passages=VectorIndex.build(rows),
        sentences=VectorIndex.build(_sentence_rows(sentences, new_sentences, encoder, cache, advance)),
        tokens=tokens,
        postings=Postings.build([terms(join_pieces(passage)) for passage in pieces]),
        embedded=total,
    )


def merge_indexes(segments: Sequence[tuple[Segment, Sequence[Passage]]]) -> PassageIndexes:
    """Merges the indexes of these passages of each segment, in the order of the segments; nothing is encoded."""
    kept_rows: list[tuple[Segment, Rows, Rows]] = []
    for segment, kept_passages in segments:
        kept_ids = set(map(id, kept_passages))
        counts = np.array([len(passage.sentences) for passage in segment.passages], dtype=np.int64)
        is_kept = np.array([id(passage) in kept_ids for passage in segment.passages], dtype=bool)
        kept_rows.append((segment, np.flatnonzero(is_kept), np.flatnonzero(np.repeat(is_kept, counts))))
    stored = [(segment.tokens, int(row)) for segment, rows, _ in kept_rows for row in rows]
    return PassageIndexes(
        passages=VectorIndex.build(np.vstack([segment.passage_vectors.rows(rows) for segment, rows, _ in kept_rows])),
        sentences=VectorIndex.build(np.vstack([segment.sentence_vectors.rows(rows) for segment, _, rows in kept_rows])),
        tokens=TokenIndex.build((), previous=segments[0][0].tokens, reused=dict(enumerate(stored))),
        postings=Postings.merge([(segment.postings, rows) for segment, rows, _ in kept_rows]),
        embedded=0,
    )


def _sentence_rows(
    sentences: Sequence[str],
    new_sentences: Sequence[str],
    encoder: Encoder,
    cache: EncodingCache,
    advance: Callable[[int], None],
) -> FloatRows:
    vectors = {text: segment.sentence_vectors.rows([row])[0] for text, (segment, row) in cache.sentences.items()}
    if new_sentences:
        vectors.update(zip(new_sentences, encoder.encode_passages(new_sentences, progress=advance), strict=True))
    if not sentences:
        return np.empty((0, encoder.dimension), np.float32)
    return np.vstack([vectors[sentence] for sentence in sentences])
