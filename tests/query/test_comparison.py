"""What is compared, and the conditions that an asker can take away."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.query.models import Condition
from rag.query.parse import parse_question


@pytest.mark.parametrize(
    ("question", "labels", "words"),
    [
        (
            "Compare lectures in Haidian with Chaoyang",
            ["Haidian District", "Chaoyang District"],
            ["lectures Haidian District", "lectures Chaoyang District"],
        ),
        (
            "Which window is busier, the one in the development area or the one in Miyun?",
            ["Beijing Economic-Technological Development Area", "Miyun District"],
            None,
        ),
        ("Did the number of guides rise from 2021 to 2023?", ["2021", "2023"], None),
        ("Compare May with March 2023", ["2023-03", "2023-05"], None),
        ("Visits before and after 2023", ["before 2023", "after 2023"], ["Visits", "Visits"]),
        (
            "Which drew more guests, the tea fair or the kite festival?",
            ["tea fair", "kite festival"],
            ["drew guests tea fair", "drew guests kite festival"],
        ),
        ("What is the difference between an apostille and a legalisation?", ["apostille", "legalisation"], None),
        ("Tea fair versus kite festival in Daxing", ["Tea fair", "kite festival"], ["Tea fair", "kite festival"]),
        ("I have seen two different numbers of guests at the fair", [], None),
    ],
)
def test_each_thing_compared_is_a_side(question: str, labels: list[str], words: list[str] | None) -> None:
    """Districts, periods, or what the words set apart; the topic belongs to each."""
    understood = parse_question(question)
    assert understood.kind == "compare"
    assert [side.label for side in understood.comparands] == labels
    assert words is None or [side.words for side in understood.comparands] == words


def test_a_side_keeps_the_other_condition() -> None:
    """Districts compared keep the period, periods the district."""
    by_district = parse_question("Compare Haidian with Chaoyang in 2023").comparands
    assert {side.districts for side in by_district} == {("Haidian District",), ("Chaoyang District",)}
    assert {(str(side.date_from), str(side.date_to)) for side in by_district} == {("2023-01-01", "2023-12-31")}
    by_period = parse_question("Did lectures in Haidian increase from 2022 to 2024?").comparands
    assert {side.districts for side in by_period} == {("Haidian District",)}
    assert [str(side.date_to) for side in by_period] == ["2022-12-31", "2024-12-31"]


def test_before_and_after_leave_the_year_itself_out() -> None:
    """And neither bounds the question as a whole."""
    understood = parse_question("Visits before and after 2023")
    assert (understood.date_from, understood.date_to) == (None, None)
    assert understood.comparands[0].date_to == dt.date(2022, 12, 31)
    assert understood.comparands[1].date_from == dt.date(2024, 1, 1)


def test_no_other_question_has_sides() -> None:
    """Two districts in a list are either of them."""
    assert parse_question("Which visits were there in Haidian and Chaoyang?").comparands == ()


@pytest.mark.parametrize(
    ("question", "chips"),
    [
        (
            "What happened in Haidian in 2023?",
            [("district:Haidian District", "Haidian District"), ("period:2023-01-01/2023-12-31", "2023")],
        ),
        ("Which bulletins were published in May 2024?", [("period:2024-05-01/2024-05-31", "published in 2024-05")]),
        ("Visits since 2022", [("period:2022-01-01/", "since 2022")]),
        ("What is the latest news?", [("order:latest", "latest first")]),
        ("What are the oldest bulletins about Miyun?",
         [("district:Miyun District", "Miyun District"), ("order:earliest", "earliest first")]),
        ("Who won the contest?", []),
    ],
)  # fmt: skip
def test_each_condition_has_a_chip(question: str, chips: list[tuple[str, str]]) -> None:
    """With a key that takes it away."""
    assert [(chip.key, chip.label) for chip in parse_question(question).conditions] == chips


def test_a_condition_taken_away_holds_no_more() -> None:
    """Its word is still searched for; keys of nothing are ignored."""
    question = "What lectures were held in Haidian in 2023?"
    understood = parse_question(question, without=["district:Haidian District", "no such key"])
    assert understood.districts == ()
    assert understood.words == question
    assert [chip.label for chip in understood.conditions] == ["2023"]
    undated = parse_question(question, without=["period:2023-01-01/2023-12-31"])
    assert (undated.date_from, undated.date_to, undated.districts) == (None, None, ("Haidian District",))


def test_an_order_taken_away_leaves_the_question() -> None:
    """Then the nearest stands first."""
    understood = parse_question("What is the latest news from Miyun?", without=["order:latest"])
    assert (understood.kind, understood.sort) == ("fact", "relevance")


def test_what_was_carried_can_be_taken_away() -> None:
    """Topic, district and period, each for itself; the chips say that they were carried."""
    history = ["Which delegation from Kazan came to Changping in 2024?"]
    understood = parse_question("What did they sign?", history=history)
    assert understood.conditions == (
        Condition("district:Changping District", "Changping District", True),
        Condition("period:2024-01-01/2024-12-31", "2024", True),
        Condition("topic:earlier", "delegation Kazan came", True),
    )
    alone = parse_question("What did they sign?", history=history, without=[chip.key for chip in understood.conditions])
    assert (alone.districts, alone.date_from, alone.topic, alone.words) == ((), None, "sign", "What did they sign?")
    without_topic = parse_question("What did they sign?", history=history, without=["topic:earlier"])
    assert (without_topic.districts, without_topic.topic) == (("Changping District",), "sign")
