"""What counts as found, and what a quote earns."""

from __future__ import annotations

import pytest

from rag.evaluation.judge import Texts, Verdict, is_match, judge
from rag.models import Quote
from tests.support.evaluation_run import HOTLINE, PEACHES, ROBOTS, TALK, TEXTS, gold_passage, quote_at

texts = Texts(TEXTS)


@pytest.mark.parametrize(
    ("quote", "is_found"),
    [
        (quote_at("a.txt", PEACHES), True),
        (quote_at("a.txt", f"{PEACHES} It will take weeks."), True),
        (quote_at("a.txt", "Peaches left for"), False),  # 16 of 33 characters
        (quote_at("a.txt", "Peaches left for Li"), True),
        (quote_at("a.txt", "Lisbon on May 4. It will"), False),  # 16 of them, running over the end
        (quote_at("a.txt", "for Lisbon on May 4. It will"), True),
        (quote_at("a.txt", "District\n\nPeaches left for Lis"), True),
        (quote_at("a.txt", PEACHES, PEACHES.replace("4", "5")), False),
        (quote_at("a.txt", f"\n{PEACHES[:-1]}", PEACHES), False),  # the words are right, the place isn't
        (quote_at("b.txt", TALK), False),
    ],
)
def test_half_of_the_passage_word_for_word_is_enough(quote: Quote, is_found: bool) -> None:
    """Contained, or at least half covered, at the place that the quote names."""
    assert is_match(quote, gold_passage("a.txt", PEACHES), texts) is is_found


def test_white_space_does_not_count() -> None:
    """A gold quote may have been written on one line."""
    assert is_match(
        quote_at("a.txt", "Pinggu District\n\nPeaches"), gold_passage("a.txt", "Pinggu  District Peaches"), texts
    )


def test_a_republished_text_is_the_same_source() -> None:
    """The gold names one of the bulletins that hold the words; half of the words elsewhere are another text."""
    assert is_match(quote_at("copy.txt", ROBOTS), gold_passage("a.txt", ROBOTS), texts)
    assert not is_match(quote_at("copy.txt", ROBOTS), gold_passage("a.txt", f"{ROBOTS} They bowed twice."), texts)


@pytest.mark.parametrize(("before", "is_found"), [(600, True), (700, False)])
def test_a_quote_is_not_a_page(before: int, is_found: bool) -> None:
    """At most 700 characters, or three times the passage."""
    at = TEXTS["long.txt"].index(PEACHES)
    page = quote_at("long.txt", TEXTS["long.txt"][at - before : at + len(PEACHES)])
    assert is_match(page, gold_passage("long.txt", PEACHES), texts) is is_found


GROUP = [gold_passage("a.txt", ROBOTS, group=1), gold_passage("copy.txt", ROBOTS, alternative_group=1)]
LISTED = [*GROUP, gold_passage("a.txt", PEACHES), gold_passage("b.txt", HOTLINE, optional=True)]


@pytest.mark.parametrize(
    ("quotes", "ranks", "verdicts"),
    [
        ([], (None, None), ()),
        ([quote_at("copy.txt", ROBOTS)], (1, None), ("right",)),
        ([quote_at("a.txt", ROBOTS), quote_at("copy.txt", ROBOTS)], (1, None), ("right", "other")),
        ([quote_at("a.txt", ROBOTS), quote_at("a.txt", ROBOTS)], (1, None), ("right", "repeat")),
        ([quote_at("b.txt", HOTLINE), quote_at("a.txt", PEACHES)], (None, 1), ("extra", "right")),
        ([quote_at("b.txt", TALK), quote_at("a.txt", PEACHES)], (None, 2), ("wrong", "right")),
    ],
)
def test_what_a_quote_earns(quotes: list[Quote], ranks: tuple[int | None, ...], verdicts: tuple[Verdict, ...]) -> None:
    """Alternatives are one unit, optional passages take no rank, repeating earns nothing."""
    assert judge(LISTED, quotes, texts) == (ranks, verdicts)


def test_a_quote_over_two_sections_finds_nothing() -> None:
    """Else the whole bulletin, quoted at once, would be the best answer to any list."""
    both = quote_at("a.txt", f"{ROBOTS} They bowed twice.\n\nPinggu District\n\n{PEACHES}")
    apart = [gold_passage("a.txt", ROBOTS, section="Haidian"), gold_passage("a.txt", PEACHES, section="Pinggu")]
    together = [gold_passage("a.txt", ROBOTS, section="Both"), gold_passage("a.txt", PEACHES, section="Both")]
    assert judge(apart, [both], texts) == ((None, None), ("wrong",))
    assert judge(together, [both], texts) == ((1, 1), ("right",))


@pytest.mark.parametrize(
    ("words", "is_whole"),
    [
        (ROBOTS, True),
        ("Haidian District", True),
        ("They bowed twice.", True),
        ("robots greeted guests on May 3.", False),
        ("Twenty robots greeted", False),
    ],
)
def test_whole_sentences_begin_and_end_with_one(words: str, is_whole: bool) -> None:
    """A line's end will do too: headings have no full stop."""
    assert texts.is_whole_sentences(quote_at("a.txt", words)) is is_whole
