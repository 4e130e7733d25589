"""Answers as CSV: what a spreadsheet opens, and what still proves each quote."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.csv_export import COLUMNS, escape_formula, file_name, restore_formula, to_csv
from rag.errors import QuoteMismatch
from rag.library.reader import Library
from tests.support.paths import ROOT
from tests.support.rag_command import RunRag
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_library import build_library

BULLETIN = """=HYPERLINK("http://example.invalid")
Date: 2024-03-11
Source: Beijing Foreign Affairs Office

Haidian District

An evening, with "music"

'Tis the season: guests sang.\r
=1+1, they said; 海淀 too.
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return build_library(tmp_path, a=BULLETIN)


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def test_each_quote_is_a_row(library: Library) -> None:
    """All columns, in order; several districts and files in one cell; UTF-8 with a byte-order mark for Excel."""
    bulletin = library.bulletins[0]
    words = "guests sang.\r\n=1+1"
    quote = quote_of(
        library,
        bulletin,
        words,
        districts=("Haidian District", "Miyun District"),
        heading='An evening, with "music"',
        note="An earlier text differs.",
        side="Haidian",
        also_in=("b.txt", "c.txt"),
    )
    table = to_csv(answer_of(quote, quote_of(library, bulletin, "海淀", date=None)), library)
    assert table.startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode())
    first, second = rows_of(table)
    assert tuple(first) == COLUMNS
    assert first == {
        "rank": "1",
        "date": "2024-03-11",
        "districts": "Haidian District; Miyun District",
        "heading": 'An evening, with "music"',
        "quote": "guests sang.\r\n'=1+1",
        "title": '\'=HYPERLINK("http://example.invalid")',
        "source": "Beijing Foreign Affairs Office",
        "bulletin": "a.txt",
        "start": str(quote.start),
        "end": str(quote.end),
        "sha256": quote.sha256,
        "side": "Haidian",
        "note": "An earlier text differs.",
        "also_in": "b.txt; c.txt",
    }
    assert (second["rank"], second["date"], second["quote"]) == ("2", "", "海淀")


@pytest.mark.parametrize("words", ["=1+1, they said; 海淀 too.", "'Tis the season", "\r\n=1+1", "guests sang.\r\n=1+1"])
def test_every_quote_can_be_proved_from_the_file(library: Library, words: str) -> None:
    """The apostrophes off that were put before formulas, and the cell is the slice that start and end name."""
    bulletin = library.bulletins[0]
    row = rows_of(to_csv(answer_of(quote_of(library, bulletin, words)), library))[0]
    assert restore_formula(row["quote"]) == library.text(bulletin.sha256)[int(row["start"]) : int(row["end"])] == words


CELL = st.text("=+-@;\t\r\n '\"＝＋－＠a", max_size=12) | st.text(max_size=12)


@given(CELL | st.builds(str.__add__, st.sampled_from("=+-@\t\r\n＝＋－＠'"), st.text(max_size=8)))
def test_no_cell_is_a_formula_and_none_loses_its_words(words: str) -> None:
    """Whatever a bulletin says, a spreadsheet takes it for text, and the exact words can be had back."""
    cell = escape_formula(words)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert restore_formula(cell) == words


@given(CELL, st.sampled_from(";\t"))
def test_no_cell_is_a_formula_where_other_signs_part_cells(words: str, sign: str) -> None:
    """Most of Europe's spreadsheets part cells by semicolons, and take the quotation marks before a formula off."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(("1", escape_formula(words), "end"))
    for row in csv.reader(io.StringIO(line.getvalue(), newline=""), delimiter=sign):
        for cell in row:
            assert not cell.lstrip(' "').startswith(tuple("=+-@＝＋－＠"))


def test_near_misses_are_not_saved(library: Library) -> None:
    """The file of a "no match" has its head alone."""
    answer = answer_of(quote_of(library, library.bulletins[0], "guests"), status="no_match")
    assert rows_of(to_csv(answer, library)) == []


def test_a_quote_that_is_no_slice_is_never_saved(library: Library) -> None:
    """One changed character, and there is no file."""
    quote = quote_of(library, library.bulletins[0], "guests sang")
    with pytest.raises(QuoteMismatch):
        to_csv(answer_of(replace(quote, text="guests song")), library)


def test_the_name_says_day_and_matter_in_safe_characters() -> None:
    """Topic, districts and period; letters, digits and hyphens alone, and not too many."""
    day = dt.date(2026, 11, 22)
    year = {"date_from": dt.date(2023, 1, 1), "date_to": dt.date(2023, 12, 31)}
    names = [
        file_name(answer_of(topic="Consular protection"), day),
        file_name(answer_of(topic='../"; x=\r\n\u202e', districts=("Tong'an District",), **year), day),
        file_name(answer_of(topic="领事保护"), day),
        file_name(answer_of(topic="long words " * 50), day),
    ]
    assert names[:3] == [
        "bulletin-desk-2026-11-22-consular-protection.csv",
        "bulletin-desk-2026-11-22-x-tongan-district-2023.csv",
        "bulletin-desk-2026-11-22-answer.csv",
    ]
    assert len(names[3]) <= len("bulletin-desk-2026-11-22-.csv") + 60


def test_the_command_saves_the_answer(rag: RunRag, seeds_library: Path, tmp_path: Path) -> None:
    """The same quotes that are printed; beside JSON too."""
    path = tmp_path / "events.csv"
    question = "what consular protection events happened"
    done = rag("ask", question, "--csv", path, "--library", seeds_library)
    assert (done.returncode, done.stderr) == (0, "")
    rows = rows_of(path.read_bytes())
    assert rows
    held = Library.open(seeds_library)
    for row in rows:
        assert held.text(row["sha256"])[int(row["start"]) : int(row["end"])] == restore_formula(row["quote"])
        assert row["quote"].split("\n")[0] in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["ask", "consular protection", "--csv", "no-such-folder/x.csv"], 1, "no-such-folder/x.csv"),
        (["ask", "", "--csv", "x.csv"], 2, "empty"),
        (["ask", "--batch", "x", "--csv", "x.csv"], 2, "--csv and --receipt belong to a single QUESTION"),
    ],
)
def test_what_cannot_be_saved_is_one_line(
    rag_process: RunRag, seeds_library: Path, arguments: list[str], status: int, says: str
) -> None:
    """Where and why, and no file."""
    done = rag_process(*arguments, "--library", seeds_library)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1)
    assert says in done.stderr
    assert not (ROOT / "x.csv").exists()
