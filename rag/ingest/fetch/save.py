"""Bulletins are looked at before they are saved, and saved whole."""

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


def read(name: str, data: bytes) -> Bulletin:
    """The bulletin that these bytes would be as a file of that name.

    Raises:
        BulletinUnreadable: they would be none.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        with saving_to(path.parent):
            path.write_bytes(data)
        return parse(path)


def save(seeds: Path, name: str, data: bytes) -> None:
    """
    Raises:
        LibraryUnwritable: the folder can't be written.
    """
    with saving_to(seeds):
        files.write_atomic(seeds / name, data)


def reason(error: RagError) -> str:
    """What is wrong and what to do, for a list that names the place itself."""
    return f"{error.what}. {error.remedy}" if error.remedy else error.what


def require(seeds: Path) -> None:
    """
    Raises:
        SeedsMissing: there is no such folder.
    """
    if not seeds.is_dir():
        raise SeedsMissing("there is no such folder of bulletins", where=seeds, remedy="Make it, or set --seeds")


@contextlib.contextmanager
def saving_to(folder: Path) -> Iterator[None]:
    """Turns the system's errors into one line about the bulletins' folder.

    Raises:
        LibraryUnwritable: no permission, no space, or another of the disk's reasons.
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
