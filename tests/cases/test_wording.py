"""What is said beside quotes: dates, spelling, copies and notes in words for people, and of the words shown."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from rag.answer import messages, source_notes
from rag.answer.assistant import Assistant
from rag.answer.models import UNSURE
from rag.cli.ask import as_text
from rag.library.reader import Library
from rag.models import Hit
from rag.query.mentions import find_mentions
from rag.query.models import Query
from rag.query.spelling import Speller
from rag.text.dates import format_period, long_date
from rag.web.chat.answer_cards import answer_html
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

KNOWN = {
    "saturday",
    "apostille",
    "hackathon",
    "livestream",
    "vlog",
    "hutongs",
    "robot",
    "country",
    "wudaokou",
    "happened",
}
TEA = [f"In tea house {n} guests drank {n} cups of tea." for n in range(20, 40)]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2024-01-01", "2024-12-31", "2024"),
        ("2022-01-01", "2024-12-31", "2022 to 2024"),
        ("2024-03-01", "2024-03-31", "March 2024"),
        ("2024-01-01", "2024-06-30", "January to June 2024"),
        ("2023-11-01", "2024-02-29", "November 2023 to February 2024"),
        ("2024-03-11", "2024-03-11", "11 March 2024"),
        ("2024-05-01", "2024-05-01", "1 May 2024"),
        ("2024-05-01", "2024-05-10", "1 to 10 May 2024"),
        ("2023-04-29", "2024-03-11", "29 April 2023 to 11 March 2024"),
        ("2022-01-01", None, "since 2022"),
        ("2022-06-15", None, "since 15 June 2022"),
        (None, "2024-05-31", "until May 2024"),
        (None, None, ""),
    ],
)
def test_a_period_is_written_for_people(first: str | None, last: str | None, words: str) -> None:
    """In the longest spans that it begins and ends with; what both ends have is said once."""
    assert format_period(*(day and dt.date.fromisoformat(day) for day in (first, last))) == words  # type: ignore[arg-type]
    assert long_date(None) == "undated"


@pytest.mark.parametrize(
    "question",
    [
        *(
            "What happened on Saturdays?",
            "Which apostilles cost most?",
            "Hackathons for students",
            "livestreamed talks",
        ),
        *(
            "livestreaming from Miyun",
            "vlogs of guests",
            "a hutong walk",
            "trainings of staff",
            "on Thursdays",
            "robot's",
        ),
    ],
)
def test_another_form_of_a_known_word_is_no_mistake(question: str) -> None:
    """Plurals, forms of verbs, and the singular of a plural that the bulletins have."""
    assert Speller(KNOWN).corrections(find_mentions(question)) == ()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("satuday", "Saturday"), ("SATUDAY", "SATURDAY"), ("Satuday", "Saturday"), ("wudaoko", "Wudaokou")),
        *(("countrys", "country"), ("robts", "robots"), ("Volonteers", "Volunteers"), ("happend", "happened")),
        *(("finnland", "Finland"), ("evnts", "events"), ("openning", "opening")),
    ],
)
def test_a_correction_is_shown_with_its_capitals(typed: str, read: str) -> None:
    """Those that were typed, and that of a name."""
    words = KNOWN | {"robots", "volunteers", "finland", "events"}
    found = Speller(words).corrections(find_mentions(typed))
    assert messages.spelling_note(typed, found) == f"Reading “{typed}” as “{read}”. "


@pytest.mark.parametrize(
    ("query", "line"),
    [
        (Query(inherited=("kites",)), "Following on from “kites”. The nearest passage."),
        (Query(date_from=dt.date(2023, 1, 1)), "Since 2023: the nearest passage."),
        (Query(), "The nearest passage."),
        (Query(inherited=("kites", "2023"), districts=("Miyun District",)),
         "Following on from “kites, 2023”. Miyun District: the nearest passage."),
    ],
)  # fmt: skip
def test_every_sentence_begins_with_a_capital(query: Query, line: str) -> None:
    """Whatever stands before it."""
    assert messages.under_conditions(query, "the nearest passage.") == line


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """A library with copies of one bulletin, a corrected one, and one that names a district outside the quote."""
    kites = bulletin_text("2024-06-02", "Kites", "Sixty kites rose over the hill.", title="Kites")
    tea = bulletin_text("2024-03-01", "Tea", *TEA, title="Tea")
    library = build_library(
        tmp_path_factory.mktemp("wording"),
        kites=kites,
        kites_again=kites,
        kites_late=kites.replace("06-02", "06-09"),
        kites_other=kites.replace("06-02", "06-16").replace("Kites\n", "A Round-up\n", 1),
        kites_undated=bulletin_text(None, "Kites", "Sixty kites rose over the hill.", title="Kites"),
        tea=tea,
        tea_later=tea.replace("house 30", "house 300").replace("03-01", "03-08"),
        oars=bulletin_text(
            "2024-07-01",
            "Oars",
            "Forty oars were carved. The wood came by lorry from Pinggu.",
            title="Oars",
        ),
    )
    return Assistant(library, ENCODER)


def test_copies_are_one_sentence_under_the_bulletin_s_head(assistant: Assistant) -> None:
    """By title and date, never by file; the same bulletin in another file isn't mentioned at all."""
    answer = assistant.ask("sixty kites rose over the hill")
    quote = next(quote for quote in answer.quotes if "kites" in quote.text)
    said = source_notes.copies(assistant.library, quote)
    assert said.count("the bulletin dated") + said.count("“A Round-up” dated") >= 1
    assert said.startswith("The same text also stands in ")
    body = LexborHTMLParser(answer_html(answer, assistant.library)).body
    assert body
    for shown in (as_text(answer, assistant.library), body.text()):
        assert shown.count("The same text also stands in") == 1
        assert ".txt" not in shown


def test_the_public_sees_no_file_name_and_no_date_of_a_machine(assistant: Assistant) -> None:
    """At the terminal; the JSON has them."""
    for question in ("List all events", "What happened in March 2024?", "What happened since 2024-06-01?", "elephants"):
        text = as_text(assistant.ask(question), assistant.library)
        assert not re.search(r"\d{4}-\d\d|\.txt|[0-9a-f]{12}", text), text


@pytest.mark.parametrize(("words", "noted"), [("In tea house 30 guests", True), ("In tea house 25 guests", False)])
def test_a_note_is_of_the_words_shown(assistant: Assistant, words: str, noted: bool) -> None:
    """A later text of the bulletin is mentioned beside words that it hasn't, not beside the others."""
    library = assistant.library
    notes = [note_of(library, name, words) for name in ("tea.txt", "tea_later.txt")]
    later = "A later text of this bulletin, dated 8 March 2024, has other words here."
    assert notes[0] == (later if noted else None)
    assert notes[1] is None


def note_of(library: Library, name: str, words: str) -> str | None:
    """The note on the revision of the sentence that begins so."""
    for passage in library.passages:
        for number, sentence in enumerate(passage.sentences):
            if passage.bulletin == name and sentence.of(library.cached_text(name)).startswith(words):
                return source_notes.revision(library, Hit(passage, 1.0, (), number, number, ()))
    return None


def test_only_districts_in_the_quote_are_said_to_be_named(assistant: Assistant) -> None:
    """Not those that the paragraph around it names."""
    answer = assistant.ask("forty oars were carved")
    assert "Pinggu" not in answer.quotes[0].text
    assert "Pinggu District" in answer.quotes[0].mentions
    assert "Names" not in answer_html(answer, assistant.library)


def test_an_answer_of_low_certainty_has_a_heading_of_its_own(assistant: Assistant) -> None:
    """On the page it says that the quotes may not answer; a certain answer has no heading."""
    sure = assistant.ask("sixty kites rose over the hill")
    unsure = replace(sure, certainty="low", message=f"{UNSURE}: {sure.message}")
    for answer, headings in ((sure, []), (unsure, [UNSURE])):
        page = LexborHTMLParser(answer_html(answer, assistant.library))
        assert [heading.text() for heading in page.css("h2.near")] == headings
        assert page.css_first(".said").text() == sure.message
        assert bool(page.css(".answer.unsure")) == bool(headings)
