"""What a question compares."""

from __future__ import annotations

import datetime as dt

import pytest

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
        ("Compare May with March 2023", ["March 2023", "May 2023"], None),
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
    query = parse_question(question)
    assert query.kind == "compare"
    assert [comparand.label for comparand in query.comparands] == labels
    assert words is None or [comparand.words for comparand in query.comparands] == words


def test_a_side_keeps_the_other_condition() -> None:
    """Districts compared keep the period, periods the district."""
    by_district = parse_question("Compare Haidian with Chaoyang in 2023").comparands
    assert {comparand.districts for comparand in by_district} == {("Haidian District",), ("Chaoyang District",)}
    assert {(str(comparand.date_from), str(comparand.date_to)) for comparand in by_district} == {
        ("2023-01-01", "2023-12-31")
    }
    by_period = parse_question("Did lectures in Haidian increase from 2022 to 2024?").comparands
    assert {comparand.districts for comparand in by_period} == {("Haidian District",)}
    assert [str(comparand.date_to) for comparand in by_period] == ["2022-12-31", "2024-12-31"]


def test_before_and_after_leave_the_year_itself_out() -> None:
    """And neither bounds the question as a whole."""
    query = parse_question("Visits before and after 2023")
    assert (query.date_from, query.date_to) == (None, None)
    assert query.comparands[0].date_to == dt.date(2022, 12, 31)
    assert query.comparands[1].date_from == dt.date(2024, 1, 1)


def test_no_other_question_has_comparands() -> None:
    """Two districts in a list are either of them."""
    assert parse_question("Which visits were there in Haidian and Chaoyang?").comparands == ()
