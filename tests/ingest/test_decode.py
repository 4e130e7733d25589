"""A file's bytes are read within its size, and twice, so that none is read half-written."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.formats import FORMATS
from rag.ingest.parse import parse
from tests.support.formats import (
    refused,
)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_is_far_too_large_is_refused_by_its_size(suffix: str, tmp_path: Path) -> None:
    """200 MB of which nothing is read: the file has no blocks on the disk, and reading it would give zeros."""
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    largest = limits.MAX_BINARY_FILE_BYTES if suffix in (".pdf", ".docx") else limits.MAX_TEXT_FILE_BYTES
    assert refused(path) == f"is larger than {largest:,} bytes. Check that it is one bulletin; split it if it is"


def test_a_file_that_differs_when_it_is_read_again_is_being_written(tmp_path: Path) -> None:
    """The kernel makes up this one anew each time."""
    path = tmp_path / "a.txt"
    path.symlink_to("/proc/sys/kernel/random/uuid")
    assert refused(path) == "is being written just now. Index again when that is done"


@pytest.mark.process
def test_a_file_that_is_touched_while_it_is_read_is_being_written(tmp_path: Path) -> None:
    """Another process writes the same words into it over and over: the bulletin is theirs, or refused."""
    text = "The guests bowed twice on May 3.\n" * 20_000
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    script = f"while True:\n with open({str(path)!r}, 'r+b') as file: file.write(b'The guests')"
    writer = subprocess.Popen([sys.executable, "-c", script])
    found: Counter[str] = Counter()
    try:
        while found["is being written just now"] < 3 and found.total() < 400:
            try:
                found["read" if parse(path).text == text else "misread"] += 1
            except BulletinUnreadable as error:
                found[error.what] += 1
    finally:
        writer.kill()
        writer.wait()
    assert found["is being written just now"] == 3
    assert set(found) <= {"read", "is being written just now"}
    assert parse(path).text == text
