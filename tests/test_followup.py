"""Which questions lean on the ones before, and what they take over."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.followup import leans_on
from rag.question import read

FIRST = "What consular protection events happened in Shijingshan in 2023?"


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
    ],
)
def test_a_follow_up_leans_on_the_question_before(question: str) -> None:
    """It opens like one, points back, or is a mere fragment."""
    assert leans_on(question, [FIRST]) == (FIRST,)


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
    ],
)
def test_a_new_topic_drops_what_came_before(question: str) -> None:
    """A whole question stands by itself, and its own "its" points to itself."""
    assert leans_on(question, [FIRST]) == ()


def test_a_chain_goes_back_to_the_question_that_stands_alone() -> None:
    """A follow-up of a follow-up brings both."""
    history = ["Who opened the market?", FIRST, "and in Haidian?"]
    assert leans_on("And in 2024?", history) == (FIRST, "and in Haidian?")


def test_nothing_is_carried_without_a_history() -> None:
    """The first question has nothing to lean on."""
    assert leans_on("and in Haidian?", []) == ()
    assert read("and in Haidian?").carried == ()


def test_what_the_follow_up_names_replaces_what_came_before() -> None:
    """Topic and period stay, the district is the new one; what was taken over is said."""
    understood = read("and in Haidian?", history=[FIRST])
    assert understood.districts == ("Haidian District",)
    assert (understood.date_from, understood.date_to) == (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert (understood.kind, understood.topic) == ("list", "consular protection")
    assert understood.carried == ("consular protection", "2023")
    assert "Shijingshan" not in understood.words


def test_a_follow_up_with_a_topic_of_its_own_is_searched_with_both() -> None:
    """ "What did they sign?" needs to know who they are."""
    understood = read("What did they sign?", history=["Which delegation from Kazan came to Changping?"])
    assert understood.kind == "fact"
    assert "Kazan" in understood.words
    assert "sign" in understood.words
    assert understood.districts == ("Changping District",)
