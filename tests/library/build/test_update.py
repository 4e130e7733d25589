"""Indexing: what is read, what is encoded again, what is refused, and what an accident leaves behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from embeddings.token_spans import join_pieces
from embeddings.vectors import EncodedText
from rag import limits
from rag.answer.assistant import Assistant
from rag.errors import (
    LibraryBusy,
    LibraryUnwritable,
    RagError,
    RemovalRefused,
    SeedsMissing,
)
from rag.library.build.update import update_library
from rag.library.manifest import RECIPE
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder
from tests.support.maxsim import maxsim
from tests.support.paths import ROOT
from tests.support.sample_bulletins import FIRST, SECOND


class Counting(HashingEncoder):
    """Remembers the texts that it was given to encode, passages as they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_passages(self, texts: Sequence[str], **options: object):  # type: ignore[no-untyped-def]
        self.texts += texts
        return super().encode_passages(texts, **options)

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        self.texts += map(join_pieces, texts)
        return super().encode_passage_tokens(texts)


def test_a_library_holds_what_the_folder_holds(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """Counts and names are those of the folder; every passage lies in its bulletin."""
    report = update_library(folder, tmp_path / "library", fake)
    library = Library.open(tmp_path / "library")
    assert (report.bulletins, report.sections, report.added) == (2, 3, ("first.txt", "second.txt"))
    assert [bulletin.name for bulletin in library.bulletins] == ["first.txt", "second.txt"]
    assert len(library.passages) == report.passages == 4
    assert library.text(library.by_name["second.txt"].sha256) == SECOND


def test_indexing_again_changes_nothing_and_encodes_nothing(folder: Path, library: Path) -> None:
    """An unchanged folder gives the same generation, without a call of the encoder."""
    counting = Counting()
    before = (library / "CURRENT").read_bytes()
    report = update_library(folder, library, counting)
    assert (report.unchanged, report.added, report.changed, report.removed) == (2, (), (), ())
    assert counting.texts == []
    assert (library / "CURRENT").read_bytes() == before


def test_only_new_words_are_encoded(folder: Path, library: Path) -> None:
    """One changed sentence costs its own vector and one reading of its passage, nobody else's."""
    (folder / "second.txt").write_text(SECOND.replace("is 12308", "is still 12308"), encoding="utf-8")
    counting = Counting()
    report = update_library(folder, library, counting)
    assert (report.changed, report.unchanged, report.embedded) == (("second.txt",), 1, 2)
    sentence, passage = sorted(counting.texts, key=len)
    assert sentence == "The hotline is still 12308."
    assert passage.startswith("A Talk on Consular Protection in Miyun. Miyun District. Sixty pensioners")
    assert passage.endswith(sentence)
    assert "still 12308" in Library.open(library).text(Library.open(library).by_name["second.txt"].sha256)


THIRD = """Kites over the River
Date: 2023-06-02
Source: Foreign Affairs Office of Daxing District

Eighty kites rose over the park on May 28.  The judges came from Chile."""
QUESTIONS = [
    "Which robots greeted the guests?",
    "When did the peaches leave for Lisbon?",
    "Who heard a talk on consular protection?",
    "What happened in 2023?",
    "Which kites rose in Daxing?",
    "Where did the judges come from?",
    "Compare Haidian with Daxing",
    "Who saw the zeppelins in Sweden?",
]


def test_one_new_bulletin_is_encoded_alone_and_answers_are_those_of_a_new_build(
    folder: Path, library: Path, tmp_path: Path
) -> None:
    """Not a text of the others is read again, and nobody can tell from the answers which way the library was built."""
    (folder / "third.txt").write_text(THIRD, encoding="utf-8")
    counting = Counting()
    report = update_library(folder, library, counting)
    anew = update_library(folder, tmp_path / "anew", Counting())
    assert (report.added, report.unchanged, report.notes) == (("third.txt",), 2, ())
    sentences = ["The judges came from Chile.", "Eighty kites rose over the park on May 28."]
    passage = f"Kites over the River. Daxing District. {sentences[1]} {sentences[0]}"
    assert sorted(counting.texts, key=len) == [*sentences, passage]
    assert report.embedded == 3 < anew.embedded
    assert report.generation == anew.generation
    one, other = Library.open(library), Library.open(tmp_path / "anew")
    assert one.passages == other.passages
    query = HashingEncoder().encode_passages(["a talk on consular protection in Daxing"])
    assert (one.passage_vectors.scores(query) == other.passage_vectors.scores(query)).all()
    assert (one.sentence_vectors.scores(query) == other.sentence_vectors.scores(query)).all()
    assert (one.lexical.scores(["talk", "hotlin"]) == other.lexical.scores(["talk", "hotlin"])).all()
    updated, built = (Assistant(held, HashingEncoder()) for held in (one, other))
    for question in QUESTIONS:
        mine, theirs = updated.ask(question), built.ask(question)
        assert (mine.status, mine.message, mine.total) == (theirs.status, theirs.message, theirs.total)
        assert [replace(quote, score=0) for quote in mine.quotes] == [
            replace(quote, score=0) for quote in theirs.quotes
        ]
        # Word pieces are kept in 8 bits, in a projection of the bulletins that were there first.
        assert [quote.score for quote in mine.quotes] == pytest.approx(
            [quote.score for quote in theirs.quotes], abs=0.05
        )
    assert {updated.ask(question).status for question in QUESTIONS} == {"answered", "no_match"}


def test_stored_word_pieces_are_taken_over_bit_for_bit(folder: Path, library: Path) -> None:
    """What is kept in 8 bits can't be made from the vectors again, and must not wear out."""
    (query,) = HashingEncoder().encode_query_tokens(["robots from Norway, peaches for Lisbon, a talk on travel"])
    before = Library.open(library)
    maxima = maxsim(before.tokens, query.token_vectors)
    for number in range(3):
        (folder / f"0{number}.txt").write_text(SECOND.replace("Sixty", f"{number}00"), encoding="utf-8")
        update_library(folder, library, HashingEncoder())
    after = Library.open(library)
    numbers = [after.passages.index(passage) for passage in before.passages]
    assert numbers != list(range(len(numbers)))
    assert (maxsim(after.tokens, query.token_vectors, numbers) == maxima).all()


def test_a_removed_bulletin_is_gone_but_its_text_is_kept(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """No passage of it is found any more; what was quoted from it can still be proved."""
    digest = Library.open(library).by_name["second.txt"].sha256
    (folder / "second.txt").unlink()
    report = update_library(folder, library, fake, allow_removal=True)
    now = Library.open(library)
    assert (report.removed, report.bulletins) == (("second.txt",), 1)
    assert {passage.bulletin for passage in now.passages} == {"first.txt"}
    assert now.text(digest) == SECOND


@pytest.mark.parametrize("left", [0, 3])
def test_a_folder_that_lost_too_much_changes_nothing(tmp_path: Path, fake: HashingEncoder, left: int) -> None:
    """An emptied folder, or one without over a fifth of its bulletins, must not empty the desk."""
    folder, root = tmp_path / "bulletins", tmp_path / "library"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(SECOND.replace("Sixty", f"{number + 60}"), encoding="utf-8")
    update_library(folder, root, fake)
    before = (root / "CURRENT").read_bytes()
    for path in sorted(folder.iterdir())[left:]:
        path.unlink()
    with pytest.raises(
        RemovalRefused, match=f"{5 - left} of 5 bulletins have gone; nothing was changed.*--allow-removal"
    ):
        update_library(folder, root, fake)
    assert (root / "CURRENT").read_bytes() == before
    assert update_library(folder, root, fake, allow_removal=True).bulletins == left
    assert len(Library.open(root).bulletins) == left


def test_one_in_five_may_go_and_a_renamed_file_is_not_lost(tmp_path: Path, fake: HashingEncoder) -> None:
    """A fifth is not "over a fifth", and a file under a new name is still there."""
    folder, root = tmp_path / "bulletins", tmp_path / "library"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(SECOND.replace("Sixty", f"{number + 60}"), encoding="utf-8")
    update_library(folder, root, fake)
    (folder / "0.txt").unlink()
    for number in range(1, 5):
        (folder / f"{number}.txt").rename(folder / f"renamed-{number}.txt")
    report = update_library(folder, root, fake)
    assert (report.bulletins, len(report.added), len(report.removed), report.embedded) == (4, 4, 5, 0)


def test_what_cannot_be_read_is_skipped_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, fake: HashingEncoder
) -> None:
    """Zero bytes, binary, a foreign format: each is named with its reason."""
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "folder.txt").mkdir()
    report = update_library(folder, tmp_path / "library", fake)
    reasons = {skipped.bulletin: skipped.reason for skipped in report.skipped}
    assert report.bulletins == 2
    assert sorted(reasons) == ["binary.txt", "empty.txt", "picture.png"]
    assert "0 bytes" in reasons["empty.txt"]
    assert "not text" in reasons["binary.txt"]
    assert "not one of .txt" in reasons["picture.png"]


def test_an_empty_or_missing_folder_says_where_to_put_bulletins(tmp_path: Path, fake: HashingEncoder) -> None:
    """Nothing is built, and the line names the folder and the remedy."""
    with pytest.raises(SeedsMissing, match="no such folder"):
        update_library(tmp_path / "none", tmp_path / "library", fake)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SeedsMissing, match=r"empty: holds no bulletin\. Put bulletins"):
        update_library(tmp_path / "empty", tmp_path / "library", fake)
    assert not (tmp_path / "library" / "CURRENT").exists()


def test_hidden_files_are_not_bulletins(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """.DS_Store, .gitkeep and what lies in hidden folders is passed over in silence."""
    (folder / ".gitkeep").write_bytes(b"")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "copy.txt").write_text(FIRST, encoding="utf-8")
    report = update_library(folder, tmp_path / "library", fake)
    assert (report.bulletins, report.skipped) == (2, ())


def test_bulletins_in_inner_folders_go_by_their_path(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """Two files of one name in two folders are two bulletins."""
    (folder / "2024").mkdir()
    (folder / "2024" / "first.txt").write_text(SECOND, encoding="utf-8")
    report = update_library(folder, tmp_path / "library", fake)
    assert report.added == ("2024/first.txt", "first.txt", "second.txt")


def test_a_second_writer_is_turned_away(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """One writer at a time, and the other is told so at once."""
    with FileLock(library / "lock"), pytest.raises(LibraryBusy, match="another process is indexing"):
        update_library(folder, library, fake)


@pytest.mark.parametrize(
    "file",
    [
        "CURRENT",
        "bulletins.jsonl",
        "passages.jsonl",
        "words.txt",
        "passages/index.faiss",
        "tokens/vectors.npy",
        "terms/vocabulary.npy",
        "segment.json",
    ],
)
def test_a_damaged_library_is_built_anew_and_that_is_said(
    folder: Path, library: Path, fake: HashingEncoder, file: str
) -> None:
    """Indexing is the remedy that every damage names, so it must work on a damaged library."""
    path = library / file if file == "CURRENT" else next((library / "segments").iterdir()) / file
    path.write_bytes(b"\x00" + path.read_bytes()[1:])
    report = update_library(folder, library, fake)
    assert report.notes
    assert "built anew" in report.notes[0]
    assert verify(library).damage == ()
    assert len(Library.open(library).bulletins) == 2


def test_a_library_that_tells_nothing_any_more_is_built_anew_only_when_asked(
    folder: Path, library: Path, fake: HashingEncoder
) -> None:
    """Without a manifest nobody knows whether the folder has lost bulletins."""
    path = next((library / "generations").glob("*/manifest.json"))
    path.write_bytes(b"\x00" + path.read_bytes()[1:])
    with pytest.raises(RemovalRefused, match=r"no longer tells which bulletins it held.*--allow-removal"):
        update_library(folder, library, fake)
    assert update_library(folder, library, fake, allow_removal=True).bulletins == 2


def test_a_damaged_library_does_not_open_the_door_to_removal(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """A folder that lost half its bulletins changes nothing, whatever else is wrong."""
    digest = Library.open(library).by_name["first.txt"].sha256
    (library / "texts" / f"{digest}.txt").write_text("forged", encoding="utf-8")
    (folder / "second.txt").unlink()
    with pytest.raises(RemovalRefused, match="1 of 2 bulletins have gone"):
        update_library(folder, library, fake)


def test_a_pipe_is_skipped_and_a_linked_folder_is_named(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """Neither hangs the run nor passes unseen; nor does a name that can't be stored."""
    os.mkfifo(folder / "pipe.txt")
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", folder / "more")
    Path(os.fsdecode(os.fsencode(folder / "bad") + b"\xff.txt")).write_text(SECOND, encoding="utf-8")
    report = update_library(folder, tmp_path / "library", fake)
    reasons = {skipped.bulletin: skipped.reason for skipped in report.skipped}
    assert report.bulletins == 2
    assert "not an ordinary file" in reasons["pipe.txt"]
    assert "link to a folder" in reasons["more"]
    assert "not UTF-8" in reasons["bad\\udcff.txt"]


def test_a_damaged_text_is_written_again(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """The stored text under a digest is what the digest says, after indexing at the latest."""
    digest = Library.open(library).by_name["first.txt"].sha256
    (library / "texts" / f"{digest}.txt").write_text("forged", encoding="utf-8")
    report = update_library(folder, library, fake)
    assert "stored anew" in report.notes[0]
    assert Library.open(library).text(digest) == FIRST


def test_generations_nobody_returns_to_are_cleared_away(folder: Path, library: Path, fake: HashingEncoder) -> None:
    """The current one and the four before stay; an interrupted run's leavings go."""
    (library / "generations" / "_0123456789abcdef").mkdir()
    (library / "segments" / "_12345").mkdir()
    for number in range(7):
        (folder / "first.txt").write_text(FIRST.replace("Twenty", str(number + 21)), encoding="utf-8")
        update_library(folder, library, fake)
    names = [path.name for path in (library / "generations").iterdir()]
    assert len(names) == limits.KEPT_GENERATIONS == 5
    assert Library.open(library).generation in names
    assert not (library / "segments" / "_12345").exists()
    for name in names:
        assert len(Library.open(library, generation=name).bulletins) == 2


def test_a_disk_that_refuses_leaves_the_library_as_it_was(folder: Path, library: Path) -> None:
    """The system refuses to write (a real limit on file size): one line, nothing changed, nothing left behind."""
    (folder / "third.txt").write_text(SECOND.replace("Miyun", "Daxing"), encoding="utf-8")
    before = sorted(path.relative_to(library) for path in library.rglob("*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with pytest.raises(LibraryUnwritable, match="can't be written"):
            update_library(folder, library, HashingEncoder())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert sorted(path.relative_to(library) for path in library.rglob("*")) == before
    assert verify(library).damage == ()


def test_a_library_folder_that_is_a_file_is_one_line(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """Not a traceback of the operating system's."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(LibraryUnwritable) as caught:
        update_library(folder, tmp_path / "file" / "library", fake)
    assert "\n" not in str(caught.value)


SLOW_BUILD = """
import sys, time
from pathlib import Path
from rag.library.build.update import update_library
from tests.support.hashing_encoder import HashingEncoder
print("ready", flush=True)
def slowly(what, done, whole):
    time.sleep(0.02)
update_library(Path(sys.argv[1]), Path(sys.argv[2]), HashingEncoder(), progress=slowly)
"""


@pytest.mark.process
@pytest.mark.parametrize("wait", [0.0, 0.03, 0.06, 0.09, 0.12, 0.2])
def test_a_killed_build_leaves_a_whole_library(folder: Path, library: Path, wait: float) -> None:
    """Killed at whatever moment, the library is the one before or the one after, never a mixture."""
    known = Library.open(library).generation
    (folder / "third.txt").write_text(SECOND.replace("Miyun", "Daxing"), encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_BUILD, str(folder), str(library)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(wait)
    child.kill()
    child.communicate()
    after = Library.open(library)
    assert verify(library).damage == ()
    assert (after.generation == known) == (len(after.bulletins) == 2)
    update_library(folder, library, HashingEncoder())
    assert len(Library.open(library).bulletins) == 3


def test_the_same_input_gives_the_same_generation(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """A generation's name is a digest of bulletins, model and recipe; another bulletin gives another."""
    one = update_library(folder, tmp_path / "one", fake).generation
    two = update_library(folder, tmp_path / "two", fake).generation
    (folder / "second.txt").write_text(SECOND + " Call it.", encoding="utf-8")
    assert one == two != update_library(folder, tmp_path / "two", fake).generation


def test_the_manifest_says_what_it_was_built_from(library: Path, fake: HashingEncoder) -> None:
    """Model, digests, dimension, versions: all that a mismatch is judged by."""
    manifest = json.loads(next((library / "generations").glob("*/manifest.json")).read_text(encoding="utf-8"))
    assert (manifest["number"], manifest["previous"], manifest["added"]) == (1, "", ["first.txt", "second.txt"])
    assert manifest["model"]["digest"] == fake.digest
    assert manifest["model"]["dimension"] == fake.dimension
    assert sorted(manifest["sources"]) == ["first.txt", "second.txt"]
    assert manifest["recipe"] == RECIPE
    assert (manifest["bulletins"], manifest["sections"], manifest["passages"], manifest["sentences"]) == (2, 3, 4, 8)


def test_an_unreadable_file_is_skipped(folder: Path, tmp_path: Path, fake: HashingEncoder) -> None:
    """A file that the system won't open (a link into nothing) is named; the rest goes on."""
    os.symlink(folder / "nowhere", folder / "link.txt")
    report = update_library(folder, tmp_path / "library", fake)
    assert [skipped.bulletin for skipped in report.skipped] == ["link.txt"]
    assert report.bulletins == 2


def test_errors_are_of_one_family() -> None:
    """The edges catch one type."""
    for error in (LibraryBusy, LibraryUnwritable, RemovalRefused, SeedsMissing):
        assert issubclass(error, RagError)
