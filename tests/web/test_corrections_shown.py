"""What the desk corrected is used for answers and shown as corrected, with what the file gives: on cards, on the pages
of bulletin and quote, in a quote's note; and it outlasts indexing."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from rag.answer import source_notes
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.cli import json_output
from rag.cli.ask import as_text
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.library.build.update import Report, update_library
from rag.library.reader import Library
from rag.models import Hit, Quote
from rag.web.chat.answer_cards import answer_html
from rag.web.pages.bulletin import bulletin_html
from rag.web.pages.quote import quote_html
from tests.support.sample_answers import answer_of
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER

EVIL = "<b>News</b> & {{ 7*7 }}"
TEXTS = {
    "fair": bulletin_text(
        "2024-05-10",
        "Haidian District", "Robots greet guests", "Twenty robots greeted guests from Norway on Friday.",
        "Pinggu District", "Peaches for Lisbon", "A train with peaches for guests left for Lisbon.",
        title=EVIL,
    ),
    "undated": bulletin_text(None, "Sixty pensioners heard a talk on passports.", title="A talk"),
    "plain": bulletin_text("2024-02-02", "Miyun District", "Kites", "Sixty kites rose over the reservoir."),
}  # fmt: skip


def index(folder: Path) -> Report:
    return update_library(folder / "bulletins", folder / "library", ENCODER)


def correct(folder: Path, name: str, districts: Mapping[str | None, Sequence[str]] | None = None, **head: str) -> None:
    path = folder / "bulletins" / f"{name}.txt"
    sidecar.save(path, propose(path, districts=districts or {}, **head))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of bulletins; the fair has another title and date, its robots another district; the talk has a date.
    Not to be changed."""
    folder = tmp_path_factory.mktemp("corrected")
    seeds = folder / "bulletins"
    seeds.mkdir()
    for name, text in TEXTS.items():
        (seeds / f"{name}.txt").write_text(text, encoding="utf-8")
    correct(folder, "fair", {"Robots greet guests": ["Fengtai"]}, title="A week <i>in</i> May", date="2024-05-12")
    correct(folder, "undated", date="2023-01-09")
    index(folder)
    return folder


@pytest.fixture
def own(desk: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(desk, tmp_path / "own")


def library_of(desk: Path) -> Library:
    return Library.open(desk / "library")


def ask(desk: Path, question: str) -> Answer:
    return Assistant(library_of(desk), ENCODER).ask(question, asked_on=dt.date(2024, 6, 1))


def head(html: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in html.css(selector)]


HEAD = (
    f"Corrected by the desk: the title, which the file gives as “{EVIL}”;"
    " the date, which the file gives as 10 May 2024."
)
DISTRICT = "The desk corrected its district; the file gives Haidian District."


def test_answers_follow_what_was_corrected(desk: Path) -> None:
    """The district and the day that hold are those that find; the words are the file's."""
    answer = ask(desk, "What happened in Fengtai in May 2024?")
    assert [(q.districts, q.date, q.title, q.bulletin) for q in answer.quotes] == [
        (("Fengtai District",), dt.date(2024, 5, 12), "A week <i>in</i> May", "fair.txt")
    ]
    text = TEXTS["fair"]
    assert answer.quotes[0].text == text[answer.quotes[0].start : answer.quotes[0].end]
    assert answer.quotes[0].sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert ask(desk, "What happened in Haidian?").status == "no_match"
    assert [q.bulletin for q in ask(desk, "What happened in January 2023?").quotes] == ["undated.txt"]


def test_a_quote_notes_what_was_corrected(desk: Path) -> None:
    """In Python, in JSON and at the terminal; not of another section's district, nor where nothing was corrected."""
    robots = ask(desk, "robots guests Norway")
    peaches = ask(desk, "peaches Lisbon train")
    assert robots.quotes[0].note == f"{DISTRICT} {HEAD}"
    assert json_output.answered(robots)["quotes"][0]["note"] == robots.quotes[0].note
    assert f"  {DISTRICT} {HEAD}" in as_text(robots, library_of(desk)).splitlines()
    assert peaches.quotes[0].note == HEAD
    talk = ask(desk, "talk on passports").quotes[0]
    assert (talk.date, talk.note) == (
        dt.date(2023, 1, 9), "Corrected by the desk: the date, which the file doesn't state."
    )  # fmt: skip
    assert ask(desk, "kites reservoir").quotes[0].note is None


def test_a_corrected_reissue_says_both(own: Path) -> None:
    """That a later text corrects it, and that the desk corrected its date."""
    old = bulletin_text(
        "2024-03-01", "Tea", *(f"In tea house {n} guests drank {n} cups of tea." for n in range(20, 40))
    )
    for name, text in {"tea": old, "tea2": old.replace("house 30", "house 300").replace("03-01", "03-08")}.items():
        (own / "bulletins" / f"{name}.txt").write_text(text, encoding="utf-8")
    correct(own, "tea", date="2024-03-02")
    index(own)
    library = library_of(own)
    assert library.by_name["tea2.txt"].replaces == ("tea.txt",)
    answer = ask(own, "how many cups in tea house 30, published on 2024-03-02")
    quote = next(quote for quote in answer.quotes if quote.bulletin == "tea.txt")
    assert quote.note == (
        "A later text of this bulletin, dated 8 March 2024, has other words here."
        " Corrected by the desk: the date, which the file gives as 1 March 2024."
    )


def test_of_sections_without_headlines_the_corrected_one_is_named(own: Path) -> None:
    """Two have one district now, and one has it from its own heading; a lead has none, and was never corrected."""
    text = bulletin_text(
        "2024-04-02", "Spring has come to all of them.",
        "Haidian District", "Sixty kites rose over the hill.", "Fengtai District", "A lion danced, and then it rained.",
    )  # fmt: skip
    for districts, told in (("Fengtai", [None, DISTRICT, None]), ("", [None, DISTRICT, None])):
        (own / "bulletins" / "lions.txt").write_text(text, encoding="utf-8")
        correct(own, "lions", {"Haidian District": [districts] if districts else []})
        index(own)
        library = library_of(own)
        parts = [passage for passage in library.passages if passage.bulletin == "lions.txt"]
        assert [source_notes.correction(library, Hit(passage, 1.0, (), 0, 0, ())) for passage in parts] == told
        sidecar.save(own / "bulletins" / "lions.txt", ())


def test_a_district_from_the_title_is_corrected_of_every_section_without_a_headline(own: Path) -> None:
    """The lead and the closing have no heading of their own, and the one of a bulletin about one event neither."""
    text = bulletin_text("2024-04-02", "Sixty kites rose over the hill.", title="News from Miyun")
    (own / "bulletins" / "kites.txt").write_text(text, encoding="utf-8")
    correct(own, "kites", {None: ["Pinggu", "Daxing"]})
    index(own)
    library = library_of(own)
    passage = next(one for one in library.passages if one.bulletin == "kites.txt")
    assert passage.districts == ("Pinggu District", "Daxing District")
    told = "The desk corrected its district; the file gives Miyun District."
    assert source_notes.correction(library, Hit(passage, 1.0, (), 0, 0, ())) == told


def quotes_of(desk: Path) -> tuple[Library, tuple[Quote, ...]]:
    library = library_of(desk)
    answers = [ask(desk, question).quotes[0] for question in ("robots guests Norway", "peaches Lisbon train")]
    return library, tuple(answers)


def test_a_card_shows_at_its_head_what_was_corrected(desk: Path) -> None:
    """Once for all of a bulletin's quotes; the district beside the quote that it is of.  Nothing of it is markup."""
    library, quotes = quotes_of(desk)
    answer = answer_of(*quotes, kind="list", exhaustive=True)
    page = LexborHTMLParser(answer_html(answer, library))
    assert head(page, "section.bulletin > .remark") == [HEAD]
    assert [head(card, ".remark") for card in page.css("article.quote")] == [[DISTRICT], []]  # type: ignore[arg-type]
    assert page.css("section.bulletin b, section.bulletin i") == []
    assert [quote.text for quote in quotes] == [words.text() for words in page.css("article > blockquote")]
    plain = LexborHTMLParser(answer_html(ask(desk, "kites reservoir"), library))
    assert plain.css(".remark") == []


def test_other_notes_stay_with_their_quotes(desk: Path) -> None:
    """What precedes the correction in a note, and notes without one."""
    library, (robots, peaches) = quotes_of(desk)
    later = "A later text of this bulletin, dated 1 June 2024, has other words here."
    both = replace(robots, note=f"{later} {robots.note}"), replace(peaches, note=f"{later} {HEAD}")
    answer = answer_of(*both, kind="list", exhaustive=True)
    page = LexborHTMLParser(answer_html(answer, library))
    assert head(page, "section.bulletin > .remark") == [HEAD]
    assert head(page, "article .remark") == [f"{later} {DISTRICT}", later]
    alone = LexborHTMLParser(answer_html(answer_of(replace(robots, note=later)), library))
    assert head(alone, ".remark") == [later]


def test_a_bulletin_s_page_says_what_was_corrected(desk: Path) -> None:
    """In its head, with what the file gives; the text below is the file's, to the last character."""
    library = library_of(desk)
    fair = library.by_name["fair.txt"]
    page = LexborHTMLParser(bulletin_html(library, fair.sha256, None, None) or "")
    districts = "the districts of “Robots greet guests”, which the file gives as Haidian District."
    assert head(page, "header .remark") == [f"{HEAD.removesuffix('.')}; {districts}"]
    assert head(page, "h1") == ["A week <i>in</i> May"]
    assert head(page, "header dd")[0] == "12 May 2024"
    assert page.css_first("main").text() == TEXTS["fair"]
    assert page.css("header .remark b, header .remark i") == []
    undated = bulletin_html(library, library.by_name["undated.txt"].sha256, None, None) or ""
    assert "Corrected by the desk: the date, which the file doesn’t state." in undated
    plain = bulletin_html(library, library.by_name["plain.txt"].sha256, None, None) or ""
    assert "Corrected by the desk" not in plain


def test_a_quote_s_page_cites_what_holds_and_says_so(desk: Path) -> None:
    """Date, title and district in the citation are the corrected ones; the remark gives the file's."""
    library, (robots, _) = quotes_of(desk)
    page = LexborHTMLParser(quote_html(library, robots.sha256, f"{robots.start}-{robots.end}", up="../") or "")
    assert head(page, ".quoted .remark")[0].startswith(HEAD.removesuffix("."))
    cited = head(page, ".cited")[0]
    assert "“A week <i>in</i> May”, 2024-05-12" in cited
    assert "(Fengtai District)" in cited
    assert "The citation and the files below are as corrected by the desk." in page.css_first("main").text()
    kites = ask(desk, "kites reservoir").quotes[0]
    assert "orrected" not in (quote_html(library, kites.sha256, f"{kites.start}-{kites.end}", up="../") or "")


def test_corrections_outlast_indexing(own: Path) -> None:
    """They are of the file, not of the library: indexing again, and from nothing, gives the same; nothing else is read
    anew."""
    before = library_of(own)
    again = index(own)
    assert (again.generation, again.unchanged, again.notes) == (before.generation, 3, ())
    other = update_library(own / "bulletins", own / "other", ENCODER)
    assert other.generation == before.generation
    assert Library.open(own / "other").by_name == before.by_name
    sidecar.save(own / "bulletins" / "undated.txt", ())
    assert index(own).changed == ("undated.txt",)
    assert library_of(own).by_name["undated.txt"].date is None


def test_a_bulletin_that_changes_says_what_fits_no_more(own: Path) -> None:
    """The title was put right by the office, the date is another one: the rest of the corrections still holds."""
    text = TEXTS["fair"].replace(EVIL, "A week <i>in</i> May").replace("2024-05-10", "2024-05-11")
    (own / "bulletins" / "fair.txt").write_text(text, encoding="utf-8")
    report = index(own)
    assert report.notes == (
        "fair.txt: The correction of the date no longer fits and is left out:"
        " the file gives “2024-05-11”, not “2024-05-10”.",
    )
    fair = library_of(own).by_name["fair.txt"]
    assert (fair.title, fair.date) == ("A week <i>in</i> May", dt.date(2024, 5, 11))
    assert [one.field for one in fair.corrections] == ["districts"]
    assert fair.sections[0].districts == ("Fengtai District",)


def test_unusable_corrections_leave_the_bulletin_uncorrected_and_are_named(own: Path) -> None:
    """The file is skipped, not the bulletin, and the rest goes on."""
    sidecar.path_of(own / "bulletins" / "fair.txt").write_text("{", encoding="utf-8")
    report = index(own)
    assert [one.bulletin for one in report.skipped] == ["fair.txt.corrections.json"]
    assert re.fullmatch(r"can't be read as corrections [^\n]+stands uncorrected[^\n]+", report.skipped[0].reason)
    assert library_of(own).by_name["fair.txt"].date == dt.date(2024, 5, 10)
