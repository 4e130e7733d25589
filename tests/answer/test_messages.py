"""What the desk says beside its quotes: clear lines that name what was looked for and through."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer import messages
from rag.library.reader import Library
from rag.models import Hit
from rag.query.models import Entity
from rag.query.parse import parse_question
from rag.query.spelling import Correction
from rag.search.entity_support import Unsupported
from rag.search.pipeline import search
from rag.search.signals import encode
from rag.text.places import places
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("messages")
    return build_library(
        folder,
        a=bulletin_text("2023-01-20", "Foxes were seen in Haidian.", title="Foxes"),
        b=bulletin_text(
            "2023-11-02", "Haidian District", "Hares", "Hares ran.", "Daxing District", "Owls", "Owls flew."
        ),
        c=bulletin_text(None, "Badgers dug in Haidian.", title="Badgers"),
    )


def hits(library: Library, question: str) -> list[Hit]:
    return list(search(library, encode(parse_question(question), ENCODER, library)).hits)


def summary(library: Library, question: str, shown: int | None = None) -> str:
    found = hits(library, question)
    return messages.summary(library, parse_question(question), found, len(found) if shown is None else shown)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("List all events", "4 passages in 3 of 3 bulletins, 20 January to 2 November 2023, newest first."),
        (
            "What happened in Haidian?",
            "Haidian District: 3 passages in 3 of 3 bulletins, 20 January to 2 November 2023, newest first.",
        ),
        (
            "What happened in Daxing in 2023?",
            "Daxing District, 2023: 1 passage in 1 of 3 bulletins, 2 November 2023, newest first.",
        ),
    ],
)
def test_a_list_says_how_many_of_how_many_and_when(library: Library, question: str, expected: str) -> None:
    """The count, the denominator, the dates, the order, and what it was narrowed to."""
    assert summary(library, question) == expected


def test_a_list_from_the_oldest_on_says_so(library: Library) -> None:
    """In its last words."""
    assert summary(library, "What are the oldest bulletins about Haidian?").endswith(", oldest first.")


def test_a_list_of_the_undated_has_no_dates(library: Library) -> None:
    """None is made up."""
    (undated,) = [hit for hit in hits(library, "List all events") if hit.passage.bulletin == "c.txt"]
    line = messages.summary(library, parse_question("List all events"), [undated], 1)
    assert line == "1 passage in 1 of 3 bulletins, newest first."


def test_a_list_shown_in_part_says_so(library: Library) -> None:
    """The count stays that of the whole."""
    assert summary(library, "List all events", 2).startswith("4 passages in 3 of 3 bulletins")
    assert "2 shown" in summary(library, "List all events", 2)


def test_one_fact_is_not_counted(library: Library) -> None:
    """Its quotes are what is nearest."""
    assert summary(library, "Who saw the foxes?").startswith("The passage")
    assert "of 3 bulletins" not in summary(library, "Who saw the foxes?")


def test_a_no_says_how_much_was_looked_through(library: Library) -> None:
    """How many bulletins, and of which dates; the undated one is counted apart."""
    looked = "I looked through 3 bulletins: 2 dated 20 January to 2 November 2023 and 1 undated."
    understood = parse_question("Which foxes ran in Haidian in 2019?")
    missing = Unsupported(places("Chile"), (Entity(0, 4, "person", "Anna Berg"),), ("Peru", "Norway"))
    for line in (
        messages.filtered_out(library, understood, "without the period"),
        messages.missing_entities(library, understood, missing),
        messages.no_value_of_type(library, parse_question("How much did the foxes cost in Haidian in 2019?")),
        messages.off_topic(library, understood),
    ):
        assert line.startswith("Haidian District, 2019: ")
        assert line.endswith(looked)
        assert "\n" not in line


def test_a_library_without_dates_says_none(tmp_path: Path) -> None:
    """The number alone."""
    library = build_library(tmp_path, c=bulletin_text(None, "Badgers dug in Haidian.", title="Badgers"))
    assert messages.searched_range(library) == "I looked through 1 bulletin."


def test_a_quote_within_an_example_has_single_quotation_marks() -> None:
    """The examples themselves stand in double ones."""
    said = messages.help_with(["What do the bulletins say about “Foxes”?", "What’s new?"])
    assert said.endswith("for example: “What do the bulletins say about ‘Foxes’?” “What’s new?”")


def test_what_was_searched_instead_is_said(library: Library) -> None:
    """Where there is anything to offer."""
    understood = parse_question("What happened in Haidian in 2019?")
    assert "Below are the nearest passages without the period." in messages.filtered_out(
        library, understood, "without the period"
    )
    assert "Below" not in messages.filtered_out(library, understood, "")


def test_what_is_not_told_is_named_and_what_is_told_instead(library: Library) -> None:
    """In the question's words; "instead" only of places."""
    missing = Unsupported(places("Chile"), (Entity(0, 4, "person", "Anna Berg"),), ("Peru", "Norway"))
    line = messages.missing_entities(library, parse_question("Did Anna Berg come from Chile?"), missing)
    assert "“Chile” and “Anna Berg”" in line
    assert "the nearest tells of Peru and Norway" in line
    only_a_name = Unsupported((), missing.names, ("Peru",))
    assert "the nearest tells of" not in messages.missing_entities(
        library, parse_question("Did Anna Berg come?"), only_a_name
    )


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("How much did the foxes cost?", "sum of money"),
        ("What is the telephone number of the foxes?", "telephone number"),
        ("What is the web address of the foxes?", "address on the Web"),
        ("Who led the foxes?", "leader"),
    ],
)
def test_the_kind_of_thing_that_is_not_told_is_named(library: Library, question: str, thing: str) -> None:
    """In plain words."""
    assert f"of no {thing}." in messages.no_value_of_type(library, parse_question(question))


def test_corrections_are_said_first() -> None:
    """Each word, and what it was read as; nothing where all was right."""
    found = [Correction(0, 4, "foxes"), Correction(5, 9, "dance")]
    assert messages.spelling_note("foxs dnce", found[:1]) == "Reading “foxs” as “foxes”. "
    assert messages.spelling_note("foxs dnce", found) == "Reading “foxs” as “foxes” and “dnce” as “dance”. "
    assert messages.spelling_note("foxes", []) == ""


def test_what_was_carried_over_is_said(library: Library) -> None:
    """Before what it was narrowed to."""
    understood = parse_question("and in Daxing?", history=["What happened in Haidian in 2023?"])
    assert messages.under_conditions(understood, "none.") == "Following on from “2023”. Daxing District, 2023: none."


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 bulletins"), (1, "1 bulletin"), (2, "2 bulletins"), (10_000, "10,000 bulletins")]
)
def test_one_is_no_plural(number: int, expected: str) -> None:
    """And thousands are parted."""
    assert messages.count_of(number, "bulletin") == expected


def test_what_is_said_of_districts_of_elsewhere() -> None:
    """One sentence, which says what the bulletins do tell of."""
    assert messages.not_of_beijing(("Pudong District",)).startswith(
        " Pudong District isn't a district of Beijing; these bulletins"
    )
    assert messages.not_of_beijing(("A District", "B District")).startswith(
        " A District and B District aren't districts of"
    )
    assert messages.not_of_beijing(()) == ""
