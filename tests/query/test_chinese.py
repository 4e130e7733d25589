"""Chinese questions: read in Chinese, searched for in English."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.errors import QuestionRefused
from rag.query.chinese import parse_bilingual
from rag.query.parse import parse_question

TODAY = dt.date(2024, 6, 10)


@pytest.mark.parametrize(
    ("question", "kind", "every", "asks"),
    [
        ("海淀区有哪些领事保护活动？", "district", True, None),
        ("2023年有哪些领事保护活动？", "list", True, None),
        ("护照丢了怎么办？", "howto", False, None),
        ("热线电话是多少？", "fact", False, "phone"),
        ("有多少名志愿者参加了演练？", "count", False, "number"),
        ("最新的代表团来访是什么？", "latest", False, None),
        ("大使什么时候来的？", "fact", False, "date"),
        ("比较海淀和朝阳的志愿者活动", "compare", True, None),
    ],
)
def test_kind_and_what_is_asked_are_read_in_chinese(question: str, kind: str, every: bool, asks: str | None) -> None:
    """There the words of asking are."""
    query = parse_bilingual(question, TODAY)
    assert (query.kind, query.exhaustive, query.answer_type) == (kind, every, asks)
    assert query.original == question


@pytest.mark.parametrize(
    ("question", "districts", "first", "last"),
    [
        ("海淀区2023年的志愿者", ["Haidian District"], "2023-01-01", "2023-12-31"),
        ("石景山和密云2024年3月的讲座", ["Shijingshan District", "Miyun District"], "2024-03-01", "2024-03-31"),
        ("2024年上半年的代表团", [], "2024-01-01", "2024-06-30"),
        ("2023年5月4日的演练", [], "2023-05-04", "2023-05-04"),
        ("去年的代表团", [], "2023-01-01", "2023-12-31"),
        ("上个月的代表团", [], "2024-05-01", "2024-05-31"),
    ],
)
def test_districts_and_dates_are_conditions(question: str, districts: list[str], first: str, last: str) -> None:
    """As in an English question."""
    query = parse_bilingual(question, TODAY)
    assert list(query.districts) == districts
    assert (str(query.date_from), str(query.date_to)) == (first, last)


def test_it_is_searched_for_in_english() -> None:
    """And by its own words, for bulletins in Chinese."""
    query = parse_bilingual("海淀区的领事保护热线", TODAY)
    assert {"consular", "protection", "hotline"} <= set(query.words.split())
    assert query.topic.split() == ["consular", "protection", "hotline"]
    assert query.original == "海淀区的领事保护热线"


def test_what_the_glossary_lacks_stays_chinese() -> None:
    """A bulletin in Chinese may hold it."""
    assert "琉璃厂" in parse_bilingual("琉璃厂的讲座", TODAY).words


@pytest.mark.parametrize(
    ("question", "earlier"),
    [
        ("海淀呢？", "密云2023年有哪些领事保护活动？"),
        ("那海淀呢？", "密云2023年有哪些领事保护活动？"),
        ("那海淀呢？", "What consular protection events happened in Miyun in 2023?"),
        ("And in Haidian?", "密云2023年有哪些领事保护活动？"),
    ],
)
def test_a_follow_up_depends_on_either_language(question: str, earlier: str) -> None:
    """It asks of another district what was asked before: all events of the topic and the year."""
    query = parse_bilingual(question, TODAY, [earlier])
    assert query.districts == ("Haidian District",)
    assert str(query.date_from) == "2023-01-01"
    assert "consular protection" in query.topic
    assert query.exhaustive


def test_a_chip_is_taken_away_in_chinese_too() -> None:
    """Its key is the same in both languages."""
    (condition,) = parse_bilingual("海淀区的志愿者", TODAY).conditions
    assert parse_bilingual("海淀区的志愿者", TODAY, (), [condition.key]).districts == ()


def test_an_english_question_is_read_as_ever() -> None:
    """The glossary has no part in it."""
    question = "What did Haidian do in 2023?"
    assert parse_bilingual(question, TODAY) == parse_question(question, TODAY)
    assert parse_bilingual(question, TODAY).original == ""


def test_what_is_refused_in_english_is_refused_in_chinese() -> None:
    """A day that never was, and too many characters."""
    for question in ("2024年4月31日有什么活动？", "领" * 1_001, "的了吗"):
        with pytest.raises(QuestionRefused):
            parse_bilingual(question, TODAY)
