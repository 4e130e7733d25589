"""The benchmarks: made-up bulletins read as real ones do, and one command prints every figure."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.__main__ import main
from benchmarks.figures import Figure
from benchmarks.generate import FIRST_DAY, LAST_DAY, bulletin, generate
from benchmarks.models import WatchedEncoder
from benchmarks.report import as_json, as_table
from embeddings.encoder import Encoder
from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from rag.models import Bulletin
from rag.settings import ROOT
from rag.text.sentences import split_sentences

MACHINE = {"processor": "Abacus", "cores": "2", "memory": "1 GB", "system": "Linux", "Python": "3.11.0"}


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> list[Bulletin]:
    folder = tmp_path_factory.mktemp("made-up")
    generate(folder, 60)
    return [parse(path) for path in sorted(folder.iterdir())]


def test_a_number_always_gives_the_same_bulletin(tmp_path: Path) -> None:
    """Two runs can be compared, and a folder can be grown by one."""
    generate(tmp_path / "all", 5)
    generate(tmp_path / "last", 1, first=4)
    assert (tmp_path / "all" / "bulletin_00004.txt").read_bytes() == (
        tmp_path / "last" / "bulletin_00004.txt"
    ).read_bytes()
    assert len({bulletin(number) for number in range(5)}) == 5


def test_made_up_bulletins_have_a_head_and_the_length_of_real_ones(made_up: list[Bulletin]) -> None:
    """Title, date and source are read from each, and its body is 250 to 350 words long."""
    assert len(made_up) == 60
    for read in made_up:
        assert read.title
        assert read.source
        assert read.date is not None
        assert FIRST_DAY <= read.date <= LAST_DAY
        assert 250 <= sum(len(line.of(read.text).split()) for line in read.body) <= 350


def test_made_up_bulletins_come_in_all_three_forms(made_up: list[Bulletin]) -> None:
    """There are round-ups of several districts, bulletins under headings of no district, and single-district ones."""
    forms: Counter[str] = Counter()
    for read in made_up:
        events = [section for section in split_sections(read) if section.role == "event"]
        districts = {section.districts for section in events}
        if len(events) == 1:
            forms["of one district"] += districts != {()}
        else:
            assert all(section.heading for section in events)
            forms["thematic" if districts == {()} else "round-up"] += 1
    assert sum(forms.values()) == len(made_up)
    assert min(forms["round-up"], forms["thematic"], forms["of one district"]) >= 5


def test_made_up_sentences_are_mostly_distinct(made_up: list[Bulletin]) -> None:
    """A text that is met again needn't be encoded, so repeated sentences would make indexing look fast."""
    sentences = [
        span.of(paragraph.of(read.text)).strip()
        for read in made_up
        for section in split_sections(read)
        for paragraph in section.paragraphs
        for span in split_sentences(paragraph.of(read.text))
    ]
    assert len(sentences) > 600
    assert len(set(sentences)) >= 0.98 * len(sentences)


def test_a_table_row_holds_label_value_and_aim() -> None:
    """The table is Markdown, under a line that tells the machine."""
    table = as_table(MACHINE, [Figure("x.y", "Answering", 12.34, "ms", "≤ 15"), Figure("z", "Indexing", 1234.5)])
    assert table.splitlines() == [
        "Abacus, 2 cores, 1 GB of memory, Linux, Python 3.11.0",
        "",
        "| What      | Measured | Aim  |",
        "| --------- | -------: | ---- |",
        "| Answering |  12.3 ms | ≤ 15 |",
        "| Indexing  |    1,234 |      |",
    ]


def test_json_holds_figures_by_name() -> None:
    """A program gets the machine and the figures as they were measured."""
    assert json.loads(as_json(MACHINE, [Figure("x.y", "Answering", 12.34, "ms")])) == {
        "machine": MACHINE,
        "figures": {"x.y": 12.34},
    }


def test_the_watched_encoder_notes_what_it_encodes(encoder: Encoder) -> None:
    """Each text as the model reads it, passages and sentences alike; its vectors are those of the desk's encoder."""
    watched = WatchedEncoder()
    watched.warm_up()
    assert (watched.texts, watched.seconds) == ([], 0.0)
    pieces = [["Haidian District.", "Robots bowed."], ["", "Peaches left."]]
    rows = dict(watched.encode_passage_tokens(pieces))
    assert watched.texts == ["Haidian District. Robots bowed.", "Peaches left."]
    for number, row in encoder.encode_passage_tokens(pieces):
        np.testing.assert_array_equal(row.token_vectors, rows[number].token_vectors)
    np.testing.assert_array_equal(watched.encode_passages(["Tea."]), encoder.encode_passages(["Tea."]))
    [query], [other] = watched.encode_query_tokens(["Who bowed?"]), encoder.encode_query_tokens(["Who bowed?"])
    np.testing.assert_array_equal(query.token_vectors, other.token_vectors)
    assert watched.texts[2:] == ["Tea."]
    assert watched.seconds > 0


@pytest.mark.process
def test_the_command_prints_every_figure() -> None:
    """Two bulletins and a question are enough for a whole table; no path of this machine is in it."""
    command = [sys.executable, "-m", "benchmarks", "--bulletins", "2", "--questions", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    machine, _, _, _, *rows = done.stdout.splitlines()
    assert "Python 3." in machine
    assert "torch" in machine
    assert str(ROOT) not in done.stdout
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert all(any(character.isdigit() for character in measured) for _, _, measured, _, _ in cells)
    assert {label for _, label, _, _, _ in cells} >= {
        "Indexing 2 bulletins",
        "… bulletins",
        "… passages",
        "… texts (passages and sentences)",
        "… bare encode, a process of its own",
        "… indexing ÷ that",
        "Adding one bulletin to 2",
        "… of which encoding",
        "… of which all else",
        "From process start to the first answer",
        "Answering each of 1 questions, median",
        "… 95th percentile",
        "… of which the desk's own encoding, median",
        "… of which all else, median",
        "… bare encode of the question, same process, median",
        "… bare encode of the question, a process of its own, median",
        "… answering ÷ that, at the median",
        "… peak memory",
    }


def test_a_comparison_with_what_is_not_installed_says_how_to_get_it(capsys: pytest.CaptureFixture[str]) -> None:
    """One line and exit status 1, before anything is measured."""
    assert peers.missing(), "this environment holds more than the lock"
    assert main(["peers"]) == 1
    assert capsys.readouterr() == ("", f"{peers.HOW}\n")
    assert "pip install -r requirements.lock txtai==" in peers.HOW


def test_engines_are_compared_and_those_not_installed_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each engine that is there, with figures in every cell."""
    assert main(["lexical", "--passages", "40", "--questions", "2"]) == 0
    printed = capsys.readouterr()
    assert "Left out, not installed here: bm25s, tantivy" in printed.err
    *_, own, other = ([cell.strip() for cell in row.split("|")[1:-1]] for row in printed.out.splitlines())
    assert (own[0], other[0]) == ("the desk", "SQLite FTS5")
    assert all(any(character.isdigit() for character in cell) for cell in (*own[1:], *other[1:]))


@pytest.mark.parametrize("words", [["--bulletins", "0"], ["--questions", "many"]])
def test_an_unusable_number_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It exits 2 and says which option is wrong."""
    with pytest.raises(SystemExit, match="2"):
        main(words)
    printed = capsys.readouterr()
    assert words[0] in printed.err
    assert "Traceback" not in printed.err
