"""Old texts: what they were, how they stand today, and that nothing is made up where a record is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import LibraryDamaged
from rag.library import archive
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

GUESTS = bulletin_text("2024-03-11", "Twenty robots greeted guests from Norway.", title="Robots")
OTHER = bulletin_text("2024-03-11", "Thirty robots greeted guests from Norway.", title="Robots again")
TALK = bulletin_text("2023-01-09", "Sixty pensioners heard a talk.", title="A Talk")
PAGE = "<html><head><title>{title}</title><link rel=canonical href='https://a.b/{page}'></head><body><h1>{title}</h1>{body}</body></html>"


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    return build_library(tmp_path, robots=GUESTS, talk=TALK)


def indexed(library: Library, **changes: str | None) -> Library:
    """The library after these files were written (None: removed)."""
    seeds = library.root.parent / "bulletins"
    for name, text in changes.items():
        path = seeds / f"{name}.txt"
        path.unlink() if text is None else path.write_bytes(text.encode("utf-8"))
    update_library(seeds, library.root, ENCODER, allow_removal=True)
    return Library.open(library.root)


def test_a_current_text_is_known_with_its_day_of_storing(shelf: Library) -> None:
    """Its bulletin is today's; publishing again changes nothing about when it was first stored."""
    digest = shelf.by_name["robots.txt"].sha256
    first = archive.find(shelf, digest)
    assert first is not None
    assert (first.state, first.bulletin, first.now) == ("current", shelf.by_name["robots.txt"], first.bulletin)
    assert (first.text, first.corrected_by) == (GUESTS, None)
    assert first.since is not None
    record = archive.record_path(shelf.root, digest)
    before = record.read_bytes()
    later = archive.find(indexed(shelf, third=OTHER), digest)
    assert later is not None
    assert later.since == first.since
    assert record.read_bytes() == before


def test_a_changed_bulletin_keeps_its_old_text(shelf: Library) -> None:
    """The old text says what took its place, and the versions are told newest first."""
    old = shelf.by_name["robots.txt"]
    library = indexed(shelf, robots=OTHER)
    kept = archive.find(library, old.sha256)
    assert kept is not None
    assert (kept.state, kept.text, kept.bulletin) == ("changed", GUESTS, old)
    assert kept.now == library.by_name["robots.txt"]
    assert [one.text for one in archive.versions(library, "robots.txt")] == [OTHER, GUESTS]
    assert [one.text for one in archive.versions(library, "talk.txt")] == [TALK]
    back = indexed(library, robots=GUESTS)
    assert [one.text for one in archive.versions(back, "robots.txt")] == [GUESTS, OTHER]
    assert verify(library.root).damage == ()


def test_a_removed_bulletin_is_withdrawn_and_a_renamed_one_is_not(shelf: Library) -> None:
    """A text that another name carries is current; one that none carries is withdrawn, and still shown whole."""
    talk, robots = shelf.by_name["talk.txt"], shelf.by_name["robots.txt"]
    library = indexed(shelf, talk=None, robots=None, moved=GUESTS)
    gone, moved = archive.find(library, talk.sha256), archive.find(library, robots.sha256)
    assert gone is not None
    assert (gone.state, gone.bulletin, gone.now, gone.text) == ("withdrawn", talk, None, TALK)
    assert moved is not None
    assert (moved.state, moved.bulletin) == ("current", library.by_name["moved.txt"])
    assert [one.text for one in archive.versions(library, "talk.txt")] == [TALK]
    assert archive.versions(library, "nobody.txt") == ()


def test_a_bulletin_is_known_again_by_its_address(tmp_path: Path) -> None:
    """A page saved anew under another name, with other words, has changed; it wasn't withdrawn."""
    seeds, root = tmp_path / "bulletins", tmp_path / "library"
    seeds.mkdir()
    (seeds / "a.html").write_text(PAGE.format(title="Peaches", page="p", body="<p>A train left for Lisbon.</p>"))
    (seeds / "b.html").write_text(PAGE.format(title="Robots", page="r", body="<p>Robots greeted the guests.</p>"))
    update_library(seeds, root, ENCODER)
    old = Library.open(root).by_name["a.html"]
    assert old.url == "https://a.b/p"
    (seeds / "a.html").unlink()
    (seeds / "new.html").write_text(PAGE.format(title="Peaches", page="p", body="<p>A train left for Porto.</p>"))
    update_library(seeds, root, ENCODER, allow_removal=True)
    library = Library.open(root)
    kept = archive.find(library, old.sha256)
    assert kept is not None
    assert (kept.state, kept.bulletin, kept.now) == ("changed", old, library.by_name["new.html"])
    assert [one.sha256 for one in archive.versions(library, "new.html")] == [kept.now.sha256, old.sha256]


def test_a_correction_is_named(tmp_path: Path) -> None:
    """A bulletin that a later one corrects is current, and says which."""
    lines = [f"In district number {n} some {n} guests came to hear what the office does." for n in range(8)]
    fixed = [*lines[:7], lines[7].replace("some 7", "some 70")]
    texts = {"old": bulletin_text("2024-03-11", *lines), "new": bulletin_text("2024-03-15", *fixed)}
    library = build_library(tmp_path, **texts)
    kept = archive.find(library, library.by_name["old.txt"].sha256)
    assert kept is not None
    assert (kept.state, kept.corrected_by) == ("current", library.by_name["new.txt"])


def test_a_lost_record_is_written_again_as_long_as_its_bulletin_is_there(shelf: Library) -> None:
    """Its text works without one, and after the next indexing it is known once more whose it was."""
    old = shelf.by_name["robots.txt"]
    for path in shelf.root.glob("texts/*.json"):
        path.unlink()
    current = archive.find(shelf, old.sha256)
    assert current is not None
    assert (current.state, current.bulletin, current.since) == ("current", old, None)
    indexed(shelf, another=OTHER)
    kept = archive.find(indexed(shelf, robots=OTHER + " More."), old.sha256)
    assert kept is not None
    assert (kept.state, kept.bulletin) == ("changed", old)


def test_an_old_text_without_a_record_is_shown_without_a_name(shelf: Library) -> None:
    """Its words are proved by its digest; whose they were is not guessed."""
    old = shelf.by_name["robots.txt"]
    library = indexed(shelf, robots=OTHER)
    archive.record_path(library.root, old.sha256).unlink()
    kept = archive.find(library, old.sha256)
    assert kept is not None
    assert (kept.text, kept.state, kept.bulletin, kept.since) == (GUESTS, "withdrawn", None, None)
    assert [one.text for one in archive.versions(library, "robots.txt")] == [OTHER]


@pytest.mark.parametrize(
    "sha256", ["", "0" * 64, "0" * 63, "../CURRENT", "A" * 64, "0" * 64 + "\n", "../texts/" + "0" * 55]
)
def test_an_address_that_names_no_text_finds_none(shelf: Library, sha256: str) -> None:
    """Only a digest becomes a path."""
    assert archive.find(shelf, sha256) is None
    digest = shelf.by_name["robots.txt"].sha256
    assert archive.find(shelf, f"../texts/{digest}") is None


def test_an_altered_or_missing_text_is_damage(shelf: Library) -> None:
    """It is never shown as what it was; verify names it."""
    old = shelf.by_name["robots.txt"]
    library = indexed(shelf, robots=OTHER)
    path = library.root / "texts" / f"{old.sha256}.txt"
    path.write_text(GUESTS.replace("Twenty", "Ninety"), encoding="utf-8")
    for look in (lambda: archive.find(library, old.sha256), lambda: archive.versions(library, "robots.txt")):
        with pytest.raises(LibraryDamaged, match="damaged"):
            look()
    path.unlink()
    with pytest.raises(LibraryDamaged, match="can't be read"):
        archive.find(library, old.sha256)


@pytest.mark.parametrize("how", ["no JSON", "another text's"])
def test_a_damaged_record_is_named_and_begun_anew(shelf: Library, how: str) -> None:
    """verify names it, nothing of it is shown, and the next generation says that it was begun anew."""
    robots, talk = shelf.by_name["robots.txt"], shelf.by_name["talk.txt"]
    path = archive.record_path(shelf.root, robots.sha256)
    other = archive.record_path(shelf.root, talk.sha256)
    path.write_bytes(b"{" if how == "no JSON" else other.read_bytes())
    assert [damage.where for damage in verify(shelf.root).damage] == [str(path)]
    with pytest.raises(LibraryDamaged, match="record"):
        archive.find(shelf, robots.sha256)
    seeds = shelf.root.parent / "bulletins"
    (seeds / "third.txt").write_text(OTHER, encoding="utf-8")
    report = update_library(seeds, shelf.root, ENCODER)
    assert any(str(path) in note for note in report.notes)
    assert verify(shelf.root).damage == ()


def test_a_record_holds_every_name_and_head_of_a_text(shelf: Library) -> None:
    """The same words under two names: both are kept, each with the generation that first stored it."""
    digest = shelf.by_name["robots.txt"].sha256
    library = indexed(shelf, copy=GUESTS)
    written = json.loads(archive.record_path(shelf.root, digest).read_bytes())
    assert [entry["bulletin"]["name"] for entry in written["entries"]] == ["robots.txt", "copy.txt"]
    assert [entry["generation"] for entry in written["entries"]] == [shelf.generation, library.generation]
