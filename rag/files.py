"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.errors import LibraryDamaged, LibraryUnwritable, os_reason

_TAIL = re.compile(rb',\n"sha256": "([0-9a-f]{64})"}\n\Z')


def sha256_of(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def integrity_error(path: Path, expected: str) -> str | None:
    """What is wrong with a file whose SHA-256 was ``expected`` when it was written; None where nothing is."""
    try:
        return None if sha256_of(path) == expected else "is damaged (its digest is not the one written)"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({os_reason(error)})"


def write_synced(path: Path, data: bytes) -> None:
    """Writes a new file and waits until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomic(path: Path, data: bytes) -> None:
    """Puts new contents in the place of the old at one stroke: a reader sees either.  The disk has them then."""
    write_atomic_unsynced(path, data)
    sync_folder(path.parent)


def write_atomic_private(path: Path, data: bytes) -> None:
    """As ``write_atomic``; nobody but the owner may read it, not even for an instant."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        beside.touch(mode=0o600, exist_ok=False)
        write_synced(beside, data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_atomic_unsynced(path: Path, data: bytes) -> None:
    """As ``write_atomic``, for many files of a folder that is then synced once."""
    write_all_atomic_unsynced({path: data})


def write_all_atomic_unsynced(contents: Mapping[Path, bytes]) -> None:
    """As ``write_atomic_unsynced``, for files that belong together: where one doesn't fit, none is changed."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    try:
        for path, data in contents.items():
            write_synced(beside[path], data)
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


def require_free_space(folder: Path, size: int) -> None:
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
            "the disk is full; nothing was changed" if full else f"can't be written ({os_reason(error)})",
            where=folder,
            remedy="Free some space and index again" if full else "Check its permissions, or set --library",
        ) from error


def dump_checksummed(content: Mapping[str, Any]) -> bytes:
    """The file's bytes; ``content`` has at least one key, and no ``sha256``."""
    body = json.dumps(dict(content), ensure_ascii=False, indent=0).encode("utf-8", "surrogatepass").removesuffix(b"\n}")
    return body + f',\n"sha256": "{hashlib.sha256(body).hexdigest()}"}}\n'.encode()


def load_checksummed(data: bytes) -> dict[str, Any]:
    """What was sealed.

    Raises:
        ValueError: these aren't the bytes that were written.
    """
    tail = _TAIL.search(data)
    if tail is None:
        raise ValueError("has lost its digest")
    body = data[: tail.start()]
    if hashlib.sha256(body).hexdigest() != tail[1].decode():
        raise ValueError("is damaged (its digest is not the one written)")
    found: dict[str, Any] = json.loads(body + b"}")
    return found


def write_checksummed(path: Path, content: Mapping[str, Any]) -> None:
    """Puts the sealed content in the place of what was there, at one stroke.

    Raises:
        OSError: it can't be written; see ``store.writing_to``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, dump_checksummed(content))


def read_checksummed(path: Path, remedy: str) -> dict[str, Any] | None:
    """The content of a sealed file, None where there is none; ``remedy`` is what to do where it is damaged.

    Raises:
        LibraryDamaged: it can't be read, or isn't what was written.
    """
    try:
        return load_checksummed(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise LibraryDamaged(what, where=path, remedy=remedy) from error
    except ValueError as error:
        raise LibraryDamaged(str(error), where=path, remedy=remedy) from error
