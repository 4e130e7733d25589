"""The conditions that are read from a question, and how the asker takes them away."""

from __future__ import annotations

import pytest

from rag.query.models import Condition
from rag.query.parse import parse_question


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        (
            "What happened in Haidian in 2023?",
            [("district:Haidian District", "Haidian District"), ("period:2023-01-01/2023-12-31", "2023")],
        ),
        ("Which bulletins were published in May 2024?", [("period:2024-05-01/2024-05-31", "published in May 2024")]),
        ("Visits since 2022", [("period:2022-01-01/", "since 2022")]),
        ("What is the latest news?", [("order:latest", "latest first")]),
        ("What are the oldest bulletins about Miyun?",
         [("district:Miyun District", "Miyun District"), ("order:earliest", "earliest first")]),
        ("Who won the contest?", []),
    ],
)  # fmt: skip
def test_each_condition_has_a_key_and_a_label(question: str, conditions: list[tuple[str, str]]) -> None:
    """By its key it can be taken away."""
    assert [(condition.key, condition.label) for condition in parse_question(question).conditions] == conditions


def test_a_condition_taken_away_holds_no_more() -> None:
    """Its word is still searched for; keys of nothing are ignored."""
    question = "What lectures were held in Haidian in 2023?"
    query = parse_question(question, without=["district:Haidian District", "no such key"])
    assert query.districts == ()
    assert query.words == question
    assert [condition.label for condition in query.conditions] == ["2023"]
    undated = parse_question(question, without=["period:2023-01-01/2023-12-31"])
    assert (undated.date_from, undated.date_to, undated.districts) == (None, None, ("Haidian District",))


def test_an_order_taken_away_leaves_the_question() -> None:
    """Then the nearest stands first."""
    query = parse_question("What is the latest news from Miyun?", without=["order:latest"])
    assert (query.kind, query.sort) == ("fact", "relevance")


def test_what_was_carried_can_be_taken_away() -> None:
    """Topic, district and period, each for itself; the conditions say that they were carried."""
    history = ["Which delegation from Kazan came to Changping in 2024?"]
    query = parse_question("What did they sign?", history=history)
    assert query.conditions == (
        Condition("district:Changping District", "Changping District", True),
        Condition("period:2024-01-01/2024-12-31", "2024", True),
        Condition("topic:earlier", "delegation Kazan came", True),
    )
    alone = parse_question(
        "What did they sign?", history=history, without=[condition.key for condition in query.conditions]
    )
    assert (alone.districts, alone.date_from, alone.topic, alone.words) == ((), None, "sign", "What did they sign?")
    without_topic = parse_question("What did they sign?", history=history, without=["topic:earlier"])
    assert (without_topic.districts, without_topic.topic) == (("Changping District",), "sign")
