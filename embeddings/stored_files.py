"""Files of a stored index: written durably, read with a digest, and one error for all that is wrong with them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from embeddings.errors import IndexUnreadable

REBUILD = "Build the index again"


@contextmanager
def synced_file(path: Path) -> Iterator[BinaryIO]:
    """A file open for writing, whose bytes are on the disk when the block ends.

    Raises:
        OSError: the file can't be written.
    """
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on the disk: a new name is only as durable as its folder.

    Raises:
        OSError: the folder can't be opened.
    """
    if os.name == "posix":  # Windows can't open folders and needs no such call.
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_sha256(path: Path) -> str:
    """The file's SHA-256 in hex.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unreadable(path: Path, what: str) -> IndexUnreadable:
    """The error for a stored index that isn't what was written."""
    return IndexUnreadable(what, where=path, remedy=REBUILD)
