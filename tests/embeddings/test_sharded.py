"""Several indexes shown as one: the numbers are those of a single index of the same rows in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import BadVectors
from embeddings.late_interaction import TokenIndex
from embeddings.sharded import ShardedTokens, ShardedVectors
from embeddings.vector_index import VectorIndex
from embeddings.vectors import EncodedText, unit_rows
from tests.support.maxsim import maxsim

ROWS = unit_rows(np.random.default_rng(1).standard_normal((30, 16)))
QUERY = unit_rows(np.random.default_rng(2).standard_normal((5, 16)))


def passage(number: int) -> EncodedText:
    """One of as many word pieces as its number says (none for every fifth), in two pieces, the first one empty."""
    count = number % 5
    vectors = unit_rows(np.random.default_rng(number).standard_normal((count, 16)))
    pieces = np.ones(count, np.int16)
    return EncodedText(ROWS[number], vectors, np.zeros((count, 2), np.int32), pieces, 2)


PASSAGES = [passage(number) for number in range(30)]
WHOLE = TokenIndex.build(enumerate(PASSAGES))


def vectors_of(ends: Sequence[int], rows: Sequence[int]) -> ShardedVectors:
    """Rows of parts that end there."""
    parts = [VectorIndex.build(ROWS[a:b]) for a, b in pairwise([0, *ends])]
    return ShardedVectors(parts, np.array(rows, dtype=np.int64))


def tokens_of(ends: Sequence[int], rows: Sequence[int]) -> ShardedTokens:
    parts = [TokenIndex.build(enumerate(PASSAGES[a:b]), previous=WHOLE) for a, b in pairwise([0, *ends])]
    return ShardedTokens(parts, np.array(rows, dtype=np.int64))


ends_and_rows = st.tuples(
    st.lists(st.integers(0, 30), max_size=4).map(lambda ends: [*sorted(ends), 30]),
    st.lists(st.integers(0, 29), unique=True, max_size=30) | st.just(list(range(30))),
)


@settings(max_examples=60, deadline=None)
@given(ends_and_rows)
def test_vectors_of_several_are_those_of_one(case: tuple[list[int], list[int]]) -> None:
    """In whatever parts, empty ones too, in whatever order, with rows left out: scores bit for bit."""
    ends, rows = case
    expected = VectorIndex.build(ROWS[rows]).scores(QUERY[0])
    np.testing.assert_array_equal(vectors_of(ends, rows).scores(QUERY[0]), expected)


@settings(max_examples=60, deadline=None)
@given(ends_and_rows)
def test_word_pieces_of_several_are_those_of_one(case: tuple[list[int], list[int]]) -> None:
    """Of all passages, of some, and piece by piece; a passage without word pieces keeps its -1."""
    ends, rows = case
    joined = tokens_of(ends, rows)
    assert len(joined) == len(rows)
    np.testing.assert_array_equal(maxsim(joined, QUERY), maxsim(WHOLE, QUERY, rows))
    some = [*range(len(rows))][::-3]
    places = [rows[number] for number in some]
    np.testing.assert_array_equal(maxsim(joined, QUERY, some), maxsim(WHOLE, QUERY, places))
    found, expected = joined.maxsim_by_piece(QUERY, some), WHOLE.maxsim_by_piece(QUERY, places)
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_nothing_at_all_is_fine() -> None:
    """A generation without bulletins has no segment."""
    vectors, tokens = ShardedVectors([], np.empty(0, np.int64)), ShardedTokens([], np.empty(0, np.int64))
    assert vectors.scores(QUERY[0]).shape == (0,)
    assert (len(tokens), tokens.maxsim_by_piece(QUERY, [])) == (0, [])


@pytest.mark.parametrize("unknown", [-1, 3])
def test_a_row_that_there_is_not_is_named(unknown: int) -> None:
    """A negative number doesn't count from the end, and a row that was left out can't be had."""
    tokens = tokens_of([10, 30], [4, 20, 7])
    with pytest.raises(BadVectors, match=f"there is no row {unknown}; there are 3"):
        tokens.maxsim_by_piece(QUERY, [unknown])


def test_what_cannot_be_compared_is_not_joined() -> None:
    """Vectors of two models, word pieces of two projections: their numbers would look like any others."""
    with pytest.raises(BadVectors, match="differ in dimension"):
        ShardedVectors([VectorIndex.build(ROWS), VectorIndex.build(unit_rows(np.ones((2, 8))))], np.arange(32))
    with pytest.raises(BadVectors, match="projections differ"):
        ShardedTokens([WHOLE, TokenIndex.build(enumerate(PASSAGES[:9]))], np.arange(39))
    with pytest.raises(BadVectors, match="one query is scored at a time"):
        vectors_of([10, 30], range(30)).scores(QUERY)


def test_an_index_of_no_passages_hands_its_projection_on() -> None:
    """Otherwise what is built beside it could not be shown together with the rest."""
    empty = TokenIndex.build([], previous=WHOLE)
    assert (len(empty), empty.quantizer.digest) == (0, WHOLE.quantizer.digest)
    assert TokenIndex.build(enumerate(PASSAGES[:9]), previous=empty).quantizer.digest == WHOLE.quantizer.digest
