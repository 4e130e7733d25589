"""The list of bulletins: what it can be narrowed by, how many are left, and what it says where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import settings
from rag.library.reader import Library
from rag.web.pages.catalogue import PAGE_SIZE, UNDATED, CataloguePage, FacetValue, browse
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

EVENT = "The guests of {} planted a tree in the park and then went home by bus."
SAME = ("Haidian District", "A tree for the twins", EVENT.format("Oslo"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Five bulletins: one twice, one of them undated."""
    office, other = "The Office", "The Other & <Office>"
    return build_library(
        tmp_path,
        a=bulletin_text(
            "2024-03-11", "Haidian District", "A Tree grows", EVENT.format("Lima"), title="News", source=office
        ),
        b=bulletin_text(
            "2024-03-02",
            "Haidian District",
            "Kites over the hill",
            EVENT.format("Rome"),
            "Miyun District",
            "Peaches",
            EVENT.format("Cairo"),
            title="News of Spring",
            source=other,
        ),
        c=bulletin_text("2023-11-05", *SAME, title="Twins", source=office),
        d=bulletin_text("2023-12-24", *SAME, title="Twins again", source=other),
        e=bulletin_text(None, "Fengtai District", "Opera for all", EVENT.format("Bonn"), title="Without a date"),
    )


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    with TestClient(build_app(desk)) as client:
        yield client


def names(page: CataloguePage) -> str:
    return "".join(row.bulletin.name.removesuffix(".txt") for row in page.rows)


def counts(values: tuple[FacetValue, ...]) -> dict[str, int]:
    return {value.key: value.count for value in values}


def test_all_bulletins_stand_newest_first(library: Library) -> None:
    """Undated ones come last; every value of a facet says how many bulletins it would leave."""
    page = browse(library, [])
    assert names(page) == "abdce"
    assert counts(page.years) == {"2024": 2, "2023": 2, UNDATED: 1}
    assert list(counts(page.years)) == ["2024", "2023", UNDATED]
    assert page.months == ()
    assert counts(page.districts) == {"Fengtai District": 1, "Haidian District": 4, "Miyun District": 1}
    assert counts(page.sources) == {"The Office": 2, "The Other & <Office>": 2}


def test_choices_narrow_the_list_together(library: Library) -> None:
    """A facet's counts respect the other facets' choices and not its own; a year opens its months."""
    page = browse(library, [("date", "2023"), ("source", "The Office")])
    assert names(page) == "c"
    assert counts(page.years) == {"2024": 1, "2023": 1}
    assert [(value.key, value.label, value.count) for value in page.months] == [("2023-11", "November 2023", 1)]
    assert counts(page.sources) == {"The Office": 1, "The Other & <Office>": 1}
    assert counts(page.districts) == {"Haidian District": 1}
    assert [value.key for value in (*page.years, *page.sources) if value.chosen] == ["2023", "The Office"]
    assert names(browse(library, [("date", "2024-03"), ("district", "Miyun District")])) == "b"
    assert names(browse(library, [("date", UNDATED)])) == "e"


def test_every_count_is_what_its_choice_leaves(library: Library) -> None:
    """Following any value of any list gives as many bulletins as stood beside it."""
    for asked in ([], [("date", "2024")], [("district", "Haidian District")], [("q", "tree")], [("date", "2023-12")]):
        page = browse(library, asked)
        facets = {"date": (*page.years, *page.months), "district": page.districts, "source": page.sources}
        for field, values in facets.items():
            for value in values:
                assert browse(library, [*(a for a in asked if a[0] != field), (field, value.key)]).total == value.count


def test_words_of_titles_and_headings_are_found(library: Library) -> None:
    """All words count, in any case and order; what only the running text says is not looked for."""
    assert names(browse(library, [("q", "TREE")])) == "adc"
    assert names(browse(library, [("q", "hill spring")])) == "b"
    assert names(browse(library, [("q", "bus")])) == ""


def test_copies_and_corrections_are_told(tmp_path: Path, library: Library) -> None:
    """A bulletin names those with the same text, and the later one that corrects it."""
    assert [[copy.name for copy in row.copies] for row in browse(library, []).rows] == [
        [],
        [],
        ["c.txt"],
        ["d.txt"],
        [],
    ]
    sentences = [f"On that morning the guests of house number {n} sang a long song." for n in range(8)]
    (tmp_path / "more").mkdir()
    corrected = build_library(
        tmp_path / "more",
        old=bulletin_text("2024-01-05", " ".join(sentences)),
        new=bulletin_text("2024-01-09", " ".join([*sentences[:-1], "On that morning nobody sang in the last house."])),
    )
    new, old = browse(corrected, []).rows
    assert (old.corrected_by, new.corrects) == (new.bulletin, (old.bulletin,))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([("date", "2024-13")], "“2024-13” is no year (2024) and no month (2024-03)."),
        ([("date", "²⁰²⁴")], "“²⁰²⁴” is no year (2024) and no month (2024-03)."),
        ([("date", "1999")], "No bulletin fits all of these."),
        ([("district", "haidian")], "No bulletin has a section of “haidian”."),
        ([("source", "Nobody")], "No bulletin comes from “Nobody”."),
        ([("page", "0")], "“0” is no number of a page."),
        ([("page", "x" * 99)], f"“{'x' * 60}…” is no number of a page."),
        ([("page", "2")], "The list ends at page 1; there is no page 2."),
        ([("colour", "red")], "Bulletins can't be chosen by “colour”, only by date, district, source and words."),
        ([("date", "2024"), ("date", "2023")], "Bulletins can be chosen by one “date” at a time."),
        ([("q", "x" * 201)], "Please search for at most 200 characters."),
    ],
)
def test_what_can_not_be_meant_leaves_nothing_and_is_said(
    library: Library, asked: list[tuple[str, str]], said: str
) -> None:
    """One sentence, no bulletin, and no error."""
    page = browse(library, asked)
    assert (page.problem, page.rows) == (said, ())


def test_an_empty_value_chooses_nothing(library: Library) -> None:
    """A form sends its empty fields too."""
    assert names(browse(library, [("q", " "), ("date", ""), ("page", "")])) == "abdce"


def test_a_long_list_has_pages(library: Library) -> None:
    """Fifty a page; each bulletin stands on one of them; the links lead on and back with the choice kept."""
    first = library.by_name["a.txt"]
    many = [replace(first, name=f"{number:03}.txt", body=str(number)) for number in range(2 * PAGE_SIZE + 1)]
    library = replace(library, bulletins=tuple(many), passages=())
    pages = [browse(library, [("q", "tree"), ("page", str(number))]) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert {row.bulletin.name for page in pages for row in page.rows} == {bulletin.name for bulletin in many}
    assert pages[0].filters.address(page=2) == "?q=tree&page=2"
    assert pages[1].filters.address(page=1) == "?q=tree"
    assert pages[1].filters.address(source="A & B") == "?source=A+%26+B&q=tree"


def test_the_page_s_links_do_what_their_counts_say(client: TestClient) -> None:
    """Each link of a facet, followed, says the number that stood beside it; odd characters in a source survive."""
    page = LexborHTMLParser(client.get("/bulletins").text)
    links = page.css(".facets li > a")
    assert len(links) == 8
    for link in links:
        number = link.css_first(".count").text()
        found = client.get("/" + (link.attributes["href"] or ""))
        assert found.status_code == 200
        assert re.match(rf"{number} bulletin", LexborHTMLParser(found.text).css_first(".total").text())


def test_the_page_says_why_it_is_empty(client: TestClient) -> None:
    """What was asked for stays text, and a link leads back to all."""
    found = client.get("/bulletins", params={"district": "<img src=x onerror=alert(1)>"})
    page = LexborHTMLParser(found.text)
    assert found.status_code == 200
    assert "No bulletin has a section of “<img src=x onerror=alert(1)>”." in page.css_first("[role=status]").text()
    assert page.css("img") == []
    assert page.css(".bulletins li") == []


def test_the_list_links_to_every_bulletin(client: TestClient, library: Library) -> None:
    """Each link opens that bulletin's page."""
    page = LexborHTMLParser(client.get("/bulletins").text)
    links = [link.attributes["href"] or "" for link in page.css(".bulletins h2 a")]
    assert links == [f"bulletin/{library.by_name[f'{name}.txt'].sha256}" for name in "abdce"]
    for link in links:
        assert client.get(f"/{link}").status_code == 200
