"""Whether a sentence tells the kind of thing that is asked for."""

from __future__ import annotations

import pytest

from rag.query.models import AnswerType
from rag.search.answer_type_match import matches_answer_type


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("number", "Twenty robots bowed."),
        ("number", "On May 3, 1,260 guests came."),
        ("number", "The bell rang twice."),
        ("number", "三百名学生参加。"),
        ("money", "The stamp costs 50 yuan."),
        ("money", "Entry is free of charge."),
        ("money", "Nobody pays a fee."),
        ("money", "A cup is sold for €3."),
        ("money", "每人二十元。"),
        ("date", "The bridge was opened on May 3."),
        ("date", "It has stood there since 1936."),
        ("date", "The desk is open from 9:00."),
        ("date", "They meet on Sundays."),
        ("date", "8月16日举办讲座。"),
        ("person", "The choir was led by Anna Berg."),
        ("person", "The prize went to Ms. Berg."),
        ("person", "王女士获奖。"),
        ("place", "The fair was held in Lisbon."),
        ("place", "The desk stands outside the Town Hall."),
        ("place", "讲座在房山区举办。"),
        ("phone", "Call 12308."),
        ("phone", "Ring 010-5555-0199 before noon."),
        ("phone", "In a fire, dial 119."),
        ("web", "Apply at www.example.org."),
        ("web", "Write to tea@example.com."),
        ("web", "The form is filled in online."),
        ("duration", "It takes five working days."),
        ("duration", "The walk took half an hour."),
        ("duration", "需要三天。"),
    ],
)
def test_a_sentence_tells_a_thing_of_the_kind(asked: AnswerType, sentence: str) -> None:
    """In words, in figures or in Chinese."""
    assert matches_answer_type(sentence, asked)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("number", "The robots bowed."),
        ("number", "On May 3, 2024, robots bowed in the hall."),
        ("number", "Someone was weighty and often alone."),
        ("money", "The robots bowed to 30 guests."),
        ("money", "A cupboard was sold at the priceless fair."),
        ("date", "The robots bowed to 30 guests."),
        ("person", "Robots bowed in the hall."),
        ("place", "The robots bowed twice."),
        ("phone", "On May 3, 1,260 guests came."),
        ("phone", "The bridge was opened in 2024."),
        ("phone", "The bridge was opened on 2024-05-03."),
        ("web", "The guests wrote a letter."),
        ("duration", "The robots bowed to 30 guests."),
        ("duration", "The calendar shows a weekly market."),
    ],
)
def test_a_sentence_without_such_a_thing_tells_none(asked: AnswerType, sentence: str) -> None:
    """A day is no number that was asked for, nor a telephone number."""
    assert not matches_answer_type(sentence, asked)
