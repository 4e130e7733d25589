"""Numbers in words and figures."""

from rag.text.numbers import numbers


def test_numbers_in_words_and_figures() -> None:
    """Scales, tens, thousands; no dates with strokes, times, or telephone numbers."""
    text = "two hundred and six thousand, 3.5 million, forty-one; 10:30, 2024-05-06, T3, 010-8888"
    assert [number.value for number in numbers(text)] == [206_000, 3_500_000, 41]
