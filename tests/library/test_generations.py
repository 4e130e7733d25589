"""Generations: which are kept, the switch from one to another, going back, and what a clock or a damaged list does."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from rag import files, limits
from rag.answer.citation import receipt
from rag.errors import LibraryBusy, LibraryDamaged, LibraryMissing, LibraryStale, OperatorRefused
from rag.library import archive, generations, manifest, publishing, receipts, segment
from rag.library.build import update
from rag.library.build.update import Report, prepare, update_library
from rag.library.manifest import Manifest, all_manifests
from rag.library.reader import Library, text_path
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_bulletins import bulletin_text

Indexed = Callable[..., Report]


def text_of(name: str, said: str) -> str:
    return bulletin_text(
        "2024-03-11", f"Guests of {name} came {said}. They sang in the rain.", title=f"Notes of {name}"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bulletins").mkdir()
    return tmp_path / "bulletins"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def index(folder: Path, root: Path) -> Indexed:
    """Writes bulletins (None: removes), each ``name=what it says``, then indexes, or prepares only."""

    def run(*, only_prepare: bool = False, **said: str | None) -> Report:
        for name, words in said.items():
            path = folder / f"{name}.txt"
            path.unlink() if words is None else path.write_text(text_of(name, words), encoding="utf-8")
        return (prepare if only_prepare else update_library)(folder, root, HashingEncoder(), allow_removal=True)

    return run


def names(root: Path) -> list[tuple[str, str]]:
    return [(one.generation, one.state) for one in generations.list_generations(root)]


def in_use(root: Path, name: str) -> Manifest:
    """The manifest of the generation in use, which is the one named, and whole."""
    assert generations.in_use(root) == Library.open(root).generation == name
    assert verify(root).damage == ()
    return Library.open(root).manifest


# --- which are kept


def test_the_one_in_use_the_four_before_and_those_prepared_are_kept(root: Path, index: Indexed) -> None:
    """Each whole, with the segments of each; what nobody can go back to is gone, its texts stay."""
    made = [index(a="by bus", b="on foot").generation]
    made += [index(a=f"by bus {number}").generation for number in range(6)]
    prepared = [index(c="by train", only_prepare=True).generation, index(d="by boat", only_prepare=True).generation]
    assert names(root) == [
        (prepared[1], "prepared"),
        (prepared[0], "prepared"),
        (made[-1], "current"),
        *((name, "previous") for name in made[-2:-6:-1]),
    ]
    assert len(names(root)) - 2 == limits.KEPT_GENERATIONS == 5
    for name in all_manifests(root):
        assert len(Library.open(root, generation=name).bulletins) >= 2
    needed = {part.segment for own in all_manifests(root).values() for part in own.segments}
    assert {path.name for path in (root / "segments").iterdir()} == needed
    assert len(list((root / "texts").glob("*.txt"))) == 7 + 1 + 2
    index(a="by bus 7")
    assert [state for _, state in names(root)] == ["current", *["previous"] * 4]


def test_a_generation_says_what_it_changed(root: Path, index: Indexed) -> None:
    """From the one that it followed on, in order, newest first."""
    index(a="by bus", b="on foot")
    index(a="by boat", b=None, c="by train")
    latest, first = generations.list_generations(root)
    assert (latest.number, latest.bulletins, latest.state) == (2, 2, "current")
    assert (latest.added, latest.changed, latest.removed) == (("c.txt",), ("a.txt",), ("b.txt",))
    assert (first.number, first.added, first.state) == (1, ("a.txt", "b.txt"), "previous")
    assert Library.open(root).manifest.previous == first.generation


def test_of_an_older_generation_that_a_receipt_names_the_manifest_stays(root: Path, index: Indexed) -> None:
    """In the archive, sealed, and verified."""
    first = index(a="by bus").generation
    library = Library.open(root)
    quote = quote_of(library, library.by_name["a.txt"], "Guests of a came by bus.")
    answer = answer_of(quote)
    receipts.store(root, receipt.of_citation(answer.quotes[0], library, dt.date(2026, 11, 27)))
    for number in range(limits.KEPT_GENERATIONS):
        index(a=f"by bus {number}")
    path = root / "archive" / f"{first}.json"
    assert first not in all_manifests(root)
    assert path.read_bytes() == manifest.to_bytes(library.manifest)
    assert verify(root).damage == ()
    path.write_bytes(path.read_bytes().replace(b"a.txt", b"b.txt", 1))
    assert [damage.where for damage in verify(root).damage] == [str(path)]


# --- publishing what was prepared


def test_what_is_prepared_is_used_once_it_is_published(root: Path, index: Indexed) -> None:
    """Until then nothing changes for those who read; publishing it twice is no error."""
    first = index(a="by bus").generation
    report = index(b="on foot", only_prepare=True)
    assert (report.added, report.bulletins) == (("b.txt",), 2)
    in_use(root, first)
    assert [bulletin.name for bulletin in Library.open(root).bulletins] == ["a.txt"]
    for _ in range(2):
        publishing.publish(root, report.generation)
        assert in_use(root, report.generation).previous == first
    assert not generations.is_rolled_back(root)
    assert archive.find(Library.open(root), Library.open(root).by_name["b.txt"].sha256) is not None
    assert index().generation == report.generation


def test_the_first_generation_can_be_prepared_too(root: Path, index: Indexed) -> None:
    """There is no library until it is published."""
    report = index(a="by bus", only_prepare=True)
    with pytest.raises(LibraryMissing):
        Library.open(root)
    publishing.publish(root, report.generation)
    in_use(root, report.generation)


def test_what_is_prepared_encodes_nothing_when_it_is_indexed_after_all(root: Path, index: Indexed) -> None:
    """The same folder is the same generation."""
    index(a="by bus")
    prepared = index(b="on foot", only_prepare=True)
    report = index()
    assert (report.generation, report.embedded, report.added) == (prepared.generation, 0, ("b.txt",))
    assert index(b="on foot", only_prepare=True).generation == report.generation


def test_what_no_longer_follows_is_not_published(root: Path, index: Indexed) -> None:
    """What was published meanwhile would be lost."""
    index(a="by bus")
    prepared = index(b="on foot", only_prepare=True)
    kept = root / "generations" / prepared.generation
    shutil.copytree(kept, root.parent / "kept")
    now = index(b=None, c="by train").generation
    with pytest.raises(OperatorRefused, match="is not there any more"):
        publishing.publish(root, prepared.generation)
    shutil.copytree(root.parent / "kept", kept)
    with pytest.raises(OperatorRefused, match="another generation was published since this one was prepared"):
        publishing.publish(root, prepared.generation)
    assert generations.in_use(root) == now


def test_what_is_damaged_is_not_published(root: Path, index: Indexed) -> None:
    """A segment, a text or its manifest."""
    first = index(a="by bus").generation
    prepared = index(b="on foot", only_prepare=True).generation
    library = Library.open(root, generation=prepared)
    [new] = {part.segment for part in library.manifest.segments} - {
        part.segment for part in Library.open(root).manifest.segments
    }
    for path in (
        segment.path_of(root, new) / "words.txt",
        text_path(root, library.by_name["b.txt"].sha256),
        manifest.manifest_path(root, prepared),
    ):
        sound = path.read_bytes()
        path.write_bytes(sound[:-1])
        with pytest.raises(OperatorRefused, match=r"is (damaged|not there any more)\. Prepare it again"):
            publishing.publish(root, prepared)
        path.write_bytes(sound)
        in_use(root, first)
    publishing.publish(root, prepared)


def test_a_folder_put_back_as_it_was_can_be_prepared_and_published(root: Path, index: Indexed) -> None:
    """Though the generation of those bulletins was in use before: nothing is encoded."""
    index(a="by bus", b="on foot")
    index(a="by boat")
    third = index(b="by train").generation
    report = index(a="by bus", b="on foot", only_prepare=True)
    assert (report.changed, report.embedded) == (("a.txt", "b.txt"), 0)
    again = index(only_prepare=True)
    assert (again.generation, again.embedded) == (report.generation, 0)
    publishing.publish(root, report.generation)
    own = in_use(root, report.generation)
    assert (own.number, own.previous, own.changed) == (4, third, ("a.txt", "b.txt"))
    assert index().generation == report.generation
    # The one before with these bulletins is nothing that anybody would go back to.
    states = {one.number: one.state for one in generations.list_generations(root)}
    assert states == {4: "current", 3: "previous", 2: "previous"}
    assert publishing.rollback(root) == third


def test_a_prepared_one_is_discarded_with_what_it_alone_brought(root: Path, index: Indexed) -> None:
    """Manifest, segments and texts; what was in use is kept."""
    first = index(a="by bus").generation
    before = {path for path in root.rglob("*") if path.name != "quarantine.json"}
    second = index(b="on foot", only_prepare=True).generation
    third = index(c="by train", only_prepare=True).generation
    shared = Library.open(root, generation=third).by_name["b.txt"].sha256
    publishing.discard(root, second)
    assert text_path(root, shared).exists()
    assert [name for name, _ in names(root)] == [third, first]
    publishing.discard(root, third)
    assert {*root.rglob("*")} == before
    with pytest.raises(OperatorRefused, match="was in use and is kept"):
        publishing.discard(root, first)
    index(a="on foot", b=None, c=None)
    with pytest.raises(OperatorRefused, match="was in use and is kept"):
        publishing.discard(root, first)


def test_discarding_takes_no_text_that_was_ever_published(root: Path, index: Indexed) -> None:
    """Also where the record of an old one has been lost: it may have to be proved."""
    index(a="by bus")
    old = Library.open(root).by_name["a.txt"].sha256
    for number in range(limits.KEPT_GENERATIONS):
        index(a=f"by bus {number}")
    archive.record_path(root, old).unlink()
    publishing.discard(root, index(b="on foot", only_prepare=True).generation)
    assert text_path(root, old).exists()
    assert not text_path(root, files.sha256_of(root.parent / "bulletins" / "b.txt")).exists()


@pytest.mark.parametrize("name", ["../texts", "", ".", "0123456789abcdef", "../../bulletins"])
def test_only_a_generation_can_be_discarded(root: Path, index: Indexed, name: str) -> None:
    """Nothing else in the folder goes, whatever it is called."""
    index(a="by bus")
    before = {*root.parent.rglob("*")}
    publishing.discard(root, name)
    assert {*root.parent.rglob("*")} == before


# --- going back


def test_going_back_is_to_the_one_in_use_before_or_the_one_named(root: Path, index: Indexed) -> None:
    """It answers at once, whole, and is an entry like any other."""
    made = [index(a=said).generation for said in ("by bus", "by boat", "by train")]
    assert publishing.rollback(root) == made[1]
    in_use(root, made[1])
    assert "by boat" in Library.open(root).text(Library.open(root).by_name["a.txt"].sha256)
    assert generations.is_rolled_back(root)
    assert names(root) == [(made[2], "previous"), (made[1], "current"), (made[0], "previous")]
    assert publishing.rollback(root, made[0]) == made[0]
    in_use(root, made[0])
    assert publishing.rollback(root, made[2]) == made[2]
    in_use(root, made[2])


def test_what_was_gone_back_from_is_taken_up_again(root: Path, index: Indexed) -> None:
    """A name taken again encodes nothing; then nobody has gone back any more."""
    first = index(a="by bus").generation
    second = index(b="on foot").generation
    publishing.rollback(root)
    report = index()
    assert (report.generation, report.embedded, report.added) == (second, 0, ("b.txt",))
    assert in_use(root, second).previous == first
    assert not generations.is_rolled_back(root)
    publishing.rollback(root)
    prepared = index(only_prepare=True)
    assert (prepared.generation, prepared.embedded) == (second, 0)
    in_use(root, first)
    publishing.publish(root, second)
    in_use(root, second)


def test_going_back_is_refused_where_there_is_nothing_to_go_to(root: Path, index: Indexed) -> None:
    """No other one, the one in use, one never in use, one that isn't kept, and one that is damaged."""
    with pytest.raises(OperatorRefused, match="there is no generation to go back to"):
        publishing.rollback(root)
    first = index(a="by bus").generation
    with pytest.raises(OperatorRefused, match="there is no generation to go back to"):
        publishing.rollback(root)
    with pytest.raises(OperatorRefused, match="is in use already"):
        publishing.rollback(root, first)
    prepared = index(b="on foot", only_prepare=True).generation
    for name in (prepared, "0123456789abcdef", "../../texts", "."):
        with pytest.raises(OperatorRefused, match="can't be gone back to"):
            publishing.rollback(root, name)
    in_use(root, first)
    publishing.publish(root, prepared)
    text_path(root, Library.open(root, generation=first).by_name["a.txt"].sha256).write_text("x", encoding="utf-8")
    with pytest.raises(OperatorRefused, match="can't be gone back to; it is not kept, or damaged"):
        publishing.rollback(root)


def test_one_writer_at_a_time(root: Path, index: Indexed) -> None:
    """Whoever publishes, goes back or discards is told so at once."""
    index(a="by bus")
    index(a="by boat")
    prepared = index(b="on foot", only_prepare=True).generation
    with FileLock(root / "lock"):
        for act in (publishing.publish, publishing.discard):
            with pytest.raises(LibraryBusy):
                act(root, prepared)
        with pytest.raises(LibraryBusy):
            publishing.rollback(root)


# --- what the order is told by


class Backwards(dt.datetime):
    """Each time it is asked, a day less has gone by."""

    asked = 0

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        cls.asked += 1
        return dt.datetime(2026, 11, 27, 12, tzinfo=tz) - dt.timedelta(days=cls.asked)


def test_a_clock_set_back_changes_no_order(root: Path, index: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generations go by their numbers, also as the switches are lost, and so do the versions of a bulletin."""
    monkeypatch.setattr(dt, "datetime", Backwards)
    made = [index(a=f"by bus {number}").generation for number in range(4)]
    monkeypatch.undo()
    held = generations.list_generations(root)
    assert [one.generation for one in held] == made[::-1]
    assert [one.built_at for one in held] == sorted(one.built_at for one in held)
    assert [one.number for one in held] == [4, 3, 2, 1]
    versions = archive.versions(Library.open(root), "a.txt")
    assert all(f"by bus {n}" in version.text for n, version in zip((3, 2, 1, 0), versions, strict=True))
    (root / "switches.json").unlink()
    assert [one.generation for one in generations.list_generations(root)] == made[::-1]


@pytest.mark.parametrize("data", [b"", b"{}", None], ids=["empty", "no digest", "of other words"])
def test_where_the_list_of_switches_is_damaged_the_numbers_tell(root: Path, index: Indexed, data: bytes | None) -> None:
    """Going back still works, indexing says what it found, and the list is whole again."""
    made = [index(a=said).generation for said in ("by bus", "by boat", "by train")]
    prepared = index(b="on foot", only_prepare=True).generation
    path = root / "switches.json"
    path.write_bytes(path.read_bytes().replace(b"generation", b"generatiom", 1) if data is None else data)
    assert [damage.where for damage in verify(root).damage] == [str(path)]
    assert [state for _, state in names(root)] == ["prepared", "current", "previous", "previous"]
    [note] = index(b=None).notes
    assert note == f"{path}: could not be read; it was begun anew"
    assert verify(root).damage == ()
    assert names(root)[0] == (prepared, "prepared")
    assert publishing.rollback(root) == made[1]


def test_a_switch_that_was_broken_off_half_way_is_as_good_as_done(root: Path, index: Indexed) -> None:
    """The pointer had been replaced, the list of switches had not."""
    made = [index(a="by bus").generation]
    before = (root / "switches.json").read_bytes()
    made.append(index(a="by boat").generation)
    (root / "switches.json").write_bytes(before)
    in_use(root, made[1])
    assert names(root) == [(made[1], "current"), (made[0], "previous")]
    made.append(index(a="by train").generation)
    assert [name for name, _ in names(root)] == made[::-1]
    assert publishing.rollback(root) == made[1]


# --- opening


def test_segments_that_are_open_are_shared(root: Path, index: Indexed) -> None:
    """The very same objects, nothing of them is read again; another library's never are."""
    index(a="by bus", b="on foot", c="by train")
    before = Library.open(root)
    before.cached_text("a.txt")
    index(d="by boat")
    [old] = before.segments
    shutil.rmtree(segment.path_of(root, old.digest) / "tokens")
    after = Library.open(root, before=before)
    assert len(after.segments) == 2
    assert [own for own in after.segments if own.digest == old.digest] == [old]
    assert next(own for own in after.segments if own.digest == old.digest) is old
    assert after.cached_text("a.txt") == before.cached_text("a.txt")
    with pytest.raises(LibraryDamaged):
        Library.open(root)
    shutil.copytree(root, root.parent / "copy")
    with pytest.raises(LibraryDamaged):
        Library.open(root.parent / "copy", before=before)


def test_a_damaged_generation_gives_way_to_the_latest_that_is_whole(root: Path, index: Indexed) -> None:
    """And that is said, with what to do; a prepared one is one too.  Where none is whole, the damage is."""
    index(a="by bus")
    index(a="by boat")
    index(a="by train")
    whole, line = Library.open_best(root)
    assert (whole.generation, line) == (generations.in_use(root), None)
    # Each has a segment of its own.
    parts = [next(iter(own.segments)).segment for own in all_manifests(root).values()]
    (segment.path_of(root, parts[0]) / "words.txt").unlink()
    best, line = Library.open_best(root, before=whole)
    assert (best.generation, line) == (whole.generation, None)
    best, line = Library.open_best(root)
    second = generations.list_generations(root)[1]
    assert best.generation == second.generation
    assert line is not None
    assert line.endswith(
        f"words.txt: is missing; generation {best.generation} of {second.built_at[:10]} answers instead."
        " Run: python -m rag index"
    )
    (segment.path_of(root, parts[1]) / "segment.json").write_bytes(b"{}")
    assert Library.open_best(root)[0].generation == generations.list_generations(root)[2].generation
    (segment.path_of(root, parts[2]) / "segment.json").unlink()
    with pytest.raises(LibraryDamaged, match=r"words\.txt: is missing"):
        Library.open_best(root)


@pytest.mark.parametrize("pointer", ["", "../../etc", "no-such-generation", None])
def test_where_the_pointer_is_damaged_the_latest_generation_answers(
    root: Path, index: Indexed, pointer: str | None
) -> None:
    """And indexing makes it whole again, as it was."""
    index(a="by bus")
    now = index(a="by boat").generation
    if pointer is None:
        (root / "CURRENT").unlink()
    else:
        (root / "CURRENT").write_text(pointer, encoding="ascii")
    best, line = Library.open_best(root)
    assert best.generation == now
    assert line is not None
    assert "CURRENT" in line or "no-such-generation" in line
    report = index()
    assert "built anew" in report.notes[0]
    assert report.embedded == 0
    assert Library.open(root).bulletins == best.bulletins
    assert verify(root).damage == ()


def test_a_library_of_another_version_is_stale_not_replaced_in_silence(root: Path, index: Indexed) -> None:
    """An older generation that this version could read doesn't answer in its place."""
    index(a="by bus")
    now = index(a="by boat").generation
    path = manifest.manifest_path(root, now)
    path.write_bytes(files.dump_checksummed({"format": 2, "sources": {"a.txt": "0" * 64}}))
    with pytest.raises(LibraryStale, match="is in format 2, this version reads 3"):
        Library.open_best(root)


def test_a_generation_that_became_damaged_is_told_of_and_cleared_away(root: Path, index: Indexed) -> None:
    """Nobody can go back to it any more; the one in use is as it was."""
    first = index(a="by bus").generation
    index(a="by boat")
    path = manifest.manifest_path(root, first)
    path.write_bytes(path.read_bytes()[:-1])
    [note] = index().notes
    assert note == f"{path.parent}: is damaged; nobody can go back to it any more"
    assert not path.exists()
    assert update.update_library(root.parent / "bulletins", root, HashingEncoder()).notes == ()
    assert verify(root).damage == ()
