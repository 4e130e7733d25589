"""A PDF's text reads as a person reads its pages: parted words whole, letters apart, notes beside the sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rag.ingest.parse import parse
from tests.cases.conftest import DATA, AssistantOf
from tests.support.formats import lines, printed, written
from tests.support.pdf_files import Words, raw_pdf, text_pdf

pytestmark = pytest.mark.process
LEAD = "The guests came by the early train from the harbour and were met at the gate by old friends of"
HALF = 0.5  # of the font's size: the width of each letter of ``text_pdf``


def column(*rows: str, top: float = 760.0, size: float = 11.0) -> list[Words]:
    """Lines below one another, each of the width of the widest but the last, as a justified column has them."""
    return [(60.0, top - 14 * number, size, row) for number, row in enumerate(rows)]


def text_of(tmp_path: Path, *pages: list[Words]) -> str:
    return " ".join(written(tmp_path, text_pdf(*pages), "a.pdf").text.split())


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (f"{LEAD} inter-", "national clubs of rowers.", "of international clubs"),
        (f"{LEAD} the well-", "known rowers of the lake.", "of the well-known rowers"),
        (f"{LEAD[:-2]} after a snow-", "storm that closed the pass.", "after a snowstorm that"),
        (f"{LEAD} Asia-", "Pacific clubs of rowers.", "of Asia-Pacific clubs"),
        (f"{LEAD} 2022-", "2023 when they had come first.", "of 2022-2023 when"),
        (f"{LEAD} two-", "and three-day tours.", "of two- and three-day"),
        (f"{LEAD} Quzuqu-", "zan who had come before.", "of Quzuquzan who"),
        (f"{LEAD} inter\u00ad", "national clubs of rowers.", "of international clubs"),
        (f"{LEAD} inter\u2010", "national clubs of rowers.", "of international clubs"),
        (f"{LEAD} the old -", "nearly all were rowers.", "of the old - nearly all"),
    ],
)
def test_words_parted_at_a_line_end(first: str, second: str, joined: str, tmp_path: Path) -> None:
    """They are joined; a compound keeps its hyphen, and a dash its spaces."""
    assert joined in text_of(tmp_path, column(LEAD + " the", first, second))


def test_a_word_that_stands_whole_elsewhere_decides(tmp_path: Path) -> None:
    """How the bulletin itself writes the word counts for more than a word list."""
    rows = (f"{LEAD} the tea-", "house by the lake. Every teahouse was open.")
    assert "the teahouse by" in text_of(tmp_path, column(LEAD + " the", *rows))
    rows = (f"{LEAD} the tea-", "house by the lake. Every tea-house was open.")
    assert "the tea-house by" in text_of(tmp_path, column(LEAD + " the", *rows))


def test_letters_that_are_printed_as_one_are_stored_apart(tmp_path: Path) -> None:
    """Ligatures, and the Chinese radicals that some fonts give instead of characters."""
    assert text_of(tmp_path, column("The oﬃcer’s ﬂuent ﬁrst oﬀer.")) == "The officer’s fluent first offer."
    assert text_of(tmp_path, column("⽇本代表团于五⽉⼀⽇访问⾸都。")) == "日本代表团于五月一日访问首都。"


def test_footnotes_stand_apart_and_sentences_go_on_over_the_page(tmp_path: Path) -> None:
    """The mark goes with its note; a word can even be parted by the end of the page."""
    end = 60.0 + HALF * 11 * len("They saw the old harbour.")
    above = [
        *column(f"{LEAD} the", f"{LEAD} the", "They saw the old harbour.", top=200.0),
        (end, 176.0, 6.5, "1"),
        (end + 4, 172.0, 11.0, f" {LEAD[:67]}"),
        *column(f"{LEAD} inter-", top=158.0),
        (60.0, 90.0, 8.0, "1 Counted by the harbour office, which has kept its books since the year of the fire,"),
        (60.0, 80.0, 8.0, "in the summer."),
        (60.0, 70.0, 8.0, "2 So the office."),
        (290.0, 40.0, 9.0, "1"),
    ]
    below = [*column("national clubs of rowers who had come before.", f"{LEAD} the lake."), (290.0, 40.0, 9.0, "2")]
    bulletin = written(tmp_path, text_pdf(above, below), "a.pdf")
    words = [" ".join(line.split()) for line in lines(bulletin)]
    assert any(f"harbour. {LEAD[:67]} {LEAD} international clubs of rowers who had come" in line for line in words)
    assert words[-3:-1] == [
        "1 Counted by the harbour office, which has kept its books since the year of the fire, in the summer.",
        "2 So the office.",
    ]


def test_raised_letters_that_are_no_footnotes_stay(tmp_path: Path) -> None:
    """A square metre stays one, even where a note has the number."""
    end = 60.0 + HALF * 11 * len("The hall has 90 m")
    page = [*column("The hall has 90 m"), (end, 764.0, 6.5, "2"), (end + 4, 760.0, 11.0, " of room.")]
    assert text_of(tmp_path, page) == "The hall has 90 m² of room."
    notes = [(60.0, 90.0, 8.0, "1 Counted in May."), (60.0, 80.0, 8.0, "2 So they say.")]
    assert text_of(tmp_path, page + notes).startswith("The hall has 90 m² of room.")


def test_a_note_can_be_marked_by_an_asterisk(tmp_path: Path) -> None:
    """As it can by a number."""
    page = [*column("The hall has 90 seats* and a stage.", "It is new."), (60.0, 90.0, 8.0, "* Counted in May.")]
    assert text_of(tmp_path, page) == "The hall has 90 seats and a stage. It is new. * Counted in May."


def test_words_are_told_apart_by_the_room_between_them(tmp_path: Path) -> None:
    """Some programs place words without a space between, and others place each letter."""
    apart = raw_pdf([b"BT /F1 12 Tf 72 700 Td [(The)-300(guests)-280(b)10(o)-20(w)5(ed)-333(twice.)] TJ ET"])
    assert written(tmp_path, apart, "a.pdf").text == "The guests bowed twice."
    letters = b"".join(b"1 0 0 1 %d 700 Tm (%c) Tj " % (72 + 7 * n, letter) for n, letter in enumerate(b"HONGKONG"))
    assert written(tmp_path, raw_pdf([b"BT /F1 10 Tf " + letters + b"ET"]), "b.pdf").text == "HONGKONG"


def test_spaced_out_letters_are_words(tmp_path: Path) -> None:
    """As in some headings; with a space between the words or without."""
    spaced = raw_pdf([b"BT /F1 12 Tf 3 Tc 72 700 Td (The guests bowed) Tj ET"])
    assert written(tmp_path, spaced, "a.pdf").text == "The guests bowed"
    kerned = raw_pdf([b"BT /F1 12 Tf 3 Tc 72 700 Td [(The)-400(guests)-400(bowed)] TJ ET"])
    assert written(tmp_path, kerned, "b.pdf").text == "The guests bowed"


def test_words_printed_twice_to_look_bold_count_once(tmp_path: Path) -> None:
    """The second time a hair's breadth aside."""
    page = [(60.0, 760.0, 14.0, "Haidian District"), (60.3, 760.0, 14.0, "Haidian District")]
    assert text_of(tmp_path, page, column("The guests bowed.")) == "Haidian District The guests bowed."


def test_a_browsers_hyphens_and_ligatures(browser: Browser, tmp_path: Path) -> None:
    """What a browser prints in a narrow column reads like the page that it printed."""
    words = "An of·fi·cial and an in·ter·na·tion·al del·e·ga·tion af·firmed it. ".replace("·", "\u00ad")
    made = printed(browser, [words * 12], "body { font: 12pt serif; width: 7cm; text-align: justify }")
    expected = words.replace("\u00ad", "") * 12
    assert " ".join(written(tmp_path, made, "a.pdf").text.split()) == expected.strip()


def test_the_case_is_read_whole() -> None:
    """Parted words, ligatures, and a footnote at the foot of a page inside a sentence."""
    words = [" ".join(line.split()) for line in lines(parse(DATA / "corpus" / "a10.pdf"))]
    assert parse(DATA / "corpus" / "a10.pdf").title == "Consular officers visit the district museum"
    assert any("officers from nine embassies" in line and "spent an interesting afternoon" in line for line in words)
    assert any("a second visit, and that the district should lend its best pieces" in line for line in words)
    assert "1 The museum counts from 1912." in words


def test_the_case_is_answered_by_the_whole_sentence(assistant_of: AssistantOf) -> None:
    """The footnote is no part of the quote."""
    answer = assistant_of("corpus").ask("To which museums should the district lend its best pieces?")
    quote = " ".join(answer.quotes[0].text.split())
    assert "that the district should lend its best pieces to the partner museums in Lima and Quito" in quote
    assert "well-known collection" in quote
    assert "1912" not in quote
