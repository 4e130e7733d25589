"""The operator's notice: what it is made of, which questions it stands above, and how it is set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.answer.notice import FILE, Notice, clear, notice_for, parse_notice, read, save
from rag.errors import LibraryDamaged, LibraryUnwritable, SettingInvalid
from tests.support.rag_command import RunRag

LINE = "In an emergency abroad call 12308, day and night."
WORDS = "lost passport, arrested; earthquake，护照 丢失"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    save(tmp_path, parse_notice(LINE, WORDS))
    return tmp_path


@pytest.mark.parametrize(
    "question",
    [
        "I lost my passport in Rome",
        "My passport was stolen or lost, what now?",
        "LOST PASSPORTS!",
        "What if my son gets arrested abroad?",
        "who can help after the earthquakes",
        "我的护照在罗马丢失了怎么办",
    ],
)
def test_it_stands_above_questions_with_its_words(library: Path, question: str) -> None:
    """In any form and order, with a few words between."""
    assert notice_for(library, question) == LINE


@pytest.mark.parametrize(
    "question",
    [
        "How do I renew my passport?",
        "Which team lost?",
        "Which district lost the football match, and when does the new office for passports open?",
        "What consular protection events happened?",
        "护照在哪里办",
        "",
        "🙂",
    ],
)
def test_it_stands_above_no_others(library: Path, question: str) -> None:
    """Every word of a phrase has to be there, and near the others."""
    assert notice_for(library, question) is None


def test_a_change_is_seen_at_once(tmp_path: Path) -> None:
    """Set, changed, taken down: whoever serves the library needs no restart."""
    assert notice_for(tmp_path, "an earthquake") is None
    for line in ("Call 12308.", "Call 12309."):
        save(tmp_path, parse_notice(line, "earthquake"))
        assert notice_for(tmp_path, "an earthquake") == line
    clear(tmp_path)
    assert notice_for(tmp_path, "an earthquake") is None
    clear(tmp_path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The phrases are told apart by commas and semicolons, Chinese ones too; nothing else is left in the folder."""
    assert read(tmp_path) is None
    save(tmp_path / "new", parse_notice(f"  {LINE} ", " lost   passport,arrested ;;earthquake、海啸 "))
    assert read(tmp_path / "new") == Notice(LINE, ("lost passport", "arrested", "earthquake", "海啸"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("line", "words", "says"),
    [
        ("", "arrested", "--set is empty"),
        ("Call.", " ", "--words is empty"),
        ("Call\n12308.", "arrested", "--set holds a line break"),
        ("Call\u202e12308.", "arrested", "can't be seen"),
        ("x" * 301, "arrested", "301 characters, more than 300"),
        ("Call.", ",;", "--words holds 0 phrases"),
        ("Call.", ",".join(["arrested"] * 51), "--words holds 51 phrases"),
        ("Call.", "the, arrested", "“the” holds no word to look for"),
        ("Call.", "x" * 61, "more than 60 characters"),
    ],
)
def test_what_cannot_be_a_notice_is_refused(line: str, words: str, says: str) -> None:
    """What is wrong with it, in one line."""
    with pytest.raises(SettingInvalid) as refused:
        parse_notice(line, words)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"{", b'{"line": 5, "words": []}', b'{"line": "x", "words": []}', b"\xff\xfe"])
def test_a_damaged_notice_keeps_nobody_from_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    """It is logged once, the command reports it, and setting a new one mends it."""
    (tmp_path / FILE).write_bytes(data)
    assert [notice_for(tmp_path, "an earthquake") for _ in range(3)] == [None] * 3
    assert [FILE in record.getMessage() for record in caplog.records] == [True]
    with pytest.raises(LibraryDamaged, match="--clear"):
        read(tmp_path)
    save(tmp_path, parse_notice(LINE, "earthquake"))
    assert notice_for(tmp_path, "an earthquake") == LINE


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A file stands where the library's folder should be."""
    (tmp_path / "library").write_text("")
    with pytest.raises(LibraryUnwritable, match="library"):
        save(tmp_path / "library", parse_notice(LINE, WORDS))


def test_the_command_sets_shows_and_clears(rag: RunRag, tmp_path: Path) -> None:
    """For a person and as JSON; a library need not be there yet."""
    library = tmp_path / "library"
    done = rag("notice", "--library", library)
    assert (done.returncode, done.stdout) == (0, "No notice is set.\n")
    done = rag("notice", "--set", LINE, "--words", "lost passport, arrested", "--library", library)
    assert (done.returncode, done.stderr) == (0, "")
    shown = rag("notice", "--library", library)
    assert shown.stdout == done.stdout == f"Above answers to questions with “lost passport”, “arrested”:\n  {LINE}\n"
    done = rag("notice", "--library", library, "--json")
    assert json.loads(done.stdout) == {"notice": LINE, "words": ["lost passport", "arrested"]}
    done = rag("notice", "--clear", "--library", library, "--json")
    assert json.loads(done.stdout) == {"notice": None, "words": []}
    assert rag("notice", "--library", library).stdout == "No notice is set.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--set", "Call 12308."], 2, "the words it is for"),
        (["--words", "arrested"], 2, "a line and the words"),
        (["--set", "Call 12308.", "--words", "arrested", "--clear"], 2, "not allowed with"),
        (["--set", "x" * 400, "--words", "arrested"], 2, "400 characters"),
        ([], 1, "notice --clear"),
    ],
)
def test_bad_input_gets_one_line_and_changes_nothing(
    rag: RunRag, tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    """What is wrong and what to do, on standard error; a damaged notice is reported by plain ``notice``."""
    (tmp_path / FILE).write_text("damaged")
    done = rag("notice", *arguments, "--library", tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr
    assert (tmp_path / FILE).read_text() == "damaged"


def test_one_for_all_answers_stands_above_every_question(rag: RunRag, tmp_path: Path) -> None:
    """Whatever its words; it is taken down like any other."""
    done = rag("notice", "--set", "The office is closed today.", "--all", "--library", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "Above all answers:\n  The office is closed today.\n")
    for question in ("What happened in Haidian?", "elephants", "?", "护照"):
        assert notice_for(tmp_path, question) == "The office is closed today."
    assert read(tmp_path) == Notice("The office is closed today.", ())
    rag("notice", "--clear", "--library", str(tmp_path))
    assert notice_for(tmp_path, "elephants") is None
