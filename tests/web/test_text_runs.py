"""A text cut into runs, each with its mark."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.models import Span
from rag.web.text_runs import text_runs


@given(
    text=st.text(max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6),
)
def test_runs_cover_every_character_once(text: str, spans: list[tuple[int, int]]) -> None:
    """Overlapping, empty, reversed and outlying marks lose and double nothing."""
    marks = [(Span(start, end), "m") for start, end in spans]
    assert "".join(words for words, _ in text_runs(text, Span(0, len(text)), marks)) == text
