"""What a question names: persons, organisations, numbers, offices, actions, beside districts and places."""

from __future__ import annotations

import pytest

from rag.query.entities import names
from rag.query.mentions import find_mentions
from rag.query.parse import parse_question


def read(question: str) -> list[tuple[str, str]]:
    return [(name.kind, name.written) for name in names(find_mentions(question))]


def required(question: str, *history: str) -> list[str]:
    entities = parse_question(question, history=history).required_entities
    places = [place.written for place in entities.places]
    return places + [entity.written for entity in (*entities.names, *entities.actions)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What did Ms. Ola Nyström play at the Harbour Library?",
            [("person", "Ola Nyström"), ("organisation", "Harbour Library")],
        ),
        ("Who built the tram for Skoda Transportation?", [("thing", "Skoda Transportation")]),
        ("Does the WHO run an office near Willow Creek Park?", [("acronym", "WHO"), ("place", "Willow Creek Park")]),
        ("Which ambassador opened the Lantern Cup?", [("office", "ambassador"), ("thing", "Lantern Cup")]),
        ("Was the deputy mayor there?", [("office", "deputy mayor")]),
        (
            "Where did the 1,260 runners of Line 10 meet in T3?",
            [("number", "1,260"), ("thing", "Line 10"), ("thing", "T3")],
        ),
        ("Were two hundred cooks at the fair?", [("number", "two hundred")]),
        ("What is the “Night of Soups”?", [("thing", "Night of Soups")]),
        ("Gazprom-Media: what did it film?", [("thing", "Gazprom-Media")]),
        ("Which bakers met in Kreuzkölln in 2021?", [("thing", "Kreuzkölln"), ("year", "2021")]),
    ],
)
def test_names_are_read_from_a_well_typed_question(question: str, expected: list[tuple[str, str]]) -> None:
    """Persons, organisations, spots, initials, titles of office, numbers, quoted words."""
    assert read(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What happened in the first half of the year, and where?",
        "Which Lectures Were Held About Safety Abroad And How Many Pupils Came?",
        "HOW DO I DESCALE A COFFEE MACHINE?",
        "how do i renew my pasport befor the holidays, pls anser",
        "Wich delegatoins came form Norway?",
        "Give me the top 10 events, in 3 sentences, of the last 6 months",
        "What happened on 16 March? And between July 3 and July 9?",
        "Is the Beijing Foreign Affairs Office open on Mondays?",
        "Where can I get a QR code for my TV? It is NOT on the page.",
        "How do Haidian and Shijinshan compare in English corners?",
        "Who led the Kenyan guests through Shanghai?",
        "Were the mayor or the governor invited?",
        "海淀区有哪些活动？",
        "",
    ],
)
def test_nothing_is_named_where_nothing_is(question: str) -> None:
    """Title case, capitals throughout, slips of the keys, bounds, days, this office itself, districts and countries."""
    assert read(question) == []


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who led the szczyrk choir", "szczyrk"),
        ("WHICH GUESTS CAME FROM SZCZYRK?", "SZCZYRK"),
        ("Which Guests Came From Szczyrk To Town?", "Szczyrk"),
    ],
)
def test_without_capitals_to_go_by_unknown_words_are_names(question: str, name: str) -> None:
    """All small, all large, or every word with a capital."""
    assert read(question) == [("thing", name)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which delegation from Chile met Rosa Quispe?", ["Chile", "Rosa Quispe"]),
        ("Which ambassador opened the Lantern Museum?", ["ambassador", "Lantern Museum"]),
        ("Where did the 1,260 runners start?", ["1,260"]),
        ("What did Haidian do in 2023?", []),
        ("Who won the contest?", []),
    ],
)
def test_what_a_question_names_is_required(question: str, expected: list[str]) -> None:
    """Countries, persons, titles of office, organisations, numbers; districts and periods are conditions instead."""
    assert required(question) == expected
    assert bool(parse_question(question).required_entities) == bool(expected)


def test_a_follow_ups_own_names_take_the_place_of_the_earlier_ones() -> None:
    """Another country for a country, another museum for a museum; where it names none, the earlier ones still hold."""
    earlier = "Which delegation from Peru came to the Lantern Museum in Changping?"
    assert required("And who came there from Chile?", earlier) == ["Chile", "Lantern Museum"]
    assert required("And who came to the Bell Museum?", earlier) == ["Peru", "Bell Museum"]
    assert required("What did they sign?", earlier) == ["Peru", "Lantern Museum"]


def test_who_asks_how_to_do_something_names_their_own_case() -> None:
    """A passage need not tell of Kenya or of 30 days to answer, but of the office that is asked for."""
    assert required("I am from Kenya with 30 employees, how do I apply at the Lantern Museum?") == ["Lantern Museum"]


@pytest.mark.parametrize(
    "question", ["Who wrote the menus?", "Which composer drafted the song?", "Was the fake bridge seen?"]
)
def test_a_question_about_an_action_is_no_instruction(question: str) -> None:
    """Only who is told to do it, or asks how to, is bound by it."""
    assert required(question) == []
