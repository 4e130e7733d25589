"""Passages' search texts -> every index that a question is compared with; what was encoded before is taken over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoder import Encoder
from embeddings.index import VectorIndex
from embeddings.pieces import joined
from embeddings.tokens import TokenIndex
from embeddings.vectors import FloatRows, TokenRows
from rag.folder import Progress
from rag.lexical import LexicalIndex
from rag.library import Library
from rag.passages import search_pieces
from rag.terms import terms

Pieces = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Indexes:
    """``embedded`` counts the texts that had to be encoded."""

    passages: VectorIndex
    sentences: VectorIndex
    tokens: TokenIndex
    lexical: LexicalIndex
    embedded: int

    def parts(self) -> tuple[tuple[str, VectorIndex | TokenIndex | LexicalIndex], ...]:
        """Each with the name of its folder in a generation."""
        return (
            ("passages", self.passages),
            ("sentences", self.sentences),
            ("tokens", self.tokens),
            ("terms", self.lexical),
        )


def encoded(pieces: Pieces, encoder: Encoder, before: Library | None, tell: Progress) -> Indexes:
    """The indexes of the passages that these pieces (context, then sentences) are read from.

    What ``before``, whose encoder must be this one, had encoded is not encoded again.
    """
    old = _Old(before) if before else _Old(None)
    texts = [joined(passage) for passage in pieces]
    fresh = [n for n, passage in enumerate(pieces) if tuple(passage) not in old.passages]
    if len(fresh) > len(pieces) // 2:  # the token vectors' projection was fitted on what is now the smaller part
        fresh = list(range(len(pieces)))
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

    anew = set(fresh)
    reused = {n: old.passages[tuple(passage)] for n, passage in enumerate(pieces) if n not in anew}
    tokens = TokenIndex.build(passage_tokens(), before=before.tokens if before else None, reused=reused)
    if before and reused:
        rows[list(reused)] = before.passage_vectors.rows(list(reused.values()))
    new = dict(zip(missing, encoder.encode_passages(missing, progress=told), strict=True)) if missing else {}
    return Indexes(
        VectorIndex.build(rows),
        VectorIndex.build(_stacked([new[s] if s in new else old.sentences[s] for s in sentences], encoder.dimension)),
        tokens,
        LexicalIndex.build([terms(text) for text in texts]),
        whole,
    )


class _Old:
    """What the generation before had encoded: a passage's number by its pieces, a sentence's row by its words."""

    def __init__(self, before: Library | None) -> None:
        self.passages: dict[tuple[str, ...], int] = {}
        self.sentences: dict[str, FloatRows] = {}
        if before is None:
            return
        texts = {bulletin.name: before.text(bulletin.sha256) for bulletin in before.bulletins}
        pieces = [search_pieces(passage, texts[passage.bulletin]) for passage in before.passages]
        self.passages = {passage: number for number, passage in enumerate(pieces)}
        rows = before.sentence_vectors.rows(np.arange(len(before.sentence_vectors)))
        self.sentences = dict(zip((s for passage in pieces for s in passage[1:]), rows, strict=True))


def _stacked(rows: Sequence[FloatRows], dimension: int) -> FloatRows:
    return np.vstack(rows) if rows else np.empty((0, dimension), np.float32)
