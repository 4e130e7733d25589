"""Districts that a question leaves out, and districts of other cities."""

from __future__ import annotations

import pytest

from rag.query.parse import parse_question


def test_several_districts_are_either_of_them() -> None:
    """In the order in which they are named, each once."""
    assert parse_question("lectures in Haidian, Chaoyang and Haidian").districts == (
        "Haidian District",
        "Chaoyang District",
    )


def test_a_district_left_out_is_no_filter() -> None:
    """Nor is its name searched for."""
    query = parse_question("Which lectures were held outside Haidian?")
    assert (query.districts, query.topic) == ((), "lectures held")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What happened in Pudong District?", ("Pudong District",)),
        ("Did Nanshan District and Futian district sign it?", ("Nanshan District", "Futian district")),
        ("What is new in Pudong New Area?", ("Pudong New Area",)),
        ("浦东新区有什么活动", ("浦东新区",)),
        ("Which District opened a window?", ()),
        ("What happened in Haidian District?", ()),
        ("What happened in chao yang district?", ()),
        ("Visitors from Shanghai", ()),
        ("the Central Business District", ()),
        ("社区有什么活动", ()),
    ],
)
def test_districts_of_elsewhere_are_noticed(question: str, names: tuple[str, ...]) -> None:
    """By the word "District" after a name that is none of Beijing's."""
    assert parse_question(question).districts_elsewhere == names
