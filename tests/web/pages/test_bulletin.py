"""A bulletin's page: its sections, its other texts, what corrects it; and two texts side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from rag import settings
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Span
from rag.web.pages.bulletin import bulletin_html
from rag.web.pages.text_diff import diff_texts, diff_words, lines
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

NEWS = bulletin_text(
    "2024-05-10",
    "Spring has come to all of the districts in this part of the city.",
    "Haidian District",
    "Robots <greet> guests",
    "Twenty robots greeted guests from Norway on May 3.",
    "Miyun and Pinggu",
    "Peaches",
    "A train with peaches left for Lisbon on May 4.",
)
KITES = bulletin_text("2024-04-02", "Fengtai District", "Kites", "Sixty kites rose over the hill on a windy morning.")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return build_library(tmp_path, news=NEWS, kites=KITES, again=KITES.replace("04-02", "04-09"))


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    with TestClient(build_app(desk)) as client:
        yield client


def page_of(library: Library, sha256: str, start: int | None = None, end: int | None = None) -> LexborHTMLParser:
    places = [None if place is None else str(place) for place in (start, end)]
    return LexborHTMLParser(bulletin_html(library, sha256, *places) or "")


def grown(library: Library, **texts: str) -> Library:
    """The library once these bulletins have come or changed."""
    seeds = library.root.parent / "bulletins"
    for name, text in texts.items():
        (seeds / f"{name}.txt").write_text(text, encoding="utf-8")
    update_library(seeds, library.root, ENCODER)
    return Library.open(library.root)


def test_the_sections_lead_to_their_places(library: Library) -> None:
    """Each with its districts and heading; what it leads to begins with its heading line, wherever a quote lies."""
    news = library.by_name["news.txt"]
    text = library.text(news.sha256)
    events = [section for section in news.sections if section.role == "event"]
    for quoted in ((None, None), *((start, start + 30) for start in range(0, len(text) - 30, 7))):
        page = page_of(library, news.sha256, *quoted)
        rows = [[cell.text() for cell in row.css("td")] for row in page.css(".contents tbody tr")]
        assert rows == [
            ["Haidian District", "Robots <greet> guests"],
            ["Miyun District and Pinggu District", "Peaches"],
        ]
        html = page.css_first("main").html or ""
        for section, link in zip(events, page.css(".contents a"), strict=True):
            anchor = (link.attributes["href"] or "").removeprefix("#")
            after = LexborHTMLParser(html.partition(f'<span id="{anchor}"></span>')[2]).body
            assert after
            assert after.text() == text[section.start :]
        assert page.css_first("main").text() == text


def test_a_bulletin_tells_its_file_and_digests(library: Library) -> None:
    """The names by which anyone can find the file and compare it."""
    news = library.by_name["news.txt"]
    about = page_of(library, news.sha256).css_first(".about").text()
    assert all(value in about for value in (news.name, news.encoding, news.sha256, news.file_sha256))


def test_copies_lead_to_each_other(library: Library) -> None:
    """The same text under another name and date."""
    page = page_of(library, library.by_name["kites.txt"].sha256)
    remark = page.css_first(".remark")
    assert remark.text() == "The same text is also in again.txt, 9 April 2024."
    assert remark.css_first("a").attributes["href"] == f"../bulletin/{library.by_name['again.txt'].sha256}"


def test_all_texts_of_a_bulletin_are_listed(library: Library, client: TestClient) -> None:
    """Newest first, on the page of each; today's says "current", and each leads to the others and to what differs."""
    first = library.by_name["news.txt"].sha256
    library = grown(library, news=NEWS.replace("Twenty", "Thirty"))
    second = library.by_name["news.txt"].sha256
    library = grown(library, news=NEWS.replace("Twenty", "Forty"))
    third = library.by_name["news.txt"].sha256
    assert len({first, second, third}) == 3
    for number, digest in enumerate((third, second, first)):
        rows = page_of(library, digest).css(".versions tbody tr")
        states = ["current", "changed", "changed"]
        states[number] = f"this one, {states[number]}"
        assert [row.css("td")[2].text() for row in rows] == states
        links = [link.attributes["href"] or "" for row in rows for link in row.css("td a")]
        assert len(links) == 4
        for link in links:
            assert client.get(link.replace("../", "/")).status_code == 200
    assert page_of(library, library.by_name["kites.txt"].sha256).css(".versions") == []


def test_a_text_that_nothing_tells_of_still_opens(library: Library) -> None:
    """Its words are shown, and that whose they were isn't known."""
    sha256 = library.by_name["kites.txt"].sha256
    (library.root.parent / "bulletins" / "kites.txt").unlink()
    update_library(library.root.parent / "bulletins", library.root, ENCODER, allow_removal=True)
    (library.root / "texts" / f"{sha256}.json").unlink()
    page = page_of(Library.open(library.root), sha256)
    assert page.css_first("main").text() == KITES
    assert "whose text it was isn’t known any more" in page.css_first("[role=note]").text()


def test_two_texts_are_compared_under_one_address(library: Library, client: TestClient) -> None:
    """Unchanged paragraphs are told from changed ones; what is no digest finds nothing."""
    old = library.by_name["news.txt"].sha256
    new = grown(library, news=NEWS.replace("Twenty robots", "Thirty robots").replace("Peaches\n", "Peaches\n\nNews!\n"))
    sha256 = new.by_name["news.txt"].sha256
    page = LexborHTMLParser(client.get(f"/bulletin/{old}/beside/{sha256}").text)
    assert "2 paragraphs of 11 differ" in page.css_first("main > .from").text()
    assert [mark.text() for mark in page.css("mark")] == ["Twenty", "Thirty", "News!"]
    kites = new.by_name["kites.txt"].sha256
    for other in ("0" * 64, "..%2f..%2fCURRENT", "x", kites):  # the last is another bulletin
        assert client.get(f"/bulletin/{old}/beside/{other}").status_code == 404


@given(old=st.text("ab. \n中", max_size=60), new=st.text("ab. \n中", max_size=60))
def test_side_by_side_shows_every_line_of_both_texts(old: str, new: str) -> None:
    """In order, each once and character for character; what isn't marked is the same on both sides."""
    pairs = diff_texts(old, new)
    for text, side in ((old, [pair.old for pair in pairs]), (new, [pair.new for pair in pairs])):
        shown = ["".join(words for words, _ in pieces) for pieces in side if pieces is not None]
        assert shown == [span.of(text) for span in lines(text)]
    for pair in pairs:
        if pair.old is not None and pair.new is not None:
            kept = ["".join(w for w, mark in side if not mark).split() for side in (pair.old, pair.new)]
            assert "".join(kept[0]) == "".join(kept[1])


def test_a_very_long_paragraph_is_compared_by_sentence() -> None:
    """What stands in both is not marked; the work grows no faster than the text, whatever stands in it."""
    old = " ".join(f"On day {number} robots greeted {number * 7} guests from Norway." for number in range(200))
    pairs = diff_texts(old, old.replace("700 guests", "800 guests"))
    assert [pair.old for pair in pairs if not pair.same] == [
        (("On day 100 robots greeted ", ""), ("700", "gone"), (" guests from Norway. ", ""))
    ]
    for unit in ("a", "a ", "a.", ". ", "a, ", "中"):
        counted = [len(diff_texts(unit * size, "b" + unit * size)) for size in (8_000, 16_000)]
        assert counted[1] <= 2.2 * counted[0], unit


def test_words_that_differ_are_marked_word_by_word() -> None:
    """Runs of changed words are one mark; a Chinese character is a word of its own; spaces alone are no difference."""
    for old, new, gone, come in [
        ("sang a long song", "sang no song", ["a long"], ["no"]),
        ("20 guests came.", "21 guests  came!", ["20", "."], ["21", "!"]),
        ("北京市海淀区", "北京市朝阳区", ["海淀"], ["朝阳"]),
        ("all the same", "all  the same", [], []),
    ]:
        left, right = diff_words(old, Span(0, len(old)), new, Span(0, len(new)))
        assert ([w for w, mark in left if mark], [w for w, mark in right if mark]) == (gone, come)
