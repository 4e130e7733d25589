"""Purging: the one thing that removes a text, and all that is left of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rag.admin import feedback
from rag.admin.purge import purge
from rag.answer.citation import receipt
from rag.answer.citation.source import cite
from rag.errors import OperatorRefused
from rag.library import archive, generations, receipts
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_bulletins import SECOND

SECRET = SECOND.replace("Sixty pensioners", "Pensioner Xylophonov")


def everything(library: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(library.rglob("*")) if path.is_file())


@pytest.fixture
def removed(folder: Path, library: Path, fake: HashingEncoder) -> str:
    """The digest of a text whose bulletin has been removed; a receipt quotes it, and a reader's feedback."""
    (folder / "third.txt").write_text(SECRET, encoding="utf-8")
    update_library(folder, library, fake)
    opened = Library.open(library)
    bulletin = opened.by_name["third.txt"]
    at = SECRET.index("Xylophonov")
    cited = cite(opened.text(bulletin.sha256), bulletin, at, at + 10)
    receipts.store(library, receipt.of_citation(cited, opened, dt.date(2024, 5, 1)))
    said = feedback.from_answer("0" * 24, answer_of(quote_of(opened, bulletin, "Xylophonov")), "helpful")
    feedback.save(library, said)
    (folder / "third.txt").unlink()
    update_library(folder, library, fake, allow_removal=True)
    return bulletin.sha256


@pytest.mark.parametrize("by", ["digest", "name"])
def test_nothing_is_left_of_a_purged_text(library: Path, removed: str, by: str) -> None:
    """Not in texts, records, receipts, feedback, segments, generations; the library is whole and answers as before."""
    assert b"Xylophonov" in everything(library)
    passages = Library.open(library).passages
    assert purge(library, removed if by == "digest" else "third.txt") == removed
    left = everything(library)
    assert b"Xylophonov" not in left
    assert b"xylophonov" not in left
    assert removed.encode() in (library / "purged.json").read_bytes()  # that it was purged is kept, by digest and day
    assert verify(library).damage == ()
    opened = Library.open(library)
    assert opened.passages == passages
    assert archive.find(opened, removed) is None
    assert [one.state for one in generations.list_generations(library)] == ["current"]


def test_a_text_that_a_bulletin_carries_is_not_purged(library: Path) -> None:
    """First the bulletin has to go; nothing is changed before that."""
    opened = Library.open(library)
    before = everything(library)
    with pytest.raises(OperatorRefused, match=r"is carried by second\.txt.*Remove its file and index first"):
        purge(library, opened.by_name["second.txt"].sha256)
    assert everything(library) == before


@pytest.mark.parametrize("given", ["0" * 64, "none.txt", "../../etc/passwd", ""])
def test_what_is_no_text_is_refused(library: Path, given: str) -> None:
    """By a wrong digest, a wrong name, a path, nothing."""
    with pytest.raises(OperatorRefused, match="is no text of the library"):
        purge(library, given)


def test_a_name_that_carried_several_texts_asks_which(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """The digests are named, to choose from."""
    digests = [Library.open(library).by_name["second.txt"].sha256]
    (folder / "second.txt").write_text(SECRET, encoding="utf-8")
    update_library(folder, library, fake)
    digests.append(Library.open(library).by_name["second.txt"].sha256)
    with pytest.raises(OperatorRefused) as caught:
        purge(library, "second.txt")
    assert all(digest in str(caught.value) for digest in digests)
