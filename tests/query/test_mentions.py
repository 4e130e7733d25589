"""What a question names is found once, and used by all who ask for it; districts left out, and those elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.query import mentions
from rag.query.mentions import find_mentions
from rag.query.parse import parse_question
from rag.text import districts
from tests.support.hashing_encoder import HashingEncoder


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a text was looked through for districts and for places as a question is."""
    counts: Counter[str] = Counter()

    def counting(what: str, find: Callable[..., Any]) -> Callable[..., Any]:
        def scan(text: str, *rest: Any) -> Any:
            counts[what] += 1
            return find(text, *rest)

        return scan

    monkeypatch.setattr(districts, "typed_mentions", counting("districts", districts.typed_mentions))
    monkeypatch.setattr(mentions, "places_in_question", counting("places", mentions.places_in_question))
    return counts


@pytest.mark.parametrize(
    "question",
    [
        "What happened in Haidian in May 2024?",
        "Which delegation from Portugal met Rosa Quispe in Pinggu District?",
        "Which school in Pudong District received guests from Hunagry?",
        "How do I apply for a passport?",
        "What happened on Mars?",
    ],
)
def test_a_plain_question_is_looked_through_once(
    question: str, library: Path, fake: HashingEncoder, scans: Counter[str]
) -> None:
    """Spelling, conditions, names, the search, and the message that says no use the same districts and places."""
    Assistant(Library.open(library), fake).ask(question)
    assert scans == {"districts": 1, "places": 1}


def test_a_follow_up_is_looked_through_once_and_so_is_what_it_depends_on(
    library: Path, fake: HashingEncoder, scans: Counter[str]
) -> None:
    """Each of the two is spelt and read; then the earlier words that the new question is searched by."""
    Assistant(Library.open(library), fake).ask("and in Pinggu?", history=["What happened in Haidian in 2024?"])
    assert scans["districts"] <= 4


def test_districts_are_no_places() -> None:
    """ "Haidian" is near "Haitian", and "Hunagry" means Hungary."""
    found = find_mentions("Guests of Haidian from Hunagry")
    assert [mention.name for mention in found.districts] == ["Haidian District"]
    assert [place.key for place in found.places] == ["Hungary"]


def test_several_districts_are_either_of_them() -> None:
    """In the order in which they are named, each once."""
    assert parse_question("lectures in Haidian, Chaoyang and Haidian").districts == (
        "Haidian District",
        "Chaoyang District",
    )


def test_a_district_left_out_is_no_filter() -> None:
    """Nor is its name searched for."""
    query = parse_question("Which lectures were held outside Haidian?")
    assert (query.districts, query.topic) == ((), "lectures")


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
