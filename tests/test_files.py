"""JSON files that carry their own digest: whatever byte of one is changed, it is found."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from rag import files
from rag.errors import LibraryDamaged

NAMES = ["first.txt", "“zwei” 二\u2028.txt", "\udcff"]
CONTENT = {"names": NAMES, "number": 3, "nothing": None, "}\n": {"sha256": "0" * 64}}
CHECKSUMMED = files.dump_checksummed(CONTENT)


def is_refused(data: bytes) -> bool:
    try:
        files.load_checksummed(data)
    except ValueError as error:
        return "digest" in str(error)
    return False


def test_what_was_written_comes_back() -> None:
    """Nested, in any script, half a surrogate pair included; any program can read it as JSON."""
    assert files.load_checksummed(CHECKSUMMED) == CONTENT
    read = json.loads(CHECKSUMMED.decode("utf-8", "surrogatepass"))
    assert read.keys() == {*CONTENT, "sha256"}
    assert list(read)[-1] == "sha256"


def test_every_changed_byte_is_found() -> None:
    """Each bit of each byte in turn, and all bits of it."""
    for place, byte in enumerate(CHECKSUMMED):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            data = CHECKSUMMED[:place] + bytes([byte ^ flip]) + CHECKSUMMED[place + 1 :]
            assert is_refused(data), (place, flip)


def test_what_is_cut_off_or_added_is_found() -> None:
    """At either end, and between any two bytes."""
    for place in range(len(CHECKSUMMED)):
        for data in (CHECKSUMMED[:place], CHECKSUMMED[place + 1 :], CHECKSUMMED[:place] + b" " + CHECKSUMMED[place:]):
            assert is_refused(data), place
    assert is_refused(CHECKSUMMED + b"\n")
    assert is_refused(CHECKSUMMED + CHECKSUMMED)


def test_the_digest_of_another_file_does_not_fit() -> None:
    """Not the tail of one under the body of the other."""
    other = files.dump_checksummed({**CONTENT, "number": 4})
    with pytest.raises(ValueError, match="not the one written"):
        files.load_checksummed(CHECKSUMMED[:-70] + other[-70:])


def test_a_file_is_written_at_one_stroke_and_read(tmp_path: Path) -> None:
    """In a folder that is made for it, in the place of what was there, with nothing left beside it."""
    path = tmp_path / "new" / "list.json"
    assert files.read_checksummed(path, "Do that") is None
    for content in (CONTENT, {"number": 4}):
        files.write_checksummed(path, content)
        assert files.read_checksummed(path, "Do that") == content
    assert [each.name for each in path.parent.iterdir()] == ["list.json"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\x00", b'{"number": 3}', CHECKSUMMED[1:]])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    """In one line."""
    path = tmp_path / "list.json"
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match=r"list\.json: .*digest.*\. Do that$"):
        files.read_checksummed(path, "Do that")


def test_what_the_system_will_not_read_is_named(tmp_path: Path) -> None:
    """A folder stands there."""
    (tmp_path / "list.json").mkdir()
    with pytest.raises(LibraryDamaged, match=r"list\.json: can't be read \(is a directory\)\. Do that"):
        files.read_checksummed(tmp_path / "list.json", "Do that")


def test_what_others_on_the_machine_can_read_is_counted() -> None:
    """A file is open to all where its mode and that of every folder on the way to it say so."""
    with tempfile.TemporaryDirectory() as name:  # whose parents are open, unlike those of tmp_path
        root = Path(name)
        for path, mode in (("open", 0o644), ("closed", 0o600), ("inner/open", 0o644), ("shut/open", 0o644)):
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text("words")
            (root / path).chmod(mode)
        for folder, mode in (("inner", 0o755), ("shut", 0o700)):
            (root / folder).chmod(mode)
        root.chmod(0o755)
        assert files.readable_by_others(root) == 2
        root.chmod(0o700)
        assert files.readable_by_others(root) == 0
        assert files.readable_by_others(root / "none") == 0
