"""``python -m rag cite``: a slice of any stored text, in every form that other tools read."""

from __future__ import annotations

import json
from pathlib import Path

import bibtexparser
import pytest
import rispy

from rag.library import receipts
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.rag_command import RunRag
from tests.support.sample_library import ENCODER

PAGE = (
    "<html><head><title>Peaches</title><link rel=canonical href='https://a.b/p'></head><body><h1>Peaches</h1>"
    "<p>A well-known train left for Lisbon.</p><p>It took {weeks} weeks.</p></body></html>"
)


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    """A library of a page with an address and a plain text without, whose first page has changed since."""
    seeds, root = tmp_path / "bulletins", tmp_path / "library"
    seeds.mkdir()
    (seeds / "bare.txt").write_text("Sixty guests came.\n\nThey bowed twice.", encoding="utf-8")
    for weeks in ("two", "three"):
        (seeds / "page.html").write_text(PAGE.format(weeks=weeks), encoding="utf-8")
        update_library(seeds, root, ENCODER)
    return Library.open(root)


def place(library: Library, name: str, words: str) -> tuple[str, int, int]:
    sha256 = library.by_name[name].sha256
    start = library.text(sha256).index(words)
    return sha256, start, start + len(words)


def test_each_form_is_what_its_readers_read(rag: RunRag, shelf: Library) -> None:
    """By the text's digest, by the beginning of it, by the bulletin's name."""
    sha256, start, end = place(shelf, "page.html", "A well-known train left for Lisbon.")

    def cite(named: str, form: str, *more: str) -> str:
        done = rag(
            "cite", named, start, end, "--format", form, "--accessed", "2026-11-27", "--library", shelf.root, *more
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    line = cite("page.html", "line")
    assert line.startswith("Source not stated, “Peaches”, undated, https://a.b/p, file page.html [")
    assert line.count("\n") == 1
    assert cite(sha256[:8], "line") == cite(sha256, "line") == line
    assert json.loads(cite(sha256, "csl"))["annote"] == "A well-known train left for Lisbon."
    assert bibtexparser.parse_string(cite(sha256, "bibtex")).entries[0]["title"] == "{Peaches}"
    assert rispy.loads(cite(sha256, "ris"))[0]["title"] == "Peaches"
    assert json.loads(cite(sha256, "annotation"))["target"]["source"] == "https://a.b/p"
    link = "https://a.b/p#:~:text=A%20well%2Dknown%20train%20left%20for%20Lisbon."
    assert cite(sha256, "link") == f"{link}\n"
    assert receipts.read(cite(sha256, "receipt").encode()).quotes[0].start == start
    assert json.loads(cite(sha256, "link", "--json")) == {"format": "link", "citation": link}
    assert cite(sha256, "annotation", "--json").count("\n") == 1


def test_an_old_text_is_cited_and_said_to_be_old(rag: RunRag, shelf: Library) -> None:
    """On standard error; the citation itself is of the words as they stood."""
    [old] = [path.stem for path in shelf.root.glob("texts/*.txt") if path.stem not in shelf.by_digest]
    done = rag("cite", old, 0, 7, "--library", shelf.root)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert f"file page.html [0:7] (SHA-256 {old[:12]})" in done.stdout
    assert "has changed since" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody.txt", 0, 5], "holds no such text"),
        (["0" * 64, 0, 5], "holds no such text"),
        (["../CURRENT", 0, 5], "holds no such text"),
        (["bare.txt", 5, 5], "no slice"),
        (["bare.txt", 0, 9_999], "no slice"),
        (["bare.txt", 0, "x"], "no place in a text"),
        (["bare.txt", 0, 5, "--format", "link"], "states no address"),
        (["bare.txt", 0, 5, "--format", "apa"], "invalid choice"),
    ],
)
def test_what_cannot_be_cited_is_one_line(rag: RunRag, shelf: Library, arguments: list[object], says: str) -> None:
    """Exit status 2 and what to do about it."""
    done = rag("cite", *arguments, "--library", shelf.root)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
