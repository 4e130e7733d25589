"""Arrays of unit vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import BadVectors
from embeddings.vectors import as_rows, check_unit_rows, unit_rows

numbers = st.floats(-(2.0**100), 2.0**100, width=32).filter(lambda number: abs(number) > 2.0**-100)


def test_rows_are_divided_by_their_lengths():
    """3, 4 becomes 0.6, 0.8."""
    units = unit_rows([[3, 4], [0, -2]])
    assert units.dtype == np.float32
    np.testing.assert_allclose(units, [[0.6, 0.8], [0, -1]], rtol=1e-6)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_row_ends_up_with_length_one(rows):
    """Also where the squares of the numbers leave the range of float32."""
    np.testing.assert_allclose(np.linalg.norm(unit_rows(rows), axis=1), 1, rtol=1e-6)


def test_unit_rows_are_in_c_order_and_the_callers_array_is_left_alone():
    """A transposed array comes out contiguous, and the input keeps its values."""
    given_rows = np.asfortranarray([[3.0, 4.0], [6.0, 8.0]], dtype=np.float32)
    units = unit_rows(given_rows)
    assert units.flags.c_contiguous
    assert given_rows.tolist() == [[3, 4], [6, 8]]


def test_no_rows_are_fine():
    """An empty library has vectors of shape (0, d)."""
    assert unit_rows(np.empty((0, 5))).shape == (0, 5)


def test_a_zero_row_is_named():
    """It has no direction, so no similarity."""
    with pytest.raises(BadVectors, match="row 1 is zero"):
        unit_rows([[1, 0], [0, 0]])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_named(number):
    """Every comparison with it would be wrong in silence."""
    with pytest.raises(BadVectors, match="row 1 holds a number that is not finite"):
        as_rows([[1, 0], [number, 0]])


@pytest.mark.parametrize("rows", [1.0, [1, 2, 3], [[[1.0]]], np.empty((3, 0))])
def test_other_shapes_are_refused(rows):
    """Only (n, d) with d > 0 is rows."""
    with pytest.raises(BadVectors, match="must be"):
        as_rows(rows)


def test_a_wrong_dimension_names_both():
    """Vectors of two models don't mix."""
    with pytest.raises(BadVectors, match="3 dimensions, expected 2"):
        as_rows([[1, 2, 3]], dimension=2)


def test_unit_rows_pass_the_check_as_they_are():
    """Rows carried from one index to the next keep every bit, and aren't copied."""
    units = unit_rows(np.random.default_rng(1).standard_normal((50, 384)))
    assert check_unit_rows(units) is units


def test_rows_of_another_length_fail_the_check():
    """Their inner products wouldn't be cosine similarities."""
    with pytest.raises(BadVectors, match="row 0 is not of length 1"):
        check_unit_rows([[0.5, 0.5]])
