"""Fetched files are parsed before they are saved, and written atomically."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rag import files
from rag.errors import LibraryUnwritable, RagError, SeedsMissing, os_reason
from rag.ingest.parse import parse
from rag.models import Bulletin


def parse_bytes(name: str, data: bytes) -> Bulletin:
    """Returns the bulletin that a file of that name with these bytes would be.

    Raises:
        BulletinUnreadable: it would be none.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        with saving_to(path.parent):
            path.write_bytes(data)
        return parse(path)


def write(seeds: Path, name: str, data: bytes) -> None:
    """Writes a bulletin's file into the folder.

    Raises:
        LibraryUnwritable: the folder can't be written.
    """
    with saving_to(seeds):
        files.write_atomic(seeds / name, data)


def error_message(error: RagError) -> str:
    """Returns the error and its remedy, for a list that names the place itself."""
    return f"{error.what}. {error.remedy}" if error.remedy else error.what


def require_folder(seeds: Path) -> None:
    """Checks that the folder of bulletins is there.

    Raises:
        SeedsMissing: there is no such folder.
    """
    if not seeds.is_dir():
        raise SeedsMissing("there is no such folder of bulletins", where=seeds, remedy="Make it, or set --seeds")


@contextlib.contextmanager
def saving_to(folder: Path) -> Iterator[None]:
    """Translates the system's errors into one about the bulletins' folder.

    Raises:
        LibraryUnwritable: there is no permission, no space, or another reason of the disk.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise LibraryUnwritable(
            "the disk is full" if full else f"can't be written ({os_reason(error)})",
            where=folder,
            remedy="Free some space and try again" if full else "Check its permissions, or set --seeds",
        ) from error
