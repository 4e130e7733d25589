"""Where sentences end, in English and in Chinese."""

from __future__ import annotations

import pytest

from rag import limits
from rag.models import Span
from rag.text.sentences import split_long_sentence, split_sentences, trim


def sentences(text: str) -> list[str]:
    return [trim(span, text).of(text) for span in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["It rained.", "The guests stayed."],
        ["Did it rain?", "It did!", "The guests stayed…"],
        ["Pupils of Beijing No.80 High School came.", "They sang."],
        ["Pupils of No. 3 Primary School came.", "They sang."],
        ["Jingxi Tourism Co., Ltd. sent its staff.", "They hiked."],
        ["Guests from the U.S. and the U.K. came at 9 a.m. on Monday.", "They stayed."],
        ["Mr. Li met Dr. Smith and Prof. Wang.", "They talked."],
        ["The share rose by 4.6 percent to 3.25 million.", "It is the highest yet."],
        ["“Now I dare to travel,” said Ms. Zhao.", "She laughed."],
        ["He said, “We came for the tulips.”", "Then he left."],
        ["The office is closed (see the notice.)", "It opens on Monday."],
        ["It was fun!", "“Was it?” she asked."],
        ["“Trade follows friendship,” Ms. Salas said.", "“Our two cities have been friends for many years."],
        ["She told the guests.", "“Today we are seventy,” she said."],
        ["It ended.", "(Nobody knew why.)", "Then it began."],
        ["He nodded.", "‘We go,’ he said.", "«They stay.»"],
        ["代表团参访了社区。", "他们给予高度评价！", "是吗？"],
        ["“领事保护进社区”活动举行。", "50余名居民参加。"],
        ["It was held in Maliandao （马连道）.", "All came."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    """Abbreviations, numbers and initials end none; quotation marks and brackets close with their sentence."""
    joint = "" if "。" in expected[0] else " "
    assert sentences(joint.join(expected)) == expected


def test_a_line_break_ends_a_sentence() -> None:
    """Headlines and list items have no full stop."""
    assert sentences("A headline\nIt rained.\r\nThe guests\rstayed") == [
        "A headline",
        "It rained.",
        "The guests",
        "stayed",
    ]


def test_what_holds_no_word_joins_its_neighbor() -> None:
    """A number or a dash alone is no sentence."""
    assert sentences("1. Bring a passport. — 2. Bring a pen.") == ["1. Bring a passport.", "— 2. Bring a pen."]
    assert sentences("...") == ["..."]


def test_white_space_belongs_to_the_sentence_before_it() -> None:
    """Double spaces, no-break spaces and line breaks are kept, so that the pieces are the whole text."""
    text = "It rained.  \u00a0The guests stayed.\n\n"
    assert [span.of(text) for span in split_sentences(text)] == ["It rained.  \u00a0", "The guests stayed.\n\n"]


def test_nothing_has_no_sentences() -> None:
    """The empty text is cut into nothing."""
    assert split_sentences("") == []


def test_no_sentence_is_endless() -> None:
    """A text that has lost its full stops is cut between words."""
    text = "word " * 1000
    spans = split_sentences(text)
    assert max(span.end - span.start for span in spans) <= limits.MAX_SENTENCE_CHARS
    assert {text[span.end - 1] for span in spans} == {" "}


def test_halves_are_parted_between_words_and_never_blank() -> None:
    """Together they hold all words; what has no white space is parted anywhere."""
    text = "first second third fourth" + " " * 80
    assert [half.of(text) for half in split_long_sentence(Span(0, 25), text)] == ["first second ", "third fourth"]
    assert [half.of(text).strip() for half in split_long_sentence(Span(0, len(text)), text)] == [
        "first second third fourth"
    ]
    assert [half.of("abcd") for half in split_long_sentence(Span(0, 4), "abcd")] == ["ab", "cd"]
    assert split_long_sentence(Span(0, 1), "a") == [Span(0, 1)]


@pytest.mark.parametrize("space", ["\u3000", "\u00a0", "\x85"])
def test_a_wide_space_before_a_full_stop_ends_no_program(space: str) -> None:
    """The library that finds the sentences takes the white space between an initial and a full stop for one byte."""
    text = f"Guests of A{space}. came. They sang.\n"
    assert "".join(span.of(text) for span in split_sentences(text)) == text


def test_opening_marks_belong_to_what_they_open() -> None:
    """However many there are, and with white space behind them."""
    text = "They came. (\u201c We sang. [[ All left."
    assert [span.of(text) for span in split_sentences(text)] == ["They came. ", "(\u201c We sang. ", "[[ All left."]
