"""What a question names beside places, and whether a passage bears it out."""

import pytest

from rag.query.entities import Name, named
from rag.search.entity_support import borne_out
from rag.text.numbers import numbers


def read(question: str) -> list[tuple[str, str]]:
    return [(name.kind, name.words) for name in named(question)]


def borne(words: str, told: str, kind: str = "thing") -> bool:
    return borne_out(Name(0, len(words), kind, words), told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What did Ms. Ola Nyström play at the Harbour Library?",
            [("person", "Ola Nyström"), ("organisation", "Harbour Library")],
        ),
        ("Who built the tram for Skoda Transportation?", [("thing", "Skoda Transportation")]),
        ("Does the WHO run an office near Willow Creek Park?", [("acronym", "WHO"), ("place", "Willow Creek Park")]),
        ("Which ambassador opened the Lantern Cup?", [("role", "ambassador"), ("thing", "Lantern Cup")]),
        ("Was the deputy mayor there?", [("role", "deputy mayor")]),
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
    ("words", "told"),
    [
        ("Szczyrk", "the choir of Szcyrk sang"),
        ("Gaobeidian", "in Gao Bei Dian Village"),
        ("Gao Bei Dian", "in Gaobeidian Village"),
        ("Willow Creek Park", "a walk along Willow Creek"),
        ("World Health Organization", "a doctor of the WHO spoke"),
        ("WHO", "a doctor of the World Health Organization spoke"),
        ("Kreuzkölln", "bakers of Kreuzkolln"),
        ("Huaerqiao", "near Huaer Bridge"),
        ("Cultural Exchange", "an exchange of pupils"),
        ("Line 10", "take Line 10 to the end"),
        ("Terminal 3", "in Terminal Three"),
        ("No. 80", "at No.80 Middle School"),
        ("Forbidden City", "in the Palace Museum"),
        ("Lantern Cups", "the Lantern Cup"),
    ],
)
def test_a_name_is_borne_out_however_it_is_spelled(words: str, told: str) -> None:
    """Slips, syllables apart, initials, accents, word forms, and without the word for its kind."""
    assert borne(words, told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Szczyrk", "the choir of Bielsko sang"),
        ("Willow Creek Park", "a walk in Maple Grove Park"),
        ("Ice Festival", "an ice hockey match"),
        ("WHO", "who came to the office"),
        ("Line 1", "take Line 10 to the end"),
        ("Line 10", "a line of 10 buses"),
        ("No. 80", "at No. 18 Middle School"),
        ("Harbour Library", "the harbour and its cranes"),
    ],
)
def test_a_near_miss_does_not_bear_a_name_out(words: str, told: str) -> None:
    """Another name of the same kind, half a name, or the same letters in other words."""
    assert not borne(words, told, "acronym" if words.isupper() else "thing")


@pytest.mark.parametrize(
    ("role", "told", "expected"),
    [
        ("mayor", "the Lord Mayor of Cork", True),
        ("mayor", "the vice mayor of Cork", False),
        ("vice mayor", "the deputy mayor of Cork", True),
        ("ambassadors", "Ambassador Lindqvist", True),
        ("ambassador", "the embassy's film scouts", False),
        ("consul", "the consul general", True),
        ("consul general", "the consul", False),
        ("president", "the vice president", False),
        ("minister", "the prime minister", False),
        ("prime minister", "the premier of Fiji", True),
        ("king", "kingdom of stones", False),
    ],
)
def test_a_title_of_office_is_borne_out_by_that_title_alone(role: str, told: str, expected: bool) -> None:
    """A synonym will do, a deputy won't."""
    assert borne(role, told, "role") is expected


@pytest.mark.parametrize(
    ("number", "told", "expected"),
    [
        ("1,260", "some 1260 runners", True),
        ("200", "two hundred cooks", True),
        ("thirty-four", "34 cooks", True),
        ("3", "three cooks", True),
        ("46", "46,000 cooks", False),
        ("12308", "call 12308 at any hour", True),
        ("12", "12308", False),
    ],
)
def test_a_number_is_borne_out_in_figures_or_in_words(number: str, told: str, expected: bool) -> None:
    """1,260 is 1260, three is 3, and 46 is not 46,000."""
    assert borne(number, told, "number") is expected


def test_a_year_is_borne_out_by_the_bulletins_date() -> None:
    """The date stands beside the passage as it is stored."""
    assert borne("2024", "A title. 2024-09-20. Words.", "year")
    assert not borne("2024", "A title. 2023-09-20. Words.", "year")


def test_numbers_in_words_and_figures() -> None:
    """Scales, tens, thousands; no dates with strokes, times, or telephone numbers."""
    text = "two hundred and six thousand, 3.5 million, forty-one; 10:30, 2024-05-06, T3, 010-8888"
    assert [number.value for number in numbers(text)] == [206_000, 3_500_000, 41]
