"""Segments: written once and never changed; what is added, changed or removed costs its own size, and nobody can tell
from a library in how many steps it was built."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings.model_files import PACKAGED
from rag import files
from rag.errors import LibraryDamaged, LibraryStale, LibraryUnwritable
from rag.library import generations, publishing, segment
from rag.library.build import segment_writer, write_generation
from rag.library.build.segment_writer import MERGE_FACTOR
from rag.library.build.update import Report, prepare, update_library
from rag.library.manifest import ModelCard, read_manifest
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder
from tests.support.maxsim import maxsim
from tests.support.paths import ROOT
from tests.support.sample_bulletins import bulletin_text

COSTS = 3  # texts of each bulletin below that are encoded: its one passage and two sentences


def text_of(number: int, said: str = "rained") -> str:
    return bulletin_text(
        f"2024-01-{number % 28 + 1:02}",
        f"Guests of house{number} came to hall{number % 4} while it {said}. "
        f"They sang song{number} of river{number % 3}.",
        title=f"Notes {number}",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bulletins").mkdir()
    return tmp_path / "bulletins"


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Callable[..., Report]:
    """Writes bulletins of these numbers, then brings the library up to date."""

    def run(*numbers: int, said: str = "rained", root: Path = tmp_path / "library") -> Report:
        for number in numbers:
            (folder / f"{number:02}.txt").write_text(text_of(number, said), encoding="utf-8")
        return update_library(folder, root, HashingEncoder(), allow_removal=True)

    return run


def parts(root: Path) -> dict[str, tuple[str, ...]]:
    """The bulletins of each segment of the generation in use that aren't left out."""
    library = Library.open(root)
    return {
        part.segment: tuple(name for name in own.description.sources if name not in part.left_out)
        for part, own in zip(library.manifest.segments, library.segments, strict=True)
    }


def holder(root: Path, number: int) -> str:
    [digest] = [digest for digest, names in parts(root).items() if f"{number:02}.txt" in names]
    return digest


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(one: Library, other: Library) -> None:
    """Bulletins, passages and every score are equal; word pieces lie in projections of their own."""
    assert one.bulletins == other.bulletins
    assert one.passages == other.passages
    assert one.vocabulary == other.vocabulary
    for question in ("Who of house7 sang song7 in the hall2?", "What happened while it rained?", "Notes river1"):
        row, terms = HashingEncoder().encode_passages([question]), question.lower().rstrip("?").split()
        np.testing.assert_array_equal(one.passage_vectors.scores(row), other.passage_vectors.scores(row))
        np.testing.assert_array_equal(one.sentence_vectors.scores(row), other.sentence_vectors.scores(row))
        np.testing.assert_array_equal(one.lexical.scores(terms), other.lexical.scores(terms))
        np.testing.assert_array_equal(one.lexical.coverage(terms), other.lexical.coverage(terms))
        [query] = HashingEncoder().encode_query_tokens([question])
        mine, theirs = maxsim(one.tokens, query.token_vectors), maxsim(other.tokens, query.token_vectors)
        np.testing.assert_allclose(mine, theirs, atol=0.05)


def test_thirty_additions_leave_few_segments_and_the_library_of_one_build(
    index: Callable[..., Report], tmp_path: Path
) -> None:
    """Each costs its own texts alone; small segments become one as soon as there are many of one size."""
    numbers = []
    for number in range(30):
        report = index(number)
        assert (report.added, report.unchanged, report.embedded) == ((f"{number:02}.txt",), number, COSTS)
        numbers.append(len(read_manifest(tmp_path / "library", report.generation).segments))
    assert max(numbers) <= 2 * (MERGE_FACTOR - 1)
    assert numbers[-1] == 3 + 6  # of eight bulletins, and of one
    whole = index(root=tmp_path / "whole")
    assert len(parts(tmp_path / "whole")) == 1
    assert whole.generation == report.generation
    assert (report.bulletins, report.sections, report.passages) == (whole.bulletins, whole.sections, whole.passages)
    same(Library.open(tmp_path / "library"), Library.open(tmp_path / "whole"))
    assert verify(tmp_path / "library").damage == ()


def test_what_changed_or_went_is_left_out_and_found_no_more(index: Callable[..., Report], tmp_path: Path) -> None:
    """The segment stays as it is, byte for byte; what is left counts as if the rest had never been."""
    root = tmp_path / "library"
    index(*range(8))
    [first] = parts(root)
    before = contents(segment.path_of(root, first))
    (tmp_path / "bulletins" / "03.txt").unlink()
    report = index(5, said="snowed")
    assert (report.changed, report.removed, report.unchanged) == (("05.txt",), ("03.txt",), 6)
    assert report.embedded == 2  # a passage and its one new sentence
    manifest = Library.open(root).manifest
    assert {part.segment: part.left_out for part in manifest.segments}[first] == ("03.txt", "05.txt")
    assert contents(segment.path_of(root, first)) == before
    library = Library.open(root)
    assert {passage.bulletin for passage in library.passages} == {f"{n:02}.txt" for n in range(8) if n != 3}
    assert library.lexical.document_frequency("house3") == library.lexical.document_frequency("song3") == 0
    assert (library.lexical.document_frequency("rain"), library.lexical.document_frequency("snow")) == (6, 1)
    index(root=tmp_path / "whole")
    same(library, Library.open(tmp_path / "whole"))


def test_what_comes_back_is_taken_from_where_it_lies(index: Callable[..., Report], tmp_path: Path) -> None:
    """An undone change, or a file put back, encodes nothing."""
    index(*range(8))
    index(5, said="snowed")
    report = index(5)
    assert (report.changed, report.embedded) == (("05.txt",), 0)
    (tmp_path / "bulletins" / "02.txt").unlink()
    index()
    report = index(2)
    assert (report.added, report.embedded) == (("02.txt",), 0)
    assert len(parts(tmp_path / "library")) == 1


def test_a_segment_of_which_most_has_gone_is_written_anew(index: Callable[..., Report], tmp_path: Path) -> None:
    """What is left is taken over, nothing is encoded; half gone is not yet most."""
    root = tmp_path / "library"
    index(*range(8))
    [first] = parts(root)
    for number in range(4):
        (tmp_path / "bulletins" / f"{number:02}.txt").unlink()
    assert index().embedded == 0
    assert list(parts(root)) == [first]
    (tmp_path / "bulletins" / "04.txt").unlink()
    assert index().embedded == 0
    [second] = parts(root)
    assert second != first
    assert list(segment.describe(root, second).sources) == ["05.txt", "06.txt", "07.txt"]
    index(root=tmp_path / "whole")
    same(Library.open(root), Library.open(tmp_path / "whole"))


def test_all_may_go(index: Callable[..., Report], tmp_path: Path) -> None:
    """A library of no bulletins has no segments, opens, and takes new ones."""
    index(0, 1)
    for path in (tmp_path / "bulletins").iterdir():
        path.unlink()
    assert (index().bulletins, parts(tmp_path / "library")) == (0, {})
    assert index(7).embedded == COSTS
    assert verify(tmp_path / "library").damage == ()


def test_of_damaged_segments_only_the_bulletins_are_built_anew(index: Callable[..., Report], tmp_path: Path) -> None:
    """The others stay as they are, and it is said which file it was."""
    root = tmp_path / "library"
    index(*range(6))
    index(6)
    lost, kept = holder(root, 6), holder(root, 0)
    before = contents(segment.path_of(root, kept))
    path = segment.path_of(root, lost) / "tokens" / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-1])
    report = index()
    assert (report.unchanged, report.embedded) == (7, COSTS)
    [note] = report.notes
    assert note.startswith(str(path))
    assert note.endswith("its bulletins were built anew")
    assert contents(segment.path_of(root, kept)) == before
    assert verify(root).damage == ()


def test_a_missing_segment_is_built_anew(index: Callable[..., Report], tmp_path: Path) -> None:
    """Also where the same bulletins give the same segment again."""
    root = tmp_path / "library"
    index(*range(6))
    index(6)
    shutil.rmtree(segment.path_of(root, holder(root, 6)))
    assert "built anew" in index().notes[0]
    assert verify(root).damage == ()
    index(root=tmp_path / "whole")
    same(Library.open(root), Library.open(tmp_path / "whole"))


def test_a_segment_that_is_damaged_though_its_digests_fit_is_built_anew(
    index: Callable[..., Report], tmp_path: Path
) -> None:
    """As only somebody who knows how they are made could do it."""
    root = tmp_path / "library"
    index(0, 1)
    own = Library.open(root)
    [part] = own.manifest.segments
    copy = tmp_path / "copy"
    shutil.copytree(segment.path_of(root, part.segment), copy)
    (copy / "bulletins.jsonl").write_bytes(b"")
    written = (copy / "segment.json").read_text(encoding="utf-8")
    old = own.segments[0].description.files["bulletins.jsonl"]
    (copy / "segment.json").write_text(
        written.replace(old, files.sha256_of(copy / "bulletins.jsonl")), encoding="utf-8"
    )
    digest = files.sha256_of(copy / "segment.json")
    copy.rename(segment.path_of(root, digest))
    with pytest.raises(LibraryDamaged, match="bulletins, revisions and sources differ"):
        segment.read_bulletins(root, digest)
    with pytest.raises(LibraryDamaged, match="bulletins, revisions and sources differ"):
        segment.read(root, digest)
    assert index(2).embedded == COSTS


SLOW_BUILD = """
import os, signal, sys
from pathlib import Path
from rag.library.build import write_generation
from rag.library.build.update import update_library
from tests.support.hashing_encoder import HashingEncoder
write_generation.MAX_SEGMENT_BULLETINS = 2
root = Path(sys.argv[2])
def told(what, done, whole):
    if what == "Encoding" and len([p for p in root.glob("segments/*") if len(p.name) == 64]) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
update_library(Path(sys.argv[1]), root, HashingEncoder(), progress=told)
"""


@pytest.mark.process
@pytest.mark.parametrize(("before", "encoded"), [(0, 1), (8, 1), (2, 3)])
def test_a_killed_build_is_gone_on_with(
    index: Callable[..., Report], tmp_path: Path, folder: Path, before: int, encoded: int
) -> None:
    """The segments that it finished are taken over as they are and only the rest is encoded: in a first build, as an
    addition, and where so much is new that the bulletins of before are encoded anew as well."""
    root = tmp_path / "library"
    if before:
        index(*range(20, 20 + before))
    old = {path.name for path in root.glob("segments/*")}
    for number in range(7):
        (folder / f"{number:02}.txt").write_text(text_of(number), encoding="utf-8")
    command = [sys.executable, "-c", SLOW_BUILD, str(folder), str(root), str(3 + bool(before))]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr
    finished = {path.name for path in root.glob("segments/*") if len(path.name) == 64} - old
    assert len(finished) == 3
    report = index()
    assert (len(report.added), report.embedded) == (7, encoded * COSTS)
    assert finished < parts(root).keys()
    index(root=tmp_path / "whole")
    same(Library.open(root), Library.open(tmp_path / "whole"))
    assert verify(root).damage == ()


def test_a_large_folder_gives_several_segments(
    index: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of so many bulletins each; they are not merged where they are large."""
    monkeypatch.setattr(write_generation, "MAX_SEGMENT_BULLETINS", 3)
    monkeypatch.setattr(segment_writer, "MAX_MERGED_BULLETINS", 3)
    index(*range(8))
    assert sorted(map(len, parts(tmp_path / "library").values())) == [2, 3, 3]
    monkeypatch.undo()
    index(root=tmp_path / "whole")
    same(Library.open(tmp_path / "library"), Library.open(tmp_path / "whole"))


def test_where_most_is_new_the_projection_is_fitted_anew(index: Callable[..., Report], tmp_path: Path) -> None:
    """What the word pieces were pressed into was fitted on what is now the smaller part."""
    root = tmp_path / "library"
    index(0, 1)
    old = Library.open(root).segments[0].description.projection
    assert index(2, 3).embedded == 2 * COSTS
    assert {own.description.projection for own in Library.open(root).segments} == {old}
    report = index(*range(4, 20))
    assert (report.unchanged, report.embedded) == (4, 20 * COSTS)
    [own] = Library.open(root).segments
    assert own.description.projection != old
    assert own.description.fitted == own.indexes.tokens.quantizer.fitted_tokens > 0


def test_a_library_of_another_tokenizer_is_not_used_again(
    index: Callable[..., Report], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The weights say nothing of it.  A library that noted the weights alone is used as it is, which is said, and notes
    the other files when it is next indexed, without encoding anything."""
    root, model = tmp_path / "library", HashingEncoder()
    index(0, 1, 2)
    for side, unsaid, embedded in (("a" * 64, True, 0), ("b" * 64, False, 3 * COSTS)):
        model.side_digest = side
        library = Library.open(root)
        if unsaid:
            for _ in range(2):  # each question requires it
                library.require_encoder(model)
            assert caplog.text.count("doesn't say with which tokenizer") == 1
            caplog.clear()
        else:
            with pytest.raises(LibraryStale, match=r"another tokenizer, .*Run: python -m rag index"):
                library.require_encoder(model)
        assert update_library(tmp_path / "bulletins", root, model).embedded == embedded
        Library.open(root).require_encoder(model)
        assert Library.open(root).manifest.model.side == side
        assert update_library(tmp_path / "bulletins", root, model).embedded == 0
    assert caplog.text == ""
    assert verify(root).damage == ()


def test_the_packaged_model_is_told_from_one_with_its_weights(index: Callable[..., Report], tmp_path: Path) -> None:
    """Its own files are known, so none need be noted."""
    model = HashingEncoder()
    model.name = PACKAGED
    (tmp_path / "bulletins" / "a.txt").write_text("Robots\n\nHaidian District\n\nRobots served coffee.\n")
    update_library(tmp_path / "bulletins", tmp_path / "library", model)
    Library.open(tmp_path / "library").require_encoder(model)
    model.name, model.side_digest = "model", "a" * 64
    with pytest.raises(LibraryStale, match="another tokenizer"):
        Library.open(tmp_path / "library").require_encoder(model)


def test_a_library_of_another_model_is_not_used_again(index: Callable[..., Report], tmp_path: Path) -> None:
    """Every text is encoded by the new one, and the old one is refused then."""
    root, other = tmp_path / "library", HashingEncoder(32)
    index(0, 1, 2)
    report = update_library(tmp_path / "bulletins", root, other)
    assert (report.unchanged, report.embedded) == (3, 3 * COSTS)
    library = Library.open(root)
    library.require_encoder(other)
    with pytest.raises(LibraryStale, match="was built with the model hashing-32"):
        library.require_encoder(HashingEncoder())
    assert [own.description.model for own in library.segments] == [ModelCard.of(other)]
    assert verify(root).damage == ()


def test_what_any_kept_generation_has_encoded_is_not_encoded_again(
    index: Callable[..., Report], tmp_path: Path, folder: Path
) -> None:
    """After going back, or with one prepared and another to come."""
    root = tmp_path / "library"
    index(*range(4))
    index(4, 5)
    publishing.rollback(root)
    assert index(6).embedded == COSTS
    (folder / "07.txt").write_text(text_of(7), encoding="utf-8")
    assert prepare(folder, root, HashingEncoder()).embedded == COSTS
    (folder / "08.txt").write_text(text_of(8), encoding="utf-8")
    assert prepare(folder, root, HashingEncoder()).embedded == COSTS
    index(root=tmp_path / "whole")
    publishing.publish(root, generations.list_generations(root)[0].generation)
    same(Library.open(root), Library.open(tmp_path / "whole"))


def test_the_same_content_is_the_same_segment(index: Callable[..., Report], tmp_path: Path) -> None:
    """By whomever it is written; one that is there already stays, a damaged one is replaced."""
    root, other = tmp_path / "library", tmp_path / "other"
    index(0, 1)
    index(root=other)
    [own] = Library.open(root).segments
    assert [each.digest for each in Library.open(other).segments] == [own.digest]
    path = segment.path_of(root, own.digest)
    before, inode = contents(path), path.stat().st_ino
    assert segment.write(root, own, own.description.model) == (own.digest, own.description)
    assert path.stat().st_ino == inode
    (path / "words.txt").unlink()
    assert segment.write(root, own, own.description.model) == (own.digest, own.description)
    assert contents(path) == before
    assert [each.name for each in (root / "segments").iterdir()] == [own.digest]


def test_a_segment_says_what_it_is_of(index: Callable[..., Report], tmp_path: Path, folder: Path) -> None:
    """Of each bulletin the digests of what it was made from, and its numbers of passages and sentences."""
    index(0, 1)
    [own] = Library.open(tmp_path / "library").segments
    assert segment.describe(tmp_path / "library", own.digest) == own.description
    assert own.description.model == ModelCard.of(HashingEncoder())
    assert own.description.sources["01.txt"] == segment.Source(files.sha256_of(folder / "01.txt"), "", 1, 2)
    assert own.corrections == ("", "")


def test_no_room_is_said_before_anything_is_encoded_or_written(
    index: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sizes; a little less than twice what may be needed is too little."""
    root = tmp_path / "library"
    index(0, 1)
    before = contents(root)
    (tmp_path / "bulletins" / "02.txt").write_text(text_of(2), encoding="utf-8")
    encoder = HashingEncoder()
    monkeypatch.setattr(HashingEncoder, "_encode", lambda *texts: pytest.fail("it was encoded"))
    free = {"bytes": 2 * (16_000 + 3 * 2_000) - 1}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, free["bytes"]))
    with pytest.raises(LibraryUnwritable, match=r"disk has 0\.0 MB left and 0\.0 MB are needed; nothing was changed"):
        update_library(tmp_path / "bulletins", root, encoder)
    assert contents(root) == before
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, free["bytes"] + 1))
    assert index().added == ("02.txt",)


def test_a_full_disk_takes_nothing_that_was_there(
    index: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment that came out as one that a generation has stays; what is new goes."""
    root = tmp_path / "library"
    index(0, 1)
    index(2)
    library = Library.open(root)
    text = root / "texts" / f"{library.by_name['02.txt'].sha256}.txt"
    text.write_text("damaged", encoding="utf-8")
    before = {*contents(root)}
    monkeypatch.setattr(generations, "write", refuse)
    with pytest.raises(LibraryUnwritable, match="the disk is full; nothing was changed"):
        index()
    (tmp_path / "bulletins" / "03.txt").write_text(text_of(3), encoding="utf-8")
    with pytest.raises(LibraryUnwritable, match="the disk is full; nothing was changed"):
        index()
    assert {*contents(root)} == before
    assert len(Library.open(root).bulletins) == 3
    assert verify(root).damage == ()


def refuse(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
