"""Quarantine: files that could not be read are named, with since when, and are not tried again until they change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rag.errors import BulletinUnreadable, LibraryDamaged
from rag.files import sha256_of
from rag.ingest import pipeline
from rag.ingest.parse import parse
from rag.library import quarantine
from rag.library.build import update
from rag.library.build.update import dry_run, update_library
from rag.library.quarantine import Quarantined, read
from rag.models import Bulletin
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import SECOND

BINARY = bytes(range(256))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that have been read since."""
    names: list[str] = []

    def counted(path: Path, *, name: str | None = None) -> Bulletin:
        names.append(path.name)
        return parse(path, name=name)

    monkeypatch.setattr(pipeline, "parse", counted)
    return names


def index(folder: Path, library: Path) -> list[str]:
    """The names of what was skipped."""
    return [one.bulletin for one in update_library(folder, library, HashingEncoder()).skipped]


def test_what_cannot_be_read_is_listed(folder: Path, library: Path) -> None:
    """By name, with the digest of its bytes, the reason and the day; a sound folder has no list."""
    assert read(library) == ()
    assert not (library / quarantine.FILE).exists()
    (folder / "binary.txt").write_bytes(BINARY)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    assert index(folder, library) == ["binary.txt", "picture.png"]
    binary, picture = read(library)
    assert (binary.bulletin, binary.file_sha256) == ("binary.txt", sha256_of(folder / "binary.txt"))
    assert "not text" in binary.reason
    assert binary.since == dt.date.today().isoformat()
    assert (picture.bulletin, picture.file_sha256) == ("picture.png", "")
    assert "not one of .txt" in picture.reason


def test_a_file_that_has_not_changed_is_not_tried_again(folder: Path, library: Path, parsed: list[str]) -> None:
    """It is skipped with the same reason each time, in a dry run too; after a change it is read."""
    (folder / "binary.txt").write_bytes(BINARY)
    index(folder, library)
    assert parsed == ["binary.txt"]
    first = read(library)
    for _ in range(2):
        assert index(folder, library) == ["binary.txt"]
        assert [one.bulletin for one in dry_run(folder, library).skipped] == ["binary.txt"]
    assert parsed == ["binary.txt"]
    assert read(library) == first
    (folder / "binary.txt").write_bytes(BINARY[::-1])
    assert index(folder, library) == ["binary.txt"]
    assert parsed == ["binary.txt"] * 2
    (folder / "binary.txt").write_text(SECOND.replace("Sixty", "Ninety"), encoding="utf-8")
    assert index(folder, library) == []
    assert parsed == ["binary.txt"] * 3
    assert read(library) == ()


def test_under_another_name_it_is_tried_again(folder: Path, library: Path, parsed: list[str]) -> None:
    """The name's ending says how a file is to be read."""
    (folder / "binary.txt").write_bytes(BINARY)
    index(folder, library)
    (folder / "binary.txt").rename(folder / "binary.html")
    index(folder, library)
    assert parsed == ["binary.txt", "binary.html"]
    assert [one.bulletin for one in read(library)] == ["binary.html"]


def test_another_version_tries_again(
    folder: Path, library: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be able to read what the one before could not."""
    (folder / "binary.txt").write_bytes(BINARY)
    index(folder, library)
    monkeypatch.setattr(update, "product_version", lambda: "next")
    index(folder, library)
    index(folder, library)
    assert parsed == ["binary.txt"] * 2


def test_what_may_be_readable_the_next_time_is_tried_again(
    folder: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was being written, or a machine without room: neither says anything about the file."""
    text = SECOND.replace("Sixty", "Ninety")

    def passing(path: Path, *, name: str | None = None) -> Bulletin:
        raise BulletinUnreadable("is being written just now", where=path, remedy="Index again", passing=True)

    monkeypatch.setattr(pipeline, "parse", passing)
    (folder / "third.txt").write_text(text, encoding="utf-8")
    assert index(folder, library) == ["third.txt"]
    monkeypatch.undo()
    assert index(folder, library) == []
    assert read(library) == ()


def test_the_day_is_that_of_the_first_time(folder: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as it is skipped for the same reason."""

    class Later(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date(2031, 1, 2)

    (folder / "binary.txt").write_bytes(BINARY)
    index(folder, library)
    monkeypatch.setattr(dt, "date", Later)
    (folder / "empty.txt").write_bytes(b"")
    index(folder, library)
    binary, empty = read(library)
    assert binary.since < empty.since == "2031-01-02"
    (folder / "binary.txt").write_bytes(b"")
    index(folder, library)
    assert [one.since for one in read(library)] == ["2031-01-02"] * 2


def test_unusable_corrections_are_named_until_they_are_put_right(
    folder: Path, library: Path, parsed: list[str]
) -> None:
    """The bulletin stands uncorrected meanwhile, and isn't read again for that."""
    sidecar = folder / "second.txt.corrections.json"
    sidecar.write_text("{", encoding="utf-8")
    for _ in range(3):
        assert index(folder, library) == [sidecar.name]
        [one] = read(library)
        assert (one.bulletin, one.file_sha256) == (sidecar.name, "")
        assert "the bulletin stands uncorrected" in one.reason
    assert parsed == ["second.txt"]
    sidecar.unlink()
    assert index(folder, library) == []
    assert read(library) == ()


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff"])
def test_a_damaged_list_is_said_and_made_anew(folder: Path, library: Path, parsed: list[str], data: bytes) -> None:
    """Its files are tried again."""
    (folder / "binary.txt").write_bytes(BINARY)
    index(folder, library)
    (library / quarantine.FILE).write_bytes(data)
    with pytest.raises(LibraryDamaged, match=r"quarantine\.json: .*Run: python -m rag index"):
        read(library)
    index(folder, library)
    assert parsed == ["binary.txt"] * 2
    assert [one.bulletin for one in read(library)] == ["binary.txt"]


def test_a_list_of_something_else_is_refused(library: Path) -> None:
    """Though its digest fits."""
    quarantine.files.write_checksummed(library / quarantine.FILE, {"version": "1", "files": [{"bulletin": 5}]})
    with pytest.raises(LibraryDamaged, match="is no list of files in quarantine"):
        read(library)


def test_names_can_hold_anything(folder: Path, library: Path) -> None:
    """As they are shown, so that they can be compared."""
    for name in ("<script>.txt", "two\nlines.txt", "名.txt"):
        (folder / name).write_bytes(BINARY)
    index(folder, library)
    assert [one.bulletin for one in read(library)] == ["<script>.txt", "two\nlines.txt", "名.txt"]
    assert all(isinstance(one, Quarantined) for one in read(library))
