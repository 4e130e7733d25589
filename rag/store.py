"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from rag.errors import LibraryUnwritable


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damage(path: Path, expected: str) -> str | None:
    """What is wrong with a file whose SHA-256 was ``expected`` when it was written; None where nothing is."""
    try:
        return None if digest(path) == expected else "is damaged (its digest is not the one written)"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({(error.strerror or str(error)).lower()})"


def write(path: Path, data: bytes) -> None:
    """Writes a new file and waits until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, data: bytes) -> None:
    """Puts new contents in the place of the old at one stroke: a reader sees either.  The disk has them then."""
    put(path, data)
    sync_folder(path.parent)


def replace_private(path: Path, data: bytes) -> None:
    """As ``replace``; nobody but the owner may read it, not even for an instant."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        beside.touch(mode=0o600, exist_ok=False)
        write(beside, data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def put(path: Path, data: bytes) -> None:
    """As ``replace``, for many files of a folder that is then synced once."""
    put_all({path: data})


def put_all(contents: Mapping[Path, bytes]) -> None:
    """As ``put``, for files that belong together: where there is no room for all of them, none is changed."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    try:
        for path, data in contents.items():
            write(beside[path], data)
        for path in contents:
            os.replace(beside[path], path)
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Waits until the disk has the folder's list of names."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def need(folder: Path, size: int) -> None:
    """Refuses to begin what may not fit: twice ``size`` bytes must be free.

    Raises:
        LibraryUnwritable: they aren't.
    """
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        raise LibraryUnwritable(
            f"the disk has {free / 1e6:,.1f} MB left and {2 * size / 1e6:,.1f} MB are needed; nothing was changed",
            where=folder,
            remedy="Free some space and index again",
        )


@contextlib.contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turns the system's errors into one line about the library's folder.

    Raises:
        LibraryUnwritable: no permission, no space, or another of the disk's reasons.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise LibraryUnwritable(
            "the disk is full; nothing was changed"
            if full
            else f"can't be written ({(error.strerror or str(error)).lower()})",
            where=folder,
            remedy="Free some space and index again" if full else "Check its permissions, or set --library",
        ) from error
