"""What was encoded before is taken over, and gives what a new build would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings.late_interaction import TokenIndex
from embeddings.vectors import EncodedText, FloatRows
from rag.ingest.passages import search_pieces
from rag.library.bm25 import LexicalIndex
from rag.library.build.segment_writer import EncodingCache, build_indexes, merge_indexes
from rag.library.reader import Library
from rag.library.segment import Indexes
from tests.support.hashing_encoder import HashingEncoder
from tests.support.maxsim import maxsim
from tests.support.sample_library import build_library

LINES = [
    f"Guests from the {n} hills planted trees. They sang in the rain." for n in "red green blue white black".split()
]


class Counting(HashingEncoder):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[tuple[str, ...]] = []
        self.sentences: list[str] = []

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        self.sentences += texts
        return super().encode_passages(texts, progress=progress)

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        self.passages += [tuple(text) for text in texts]
        return super().encode_passage_tokens(texts)


@pytest.fixture
def before(tmp_path: Path) -> Library:
    texts = {f"n{number}": f"Trees\nDate: 2024-01-0{number}\n\n{line}" for number, line in enumerate(LINES, 1)}
    return build_library(tmp_path, encoder=HashingEncoder(), **texts)


def pieces_of(library: Library) -> list[tuple[str, ...]]:
    return [search_pieces(passage, library.cached_text(passage.bulletin)) for passage in library.passages]


def of(library: Library) -> tuple[EncodingCache, TokenIndex]:
    """What a library had encoded, and the projection of its word pieces."""
    old = EncodingCache()
    [segment] = library.segments
    old.add(segment, {bulletin.name: library.text(bulletin.sha256) for bulletin in library.bulletins})
    return old, segment.indexes.tokens


def lengths(indexes: Indexes) -> tuple[int, int, int, int]:
    """The numbers of passages in the three indexes of passages, and of sentences."""
    return len(indexes.passage_vectors), len(indexes.tokens), len(indexes.postings), len(indexes.sentence_vectors)


def silent(what: str, done: int, whole: int) -> None:
    """Takes no notice of progress."""


def same(one: Indexes, other: Indexes) -> None:
    """Both find the same, by every index."""
    for question in ("Guests from the blue hills", "They sang in the rain"):
        row = HashingEncoder().encode_passages([question])
        (tokens,) = HashingEncoder().encode_query_tokens([question])
        np.testing.assert_allclose(one.passage_vectors.scores(row), other.passage_vectors.scores(row), atol=1e-6)
        np.testing.assert_allclose(one.sentence_vectors.scores(row), other.sentence_vectors.scores(row), atol=1e-6)
        # Token vectors are kept in 8 bits.
        np.testing.assert_allclose(
            maxsim(one.tokens, tokens.token_vectors), maxsim(other.tokens, tokens.token_vectors), atol=0.03
        )
        terms = question.lower().split()
        mine, theirs = (LexicalIndex([each.postings], np.arange(len(each.postings))) for each in (one, other))
        np.testing.assert_allclose(mine.scores(terms), theirs.scores(terms), atol=1e-6)


def test_a_first_build_encodes_each_passage_and_each_sentence_once() -> None:
    """A sentence that stands in many passages too."""
    encoder = Counting()
    pieces = [("Trees.", *line.split(". ")) for line in LINES]
    built, encoded = build_indexes(pieces, encoder, EncodingCache(), None, silent)
    assert sorted(encoder.passages) == sorted(pieces)
    assert sorted(encoder.sentences) == sorted({sentence for passage in pieces for sentence in passage[1:]})
    assert encoded == len(encoder.passages) + len(encoder.sentences) == 5 + 6
    assert lengths(built) == (5, 5, 5, 10)


def test_nothing_is_encoded_again_in_whatever_order(before: Library) -> None:
    """Passages are known by their words, not by their place."""
    encoder = Counting()
    pieces = pieces_of(before)[::-1]
    built, encoded = build_indexes(pieces, encoder, *of(before), silent)
    assert (encoder.passages, encoder.sentences, encoded) == ([], [], 0)
    same(built, build_indexes(pieces, HashingEncoder(), EncodingCache(), None, silent)[0])


def test_only_what_is_new_is_encoded(before: Library) -> None:
    """A passage with one new sentence is read anew; its old sentence is not."""
    encoder = Counting()
    pieces = pieces_of(before)
    changed = (*pieces[2][:-1], "They danced in the snow.")
    pieces[2] = changed
    built, encoded = build_indexes(pieces, encoder, *of(before), silent)
    assert encoder.passages == [changed]
    assert encoder.sentences == ["They danced in the snow."]
    assert encoded == 2
    same(built, build_indexes(pieces, HashingEncoder(), EncodingCache(), None, silent)[0])


def test_a_passage_under_another_heading_is_read_anew(before: Library) -> None:
    """Its vector is of both; its sentences' are their own."""
    encoder = Counting()
    pieces = pieces_of(before)
    pieces[0] = ("Other trees.", *pieces[0][1:])
    build_indexes(pieces, encoder, *of(before), silent)
    assert encoder.passages == [pieces[0]]
    assert encoder.sentences == []


def test_what_is_gone_leaves_nothing(before: Library) -> None:
    """The rest keeps its own vectors."""
    pieces = pieces_of(before)[1:4]
    built, _ = build_indexes(pieces, Counting(), *of(before), silent)
    assert (len(built.passage_vectors), len(built.tokens), len(built.postings)) == (3, 3, 3)
    same(built, build_indexes(pieces, HashingEncoder(), EncodingCache(), None, silent)[0])


def test_merged_indexes_are_the_same_rows_without_those_left_out(before: Library) -> None:
    """Nothing is encoded, and the passages that stay are found as before."""
    [segment] = before.segments
    kept = [passage for passage in segment.passages if passage.bulletin != "n2.txt"]
    pieces = [search_pieces(passage, before.cached_text(passage.bulletin)) for passage in kept]
    built = merge_indexes([(segment, kept)])
    assert lengths(built) == (4, 4, 4, 8)
    same(built, build_indexes(pieces, HashingEncoder(), EncodingCache(), None, silent)[0])


def test_progress_counts_what_is_encoded(before: Library) -> None:
    """From nothing to all of it."""
    told: list[tuple[str, int, int]] = []
    pieces = [*pieces_of(before), ("Fish.", "Fishermen told of storms.")]
    build_indexes(pieces, HashingEncoder(), *of(before), lambda *step: told.append(step))
    assert told == [("Encoding", 1, 2), ("Encoding", 2, 2)]


def test_nothing_can_be_indexed() -> None:
    """No passages give empty indexes of the right width."""
    built, encoded = build_indexes([], HashingEncoder(), EncodingCache(), None, silent)
    assert (len(built.passage_vectors), len(built.sentence_vectors), encoded) == (0, 0, 0)
    assert built.passage_vectors.dimension == HashingEncoder().dimension
