"""Which questions lean on the ones before, and what they take over."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.query.follow_up import depends_on
from rag.query.mentions import find_mentions
from rag.query.parse import parse_question

FIRST = "What consular protection events happened in Shijingshan in 2023?"


def earlier_of(question: str, history: list[str]) -> tuple[str, ...]:
    needed = depends_on(find_mentions(question), [*map(find_mentions, history)])
    return tuple(history[len(history) - needed :])


@pytest.mark.parametrize(
    "question",
    [
        "and in Haidian?",
        "What about 2024?",
        "What did they sign?",
        "How much did that cost?",
        "who was the head of that delegation",
        "Is there another figure for the same time?",
        "Haidian?",
        "还有海淀呢",
        "Who?",
        "How many were there?",
        "And the price?",
        "What about lectures?",
        "and compared with 2022?",
    ],
)
def test_a_follow_up_depends_on_the_question_before(question: str) -> None:
    """It opens like one, points back, or is a mere fragment."""
    assert earlier_of(question, [FIRST]) == (FIRST,)


@pytest.mark.parametrize(
    "question",
    [
        "How long does an apostille take?",
        "What has Shunyi offered its residents?",
        "Which companies that trade with Chile were there?",
        "Are there any drills for firms?",
        "What happened this year?",
        "consular protection events",
        "Miyun District: what happened there in 2024?",
        "Daxin: what happened there?",
        "How many lectures were there in 2022?",
    ],
)
def test_a_new_topic_drops_what_came_before(question: str) -> None:
    """A whole question stands by itself, and its own "its" points to itself."""
    assert earlier_of(question, [FIRST]) == ()


def test_a_chain_goes_back_to_the_question_that_stands_alone() -> None:
    """A follow-up of a follow-up brings both."""
    history = ["Who opened the market?", FIRST, "and in Haidian?"]
    assert earlier_of("And in 2024?", history) == (FIRST, "and in Haidian?")


def test_nothing_is_carried_without_a_history() -> None:
    """The first question has nothing to lean on."""
    assert earlier_of("and in Haidian?", []) == ()
    assert parse_question("and in Haidian?").inherited == ()


def test_what_the_follow_up_names_replaces_what_came_before() -> None:
    """Topic and period stay, the district is the new one; what was taken over is said."""
    query = parse_question("and in Haidian?", history=[FIRST])
    assert query.districts == ("Haidian District",)
    assert (query.date_from, query.date_to) == (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert (query.kind, query.topic) == ("list", "consular protection")
    assert query.inherited == ("consular protection", "2023")
    assert "Shijingshan" not in query.words


def test_a_follow_up_with_a_topic_of_its_own_is_searched_with_both() -> None:
    """ "What did they sign?" needs to know who they are."""
    query = parse_question("What did they sign?", history=["Which delegation from Kazan came to Changping?"])
    assert query.kind == "fact"
    assert "Kazan" in query.words
    assert "sign" in query.words
    assert query.districts == ("Changping District",)


@pytest.mark.parametrize(
    ("question", "topic", "districts", "years", "kind"),
    [
        ("What about 2024?", "consular protection", ["Shijingshan District"], (2024, 2024), "list"),
        ("and in March?", "consular protection", ["Shijingshan District"], (2023, 2023), "list"),
        ("And the year before?", "consular protection", ["Shijingshan District"], (2022, 2022), "list"),
        ("And the following year?", "consular protection", ["Shijingshan District"], (2024, 2024), "list"),
        ("What about concerts?", "concerts", ["Shijingshan District"], (2023, 2023), "list"),
        ("And the price?", "consular protection price", ["Shijingshan District"], (2023, 2023), "fact"),
        ("How many were there?", "consular protection", ["Shijingshan District"], (2023, 2023), "count"),
        ("还有海淀呢", "consular protection", ["Haidian District"], (2023, 2023), "list"),
        ("Compare that with Miyun", "consular protection", ["Shijingshan District", "Miyun District"], (2023, 2023),
         "compare"),
        ("and compared with 2021?", "consular protection", ["Shijingshan District"], (2021, 2023), "compare"),
        ("How long does an apostille take?", "long apostille", [], None, "fact"),
    ],
)  # fmt: skip
def test_what_is_unsaid_is_taken_over(
    question: str, topic: str, districts: list[str], years: tuple[int, int] | None, kind: str
) -> None:
    """Topic, districts and period; a new topic with a connecting word takes only the topic's place."""
    query = parse_question(question, history=[FIRST])
    assert (query.topic, list(query.districts), query.kind) == (topic, districts, kind)
    dates = (query.date_from, query.date_to)
    assert (tuple(day.year for day in dates if day) or None) == years


def test_the_earlier_topic_is_read_first() -> None:
    """And then the question's own words."""
    words = parse_question("How much did that cost?", history=["Who rewrote the signs?"]).words
    assert words == "Who rewrote the signs? How much did that cost?"


def test_a_comparison_goes_on_with_other_dates() -> None:
    """Its sides are kept."""
    query = parse_question("and in 2024?", history=["Compare lectures in Haidian with Chaoyang in 2023"])
    assert query.kind == "compare"
    assert [(side.label, str(side.date_from)) for side in query.comparands] == [
        ("Haidian District", "2024-01-01"),
        ("Chaoyang District", "2024-01-01"),
    ]


def test_an_earlier_question_that_was_refused_gives_nothing() -> None:
    """It names a date that never was."""
    query = parse_question("and in Haidian?", history=["What happened on 31 April 2024?"])
    assert (query.districts, query.inherited) == (("Haidian District",), ())
