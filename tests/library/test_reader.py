"""Opening and verifying a library: any mismatch is a named error with its remedy, never a wrong answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import files
from rag.errors import LibraryDamaged, LibraryMissing, LibraryStale
from rag.files import sha256_of
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.hashing_encoder import HashingEncoder

FILES = [
    "bulletins.jsonl",
    "passages.jsonl",
    "words.txt",
    *(f"{part}/index.{end}" for part in ("passages", "sentences") for end in ("faiss", "json")),
    "tokens/arrays.json",
    *(f"tokens/{name}.npy" for name in ("vectors", "pieces", "starts", "counts", "axes", "scale", "fitted")),
    *(f"terms/{name}" for name in ("arrays.json", "starts.npy", "passages.npy", "counts.npy", "lengths.npy")),
    "terms/vocabulary.npy",
    *(f"revisions/{name}" for name in ("arrays.json", "digests.npy", "counts.npy")),
]


def segment_of(library: Path) -> Path:
    """The folder of the only segment."""
    [folder] = (library / "segments").iterdir()
    return folder


def test_a_missing_library_says_how_to_make_one(tmp_path: Path) -> None:
    """The remedy is the command to type."""
    with pytest.raises(LibraryMissing, match=r"there is no library yet\. Run: python -m rag index"):
        Library.open(tmp_path)


def forge(library: Path, file: str, data: bytes | None) -> Path:
    """Writes (or takes away) a file of the segment, and makes its description, its name and the manifest agree; gives
    the segment's folder as it is called then."""
    folder = segment_of(library)
    description = json.loads((folder / "segment.json").read_bytes())
    if data is None:
        (folder / file).unlink()
        del description["files"][file]
    else:
        (folder / file).write_bytes(data)
        description["files"][file] = sha256_of(folder / file)
    (folder / "segment.json").write_text(json.dumps(description), encoding="utf-8")
    renamed = folder.rename(folder.with_name(sha256_of(folder / "segment.json")))
    manifest = manifest_of(library)
    written = files.load_checksummed(manifest.read_bytes())
    written["segments"] = [{"segment": renamed.name, "left_out": []}]
    manifest.write_bytes(files.dump_checksummed(written))
    return renamed


def manifest_of(library: Path) -> Path:
    [path] = library.glob("generations/*/manifest.json")
    return path


def test_a_library_is_these_files(library: Path) -> None:
    """The tests below damage each of them in turn, and the segment's description knows each by its digest."""
    folder = segment_of(library)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"segment.json", *FILES}
    assert json.loads((folder / "segment.json").read_text(encoding="utf-8"))["files"].keys() == set(FILES)
    assert folder.name == sha256_of(folder / "segment.json")


@pytest.mark.parametrize("file", FILES)
def test_a_flipped_byte_is_found_before_the_file_is_read(library: Path, file: str) -> None:
    """Opening refuses, and verify names the file."""
    path = segment_of(library) / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match=f"{file.split('/')[-1]}.*Run: python -m rag index"):
        Library.open(library)
    assert [damage.where for damage in verify(library).damage] == [str(path)]


@pytest.mark.parametrize("file", [*FILES, "segment.json", "manifest.json"])
def test_a_file_that_is_gone_or_cut_off_is_found(library: Path, file: str) -> None:
    """Missing and truncated files alike."""
    path = manifest_of(library) if file == "manifest.json" else segment_of(library) / file
    path.write_bytes(path.read_bytes()[:-7])
    assert verify(library).damage
    path.unlink()
    with pytest.raises(LibraryDamaged, match="missing"):
        Library.open(library)
    assert verify(library).damage


@pytest.mark.parametrize("data", [b"\xff\x00{", b"", None], ids=["garbage", "empty", "gone"])
@pytest.mark.parametrize("file", FILES)
def test_what_cannot_be_read_is_damage_whatever_the_digests_say(library: Path, file: str, data: bytes | None) -> None:
    """One line with the remedy, from a file that the manifest vouches for too."""
    if (file, data) == ("words.txt", b""):
        return  # no word is a vocabulary like any other
    folder = forge(library, file, data)
    with pytest.raises(LibraryDamaged) as caught:
        Library.open(library)
    line = str(caught.value)
    assert str(folder / Path(file).parts[0]) in line or data == b""
    assert line.endswith("Run: python -m rag index")
    assert "\n" not in line
    assert verify(library).damage


@pytest.mark.parametrize("change", [{"bulletin": "other.txt"}, {"section": 9}, {"section": -1}], ids=str)
def test_a_passage_of_no_bulletin_is_damage(library: Path, change: dict[str, object]) -> None:
    """Nothing could be cut from it."""
    first, *others = (segment_of(library) / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    changed = json.dumps(json.loads(first) | change)
    folder = forge(library, "passages.jsonl", "\n".join([changed, *others]).encode())
    with pytest.raises(LibraryDamaged, match=r"passages\.jsonl: names a bulletin or a section that there isn't"):
        Library.open(library)
    assert [damage.where for damage in verify(library).damage] == [str(folder / "passages.jsonl")]


def test_a_changed_text_is_never_quoted(library: Path) -> None:
    """A stored text is read with its digest; a forged one is refused and named."""
    digest = Library.open(library).by_name["second.txt"].sha256
    path = library / "texts" / f"{digest}.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("Sixty", "Eighty"), encoding="utf-8")
    with pytest.raises(LibraryDamaged, match="its digest differs"):
        Library.open(library).text(digest)
    assert "second.txt" in verify(library).damage[0].what


def test_the_texts_of_bulletins_that_are_gone_are_verified_too(library: Path) -> None:
    """They are kept for proving old quotes."""
    (library / "texts" / f"{'0' * 64}.txt").write_text("not what it was", encoding="utf-8")
    assert [Path(damage.where).stem for damage in verify(library).damage] == ["0" * 64]


def test_a_pointer_that_names_nothing_is_damage(library: Path) -> None:
    """CURRENT may name only a generation, never a path."""
    for pointer in ("../../etc", "", "no-such-generation"):
        (library / "CURRENT").write_text(pointer, encoding="ascii")
        with pytest.raises(LibraryDamaged):
            Library.open(library)
        assert verify(library).damage


def test_another_format_is_stale_not_damaged(library: Path) -> None:
    """A library of a later version is not misread."""
    path = manifest_of(library)
    path.write_bytes(files.dump_checksummed(files.load_checksummed(path.read_bytes()) | {"format": 99}))
    with pytest.raises(LibraryStale, match="format 99"):
        Library.open(library)


def test_another_model_is_refused(library: Path) -> None:
    """Vectors of one model are never compared with a question's of another."""
    with pytest.raises(LibraryStale, match="was built with the model"):
        Library.open(library).require_encoder(HashingEncoder(dimension=32))
    Library.open(library).require_encoder(HashingEncoder())


def test_a_sound_library_verifies(library: Path) -> None:
    """Every passage is re-sliced and nothing is found wrong."""
    verdict = verify(library)
    assert (verdict.damage, verdict.bulletins, verdict.passages) == ((), 2, 4)


def test_offsets_that_lie_outside_the_text_are_damage(library: Path) -> None:
    """A passage must be a slice, even where all digests have been forged to agree."""
    lines = (segment_of(library) / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    first["sentences"][0]["start"] += 3
    forge(library, "passages.jsonl", ("\n".join([json.dumps(first), *lines[1:]]) + "\n").encode())
    assert [damage.where for damage in verify(library).damage] == ["passage 0"]


def test_the_period_is_that_of_the_dated_bulletins(library: Path) -> None:
    """Earliest and latest date, for saying where the desk has looked."""
    dates = Library.open(library).date_range()
    assert dates is not None
    assert [date.isoformat() for date in dates] == ["2023-01-09", "2024-05-10"]
