"""Answers over made-up bulletins: lists are whole and counted by events, copies are told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.assistant import Assistant
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.query import glossary
from rag.text import places, wordlists
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import FIRST, SECOND


@pytest.fixture
def crowded(tmp_path: Path, fake: HashingEncoder) -> Assistant:
    """Two hundred and sixty bulletins of one year."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(260):
        text = SECOND.replace("2023-01-09", f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}").replace(
            "Sixty", str(number)
        )
        (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
    update_library(folder, tmp_path / "library", fake)
    return Assistant(Library.open(tmp_path / "library"), fake)


@pytest.mark.parametrize("question", ["List all events in 2024", "How many events in 2024?"])
def test_a_list_is_whole_however_long(crowded: Assistant, question: str) -> None:
    """No cap at some k: every event of the year, newest first, and the count says so."""
    answer = crowded.ask(question)
    assert (answer.status, answer.total, len(answer.quotes)) == ("answered", 260, 260)
    assert "260 passages in 260 of 260 bulletins" in answer.message
    dates = [str(quote.date) for quote in answer.quotes]
    assert dates == sorted(dates, reverse=True)


def test_copies_are_told_once(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """The other files with the same text are named beside the quote."""
    (folder / "again.txt").write_text(FIRST, encoding="utf-8")
    update_library(folder, tmp_path / "copies", fake)
    answer = Assistant(Library.open(tmp_path / "copies"), fake).ask("What happened in May 2024?")
    assert answer.quotes
    assert {quote.bulletin for quote in answer.quotes} == {"again.txt"}
    assert {quote.also_in for quote in answer.quotes} == {("first.txt",)}
    assert len({(quote.start, quote.end) for quote in answer.quotes}) == len(answer.quotes)


def test_a_filter_that_leaves_nothing_says_so(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """With the nearest passage beside it, which is no answer."""
    answer = Assistant(Library.open(library), fake).ask("What happened in Haidian in 2019?")
    assert (answer.status, answer.total, len(answer.quotes)) == ("no_match", 0, 1)
    assert answer.message.startswith("Haidian District, 2019: none of these bulletins tells of this.")


def test_what_was_carried_over_is_said(library: Path, fake: HashingEncoder) -> None:
    """In the answer's first words, and in its record."""
    answer = Assistant(Library.open(library), fake).ask("and in Pinggu?", history=["What happened in Haidian in 2024?"])
    assert answer.query.inherited == ("2024",)
    assert answer.message.startswith("Following on from “2024”. Pinggu District, 2024: 1 passage in 1 of 2 bulletins")
    assert [quote.heading for quote in answer.quotes] == ["Peaches for Lisbon"]


def test_a_lead_is_no_event(library: Path, fake: HashingEncoder) -> None:
    """Asked for whatever happened, the desk counts the two events, not the sentence above them."""
    answer = Assistant(Library.open(library), fake).ask("How many events in May 2024?")
    assert answer.total == 2
    assert {quote.heading for quote in answer.quotes} == {"Robots greet the guests", "Peaches for Lisbon"}


def test_the_first_question_finds_every_list_of_words_read(
    library: Path, fake: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Misspelt or Chinese: after the warm-up, reading a question opens no list."""
    for cached in (wordlists.common_words, glossary.glossary, places._names, places._well_known):
        cached.cache_clear()
    assistant = Assistant(Library.open(library), fake)
    assistant.warm_up()
    read: list[str] = []

    def noted(name: str) -> str:
        read.append(name)
        return wordlists.read_packaged(wordlists.DATA_FOLDER / name)

    for module in (wordlists, glossary, places):
        monkeypatch.setattr(module, "read_data", noted)
    for question in ("Who came from Lisbn and Qatar?", "Which conserts were held?", "卡塔尔代表团访问了哪里?"):
        assistant.ask(question)
    assert read == []
