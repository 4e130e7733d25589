"""Passages' search texts -> every index that a question is compared with; what was encoded before is taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.late_interaction import TokenIndex
from embeddings.token_spans import joined
from embeddings.vector_index import VectorIndex
from embeddings.vectors import FloatRows, TokenRows
from rag.ingest.folders import Progress
from rag.ingest.passages import search_pieces
from rag.library.bm25 import Postings
from rag.library.segment import Segment
from rag.models import Passage
from rag.text.analyzer import terms

Pieces = Sequence[Sequence[str]]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Indexes:
    """``embedded`` counts the texts that had to be encoded."""

    passages: VectorIndex
    sentences: VectorIndex
    tokens: TokenIndex
    postings: Postings
    embedded: int


@dataclass(slots=True)
class Encoded:
    """What had been encoded before: where each passage, by its pieces, and each sentence, by its words, is stored."""

    passages: dict[tuple[str, ...], tuple[Segment, int]] = field(default_factory=dict)
    sentences: dict[str, tuple[Segment, int]] = field(default_factory=dict)

    def add(self, segment: Segment, texts: Mapping[str, str]) -> None:
        """The passages of a segment's bulletins whose texts, by name, are given."""
        row = 0
        for number, passage in enumerate(segment.passages):
            if passage.bulletin in texts:
                pieces = search_pieces(passage, texts[passage.bulletin])
                self.passages.setdefault(pieces, (segment, number))
                for place, sentence in enumerate(pieces[1:]):
                    self.sentences.setdefault(sentence, (segment, row + place))
            row += len(passage.sentences)


def encoded(pieces: Pieces, encoder: Encoder, old: Encoded, projection: TokenIndex | None, tell: Progress) -> Indexes:
    """The indexes of the passages that these pieces (context, then sentences) are read from.

    What this encoder had encoded before, ``old``, is not encoded again.  The word pieces' projection is that of
    ``projection``, which is also that of ``old``; None fits one.
    """
    texts = [joined(passage) for passage in pieces]
    reused = {n: old.passages[tuple(own)] for n, own in enumerate(pieces) if tuple(own) in old.passages}
    fresh = [n for n in range(len(pieces)) if n not in reused]
    sentences = [sentence for passage in pieces for sentence in passage[1:]]
    missing = sorted({s for s in sentences if s not in old.sentences}, key=len)
    whole, done = len(fresh) + len(missing), 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        tell("Encoding", done, whole)

    rows = np.empty((len(texts), encoder.dimension), dtype=np.float32)

    def passage_tokens() -> Iterator[tuple[int, TokenRows]]:
        for place, text in encoder.encode_passage_tokens([pieces[n] for n in fresh]) if fresh else ():
            rows[fresh[place]] = text.row
            told(1)
            yield fresh[place], text

    stored = {number: (segment.tokens, row) for number, (segment, row) in reused.items()}
    tokens = TokenIndex.build(passage_tokens(), before=projection, reused=stored)
    for number, (segment, row) in reused.items():
        rows[number] = segment.passage_vectors.rows([row])[0]
    new = dict(zip(missing, encoder.encode_passages(missing, progress=told), strict=True)) if missing else {}
    known = {s: segment.sentence_vectors.rows([row])[0] for s, (segment, row) in old.sentences.items() if s not in new}
    return Indexes(
        VectorIndex.build(rows),
        VectorIndex.build(_stacked([new[s] if s in new else known[s] for s in sentences], encoder.dimension)),
        tokens,
        Postings.build([terms(text) for text in texts]),
        whole,
    )


def merged(segments: Sequence[tuple[Segment, Sequence[Passage]]]) -> Indexes:
    """The indexes of these passages of each segment, one segment's after another's; nothing is encoded."""
    found: list[tuple[Segment, Numbers, Numbers]] = []
    for segment, own in segments:
        wanted = set(map(id, own))
        counts = np.array([len(passage.sentences) for passage in segment.passages], dtype=np.int64)
        kept = np.array([id(passage) in wanted for passage in segment.passages], dtype=bool)
        found.append((segment, np.flatnonzero(kept), np.flatnonzero(np.repeat(kept, counts))))
    stored = [(segment.tokens, int(row)) for segment, rows, _ in found for row in rows]
    return Indexes(
        VectorIndex.build(np.vstack([segment.passage_vectors.rows(rows) for segment, rows, _ in found])),
        VectorIndex.build(np.vstack([segment.sentence_vectors.rows(rows) for segment, _, rows in found])),
        TokenIndex.build((), before=segments[0][0].tokens, reused=dict(enumerate(stored))),
        Postings.merged([(segment.postings, rows) for segment, rows, _ in found]),
        0,
    )


def _stacked(rows: Sequence[FloatRows], dimension: int) -> FloatRows:
    return np.vstack(rows) if rows else np.empty((0, dimension), np.float32)
