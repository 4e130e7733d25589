"""What the desk takes a question to ask, and which it refuses."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.errors import QuestionRefused
from rag.question import LONGEST, read


@pytest.mark.parametrize(
    "question",
    [
        "what consular protection events happened",
        "What consular protection events happened in 2023?",
        "Which foreign delegations came to Haidian?",
        "List all lectures on travel safety",
        "Show me the activities for volunteers",
        "Which language services were offered in the parks?",
        "Is there anything about exchanges with Macao?",
        "Where have signs been checked?",
        "events in 2023 about consular protection",
        "What happened in April 2023?",
        "What did Haidian District report in 2024?",
    ],
)
def test_questions_for_all_that_match_are_lists(question: str) -> None:
    """They are answered with every entry, newest first."""
    understood = read(question)
    assert (understood.kind, understood.sort) == ("list", "date-desc")


@pytest.mark.parametrize(
    "question",
    [
        "What is the number of the hotline?",
        "How long does an apostille take?",
        "Who led the delegation from Turkmenistan?",
        "What was the largest delegation?",
        "12308",
    ],
)
def test_questions_for_one_thing_are_not(question: str) -> None:
    """They are answered with the nearest passages."""
    understood = read(question)
    assert (understood.kind, understood.sort) == ("fact", "relevance")


@pytest.mark.parametrize(
    ("question", "kind", "sort"),
    [
        ("What is the latest news from Changping District?", "latest", "date-desc"),
        ("Who were the most recent visitors from Russia?", "latest", "date-desc"),
        ("Which foreign delegations came last month?", "list", "date-desc"),
        ("What are the oldest bulletins about Miyun?", "list", "date-asc"),
    ],
)
def test_an_order_is_understood(question: str, kind: str, sort: str) -> None:
    """ "Latest" is an order; "last month" is a period."""
    understood = read(question)
    assert (understood.kind, understood.sort) == (kind, sort)


@pytest.mark.parametrize(
    ("words", "districts"),
    [
        ("a class in Shijinshan", ["Shijingshan District"]),
        ("chao yang district", ["Chaoyang District"]),
        ("Men Tou Gou officials", ["Mentougou District"]),
        ("海淀有什么活动", ["Haidian District"]),
        ("Miyun and the BDA", ["Miyun District", "Beijing Economic-Technological Development Area"]),
        ("what is changing in Beijing", []),
        ("Chaoyangmen Subdistrict", []),
    ],
)
def test_districts_are_known_by_any_name(words: str, districts: list[str]) -> None:
    """In Chinese, in syllables, misspelt; an English word that looks like one is none."""
    assert list(read(words).districts) == districts


def test_the_topic_is_what_is_left() -> None:
    """Without districts, dates and the words of asking."""
    assert read("What consular protection events happened in Haidian District in 2023?").topic == "consular protection"
    assert read("What happened in April 2023?").topic == ""


def test_last_month_is_seen_from_the_day_of_asking() -> None:
    """Not from the day the test runs."""
    understood = read("Which delegations came last month?", dt.date(2023, 4, 10))
    assert (understood.date_from, understood.date_to) == (dt.date(2023, 3, 1), dt.date(2023, 3, 31))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", "empty"),
        (" \n\t\u3000", "empty"),
        ("?!…", "no word"),
        ("😀🎉", "no word"),
        ("x" * (LONGEST + 1), "1,001 characters"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_sentence(question: str, reason: str) -> None:
    """The sentence says why and what to do."""
    with pytest.raises(QuestionRefused, match=reason) as caught:
        read(question)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_the_longest_question_is_taken() -> None:
    """The limit itself is allowed."""
    assert read("x" * LONGEST).kind == "fact"
