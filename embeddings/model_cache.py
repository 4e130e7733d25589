"""Folders of files that are made once from a model, and checked byte for byte whenever they are used.

A folder appears whole or not at all; ``manifest.json`` in it holds what it was made from and the digest of each file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from embeddings.array_store import write_description
from embeddings.errors import EncoderDamaged, EncoderMissing

MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished-"


def made_once(folder: Path, make: Callable[[Path], Mapping[str, Any]]) -> Path:
    """The folder, which ``make`` fills where it isn't there yet; what that returns goes into the manifest.

    Raises:
        EncoderMissing: it can't be written.
    """
    if (folder / MANIFEST).is_file():
        return folder
    cache = folder.parent
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / ".lock"):
            if not (folder / MANIFEST).is_file():  # another process may have been quicker
                _make(folder, make)
    except OSError as error:
        what = f"the model can't be prepared there ({error.strerror or error})"
        remedy = "It takes up to 600 MB and the right to write; make room there, or keep the library elsewhere"
        raise EncoderMissing(what, where=folder, remedy=remedy) from error
    return folder


def check(folder: Path, pinned: Mapping[str, str] | None = None, *, unread: Collection[str] = ()) -> None:
    """Compare each of a folder's files with the digest in its manifest, or with the ``pinned`` one if there is one.

    Files ``unread`` are checked elsewhere, when they are used.

    Raises:
        EncoderDamaged: a file is missing, cut off or changed.
    """
    try:
        made = json.loads((folder / MANIFEST).read_bytes())["files"]
        digests = {str(name): str(digest) for name, digest in made.items()} | dict(pinned or {})
        for name in digests.keys() - set(unread):
            digest = digests[name]
            if sha256_of(folder / name) != digest:
                raise _damaged(folder / name, "the bytes are not those that were made (sha256 differs)")
    except OSError as error:
        raise _damaged(folder, f"a file can't be read ({error.strerror}: {error.filename})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(folder / MANIFEST, "the file is not a manifest") from error


def sha256_of(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(folder: Path, make: Callable[[Path], Mapping[str, Any]]) -> None:
    for left in folder.parent.glob(f"{_UNFINISHED}*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    unfinished = folder.parent / f"{_UNFINISHED}{os.getpid()}"
    unfinished.mkdir()
    try:
        about = make(unfinished)
        files = sorted(path for path in unfinished.rglob("*") if path.is_file())
        for path in files:
            _wait_for_disk(path)
        digests = {path.relative_to(unfinished).as_posix(): sha256_of(path) for path in files}
        write_description(unfinished / MANIFEST, {**about, "files": digests})
        os.rename(unfinished, folder)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(unfinished)
        raise


def _wait_for_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _damaged(where: Path, what: str) -> EncoderDamaged:
    folder = where if where.is_dir() else where.parent
    return EncoderDamaged(what, where=where, remedy=f"Delete {folder}: it is made again")
