"""Which passages a question's conditions leave, and who answers for several bulletins with one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.library.reader import Library
from rag.query.parse import parse_question
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

ICE = (
    "Skaters from the old town carved a swan of ice. Pupils from four schools lit it from within. "
    "Nobody was cold, since soup was handed out all night. The swan melted in the first days of spring."
)
FOXES = "Foxes were seen at the airport."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("filters")
    return build_library(
        folder,
        # One text in three columns, and one that was put right.
        ice=bulletin_text("2024-01-05", ICE, title="Ice in Yanqing"),
        ice_again=bulletin_text("2024-01-09", ICE, title="A swan in Yanqing", source="Capital Window"),
        ice_undated=bulletin_text(None, ICE, title="Swans of Yanqing"),
        ice_corrected=bulletin_text("2024-02-03", ICE.replace("four schools", "five schools"), title="Ice in Yanqing"),
        round=bulletin_text(
            "2025-01-08",
            "Haidian District",
            "A look back",
            "On June 3, 2024, drummers from Osaka played in Haidian. In Miyun they slept.",
            "Daxing District",
            "A look ahead",
            FOXES,
        ),
        undated=bulletin_text(None, "The desk in Daxing has issued stamps since November 7, 2023.", title="Stamps"),
        sourced=bulletin_text(
            "2022-02-01",
            "Huairou District",
            "Bells",
            "Bells rang.",
            "Fengtai District",
            "Drums",
            "Drums rolled.",
            source="Office of Changping District",
        ),
        nowhere=bulletin_text(
            "2024-06-20", "A kite was lost in the wind.", title="Kites", source="Office of Pinggu District"
        ),
    )


def left(library: Library, question: str) -> dict[str, int]:
    """How many passages of each bulletin are left."""
    found: dict[str, int] = {}
    for number in library.filters.allowed(parse_question(question)).nonzero()[0]:
        name = library.passages[number].bulletin.removesuffix(".txt")
        found[name] = found.get(name, 0) + 1
    return found


# --- districts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What happened in Haidian?", {"round": 1}),
        # The words name it, no heading does.
        ("What happened in Miyun?", {"round": 1}),
        # A heading in one bulletin, the words of another.
        ("What happened in Daxing?", {"round": 1, "undated": 1}),
        # The source, of a bulletin without headings and of one whose headings name others.
        ("What happened in Pinggu?", {"nowhere": 1}),
        ("What happened in Changping?", {"sourced": 2}),
        ("What happened in Huairou?", {"sourced": 1}),
        ("What happened in Haidian and Pinggu?", {"round": 1, "nowhere": 1}),
        ("What happened in Mentougou?", {}),
    ],
)
def test_a_district_is_named_anywhere_about_a_passage(
    library: Library, question: str, expected: dict[str, int]
) -> None:
    """By its heading, its words, its bulletin's title or source; of several districts any."""
    assert left(library, question) == expected


# --- dates


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # The bulletin's own date.
        ("What happened on 20 June 2024?", {"nowhere": 1}),
        ("What happened in January 2025?", {"round": 2}),
        # The words' date: only that passage of a bulletin of the next year.
        ("What happened on 3 June 2024?", {"round": 1}),
        ("What happened in June 2024?", {"round": 1, "nowhere": 1}),
        # An undated bulletin whose words state it.
        ("What happened in November 2023?", {"undated": 1}),
        ("What happened in 2019?", {}),
        ("What happened in Haidian in November 2023?", {}),
    ],
)
def test_a_period_is_the_bulletins_or_one_that_its_words_state(
    library: Library, question: str, expected: dict[str, int]
) -> None:
    """An undated bulletin has only the latter; both conditions have to hold."""
    assert left(library, question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which news was published in June 2024?", {"nowhere": 1}),
        ("Which news was published in January 2025?", {"round": 2}),
        ("Which news was published in November 2023?", {}),
    ],
)
def test_published_means_the_bulletins_date_alone(library: Library, question: str, expected: dict[str, int]) -> None:
    """What the words tell of another time doesn't count, and an undated bulletin was never published then."""
    assert left(library, question) == expected


def test_open_ends_are_open(library: Library) -> None:
    """ "Since" and "before" leave everything on that side."""
    assert left(library, "What happened since 2025?") == {"round": 2}
    assert left(library, "What happened before 2024?") == {"undated": 1, "sourced": 2}


def test_what_is_of_another_date_can_be_told_by_its_words_only(library: Library) -> None:
    """For each passage whose bulletin's date lies outside the period or is unknown; none without a period."""
    understood = parse_question("What happened in June 2024?")
    names = {library.passages[n].bulletin for n in library.filters.outside_period(understood).nonzero()[0]}
    assert names == {b.name for b in library.bulletins} - {"nowhere.txt"}
    assert not library.filters.outside_period(parse_question("What happened in Haidian?")).any()


# --- copies and corrections


def test_of_copies_the_earliest_answers(library: Library) -> None:
    """All are known by name, the undated last; a corrected text is no copy."""
    (names,) = [names for names in library.copies.values() if len(names) > 1]
    assert names == ("ice.txt", "ice_again.txt", "ice_undated.txt")
    assert library.replaced_by == {"ice.txt": "ice_corrected.txt", "ice_again.txt": "ice_corrected.txt"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # The corrected text for all of them.
        ("What happened in Yanqing?", {"ice_corrected": 1}),
        ("What happened in Yanqing since 2024?", {"ice_corrected": 1}),
        # The first of the copies, where the correction is left out.
        ("Which news was published in January 2024?", {"ice": 1}),
        ("Which news was published on 5 January 2024?", {"ice": 1}),
        # A later copy, where nothing else is left.
        ("Which news was published on 9 January 2024?", {"ice_again": 1}),
        ("Which news was published in February 2024?", {"ice_corrected": 1}),
    ],
)
def test_one_text_is_left_once_and_the_corrected_one_where_it_can(
    library: Library, question: str, expected: dict[str, int]
) -> None:
    """What was superseded, or told before, is left only where nothing better is."""
    assert left(library, question) == expected


def test_a_correction_stands_in_only_for_what_it_tells(tmp_path: Path) -> None:
    """A round-up told again in one section alone keeps answering: its other sections would be lost with it."""
    old = ("Miyun District", "Foxes", FOXES, "Yanqing District", "Ice", ICE)
    new = ("Yanqing District", "Ice", ICE.replace("four schools", "five schools"))
    library = build_library(tmp_path, old=bulletin_text("2024-01-05", *old), new=bulletin_text("2024-01-09", *new))
    assert left(library, "What happened in Yanqing?") == {"old": 1, "new": 1}
    assert left(library, "What happened in Miyun?") == {"old": 1}
    assert left(library, "What happened in January 2024?") == {"old": 2, "new": 1}
