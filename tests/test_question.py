"""What the desk takes a question to ask, and which it refuses."""

from __future__ import annotations

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
