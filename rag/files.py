"""Atomic, synced and checksummed files, and locks between processes; every file is written through here."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from rag.errors import LibraryDamaged, LibraryUnwritable, os_reason

_CHECKSUM = re.compile(rb',\n"sha256": "([0-9a-f]{64})"}\n\Z')
_DAMAGED = "is damaged (its digest is not the one written)"
_DISK_FULL = ("the disk is full; nothing was changed", "Free some space and index again")


def keep_private() -> None:
    """From now on this process and those that it starts make files and folders for their owner alone: a library holds
    what readers wrote, and bulletins before they are published."""
    os.umask(0o077)


def readable_by_others(folder: Path) -> int:
    """Returns how many files below the folder any user of this machine can read."""
    found = 0
    if all(_mode(parent) & stat.S_IXOTH for parent in (folder.resolve(), *folder.resolve().parents)):
        for path, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if _mode(Path(path, name)) & stat.S_IXOTH]
            found += sum(bool(_mode(Path(path, name)) & stat.S_IROTH) for name in names)
    return found


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:  # it has gone meanwhile
        return 0


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def integrity_error(path: Path, expected: str) -> str | None:
    """Returns what is wrong with a file that was written with the SHA-256 ``expected``, None if nothing is."""
    try:
        return None if sha256_of(path) == expected else _DAMAGED
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({os_reason(error)})"


def write_synced(path: Path, data: bytes) -> None:
    """Writes a new file and waits until the disk has it."""
    copy_synced(io.BytesIO(data), path)


def copy_synced(source: BinaryIO, path: Path) -> None:
    """Writes the rest of a stream to a new file and waits until the disk has it."""
    with path.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def read_tail(path: Path, most: int) -> tuple[bytes, int]:
    """Returns the last bytes of a file, so many at most, and where they begin; raises OSError."""
    with path.open("rb") as file:
        begin = file.seek(max(0, file.seek(0, os.SEEK_END) - most))
        return file.read(), begin


def append_synced(path: Path, data: bytes, offset: int) -> None:
    """Writes ``data`` at ``offset``, drops what stood behind it, and waits until the disk has it.

    A missing file is made, readable by its owner alone.  A write that fails leaves the first ``offset`` bytes alone.
    """
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(handle, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        try:
            while data:
                data = data[os.write(handle, data) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, offset)
            raise
    finally:
        os.close(handle)
    if is_new:
        sync_folder(path.parent)


def write_atomic(path: Path, data: bytes) -> None:
    """Replaces a file's contents and waits until the disk has them; a reader sees either the old or the new."""
    write_atomic_unsynced({path: data})
    sync_folder(path.parent)


def write_atomic_private(path: Path, data: bytes) -> None:
    """Does as ``write_atomic``, for a file that only its owner may read at any moment; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _temp_path(path).unlink(missing_ok=True)
    _temp_path(path).touch(mode=0o600, exist_ok=False)
    write_atomic(path, data)


def write_atomic_unsynced(contents: Mapping[Path, bytes]) -> None:
    """Replaces files atomically, none if one doesn't fit.  The caller syncs their folder, once after many files."""
    temp_paths = {path: _temp_path(path) for path in contents}
    try:
        for path, data in contents.items():
            write_synced(temp_paths[path], data)
        for path, temp_path in temp_paths.items():
            os.replace(temp_path, path)
    finally:
        for temp_path in temp_paths.values():
            temp_path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Waits until the disk has the folder's list of names."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def require_free_space(folder: Path, size: int) -> None:
    """Raises LibraryUnwritable unless twice ``size`` bytes are free, before something is begun that may not fit."""
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        what = f"the disk has {free / 1e6:,.1f} MB left and {2 * size / 1e6:,.1f} MB are needed; nothing was changed"
        raise LibraryUnwritable(what, where=folder, remedy="Free some space and index again")


@contextlib.contextmanager
def locked(path: Path, timeout: float, busy: Exception) -> Iterator[None]:
    """Holds the lock file at ``path``, which is made together with its folder.

    Raises:
        busy: another process or thread still holds it after ``timeout`` seconds.
        OSError: the lock file can't be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=timeout)
    try:
        acquired = lock.acquire()
    except Timeout:
        raise busy from None
    with acquired:
        yield


@contextlib.contextmanager
def translate_os_errors(
    folder: Path, *, option: str = "--library", disk_full: tuple[str, str] = _DISK_FULL
) -> Iterator[None]:
    """Turns an OSError within the block into an error about the folder, by default the library's.

    ``option`` sets another folder; ``disk_full`` says what is wrong where the disk is full, and what to do about it.

    Raises:
        LibraryUnwritable: there is no permission, no space, or another of the disk's reasons.
    """
    try:
        yield
    except OSError as error:
        what, remedy = f"can't be written ({os_reason(error)})", f"Check its permissions, or set {option}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what, remedy = disk_full
        raise LibraryUnwritable(what, where=folder, remedy=remedy) from error


def dump_checksummed(content: Mapping[str, Any]) -> bytes:
    """Returns ``content`` as JSON that ends with its own SHA-256; it has at least one key, and no ``sha256``."""
    body = json.dumps(dict(content), ensure_ascii=False, indent=0).encode("utf-8", "surrogatepass").removesuffix(b"\n}")
    return body + f',\n"sha256": "{hashlib.sha256(body).hexdigest()}"}}\n'.encode()


def load_checksummed(data: bytes) -> dict[str, Any]:
    """Returns what ``dump_checksummed`` was given; raises ValueError if these aren't the bytes that were written."""
    checksum = _CHECKSUM.search(data)
    if checksum is None:
        raise ValueError("has lost its digest")
    body = data[: checksum.start()]
    if hashlib.sha256(body).hexdigest() != checksum[1].decode():
        raise ValueError(_DAMAGED)
    content: dict[str, Any] = json.loads(body + b"}")
    return content


def write_checksummed(path: Path, content: Mapping[str, Any]) -> None:
    """Replaces a checksummed file's content atomically; its folder is made.  Raises OSError if it can't be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, dump_checksummed(content))


def read_bytes(path: Path, remedy: str) -> bytes | None:
    """Returns a file's bytes, None if there is none; raises LibraryDamaged, with ``remedy``, if it can't be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise LibraryDamaged(what, where=path, remedy=remedy) from error


def read_checksummed(path: Path, remedy: str) -> dict[str, Any] | None:
    """Returns the content of a checksummed file, None if there is none; ``remedy`` is the advice if it is damaged.

    Raises:
        LibraryDamaged: it can't be read, or isn't what was written.
    """
    data = read_bytes(path, remedy)
    try:
        return None if data is None else load_checksummed(data)
    except ValueError as error:
        raise LibraryDamaged(str(error), where=path, remedy=remedy) from error


def _temp_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
