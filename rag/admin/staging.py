"""Uploaded files that wait to be published: library/staging/NAME, each with its corrections beside it.

They overlay the folders of bulletins while a generation is prepared, and are copied there when it is published.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from rag import files, limits
from rag.errors import LibraryBusy, OperatorRefused, os_reason
from rag.ingest.corrections import sidecar
from rag.ingest.formats import FORMATS

_LOCK_SECONDS = 10.0  # that another process is waited for


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged file; ``key`` is its SHA-256 and that of its corrections, "" for none."""

    name: str
    path: Path
    key: tuple[str, str]
    size: int


def folder(root: Path) -> Path:
    """The folder of the staged files."""
    return root / "staging"


def list_staged(root: Path) -> tuple[Staged, ...]:
    """The staged files, sorted by name."""
    staged = []
    with suppress(FileNotFoundError):
        for path in sorted(folder(root).iterdir()):
            if not path.name.startswith(".") and not path.name.endswith(sidecar.SUFFIX) and path.is_file():
                with suppress(FileNotFoundError):  # removed just now
                    staged.append(Staged(path.name, path, _key(path), path.stat().st_size))
    return tuple(staged)


def name_problem(name: str) -> str | None:
    """Why nothing can be staged under this name, which comes from a browser; None where it can."""
    kinds = ", ".join(FORMATS)
    if not name or "/" in name or "\\" in name:
        return "its name leads to another folder. Rename the file"
    if name.startswith("."):
        return "its name begins with a dot. Rename the file"
    if not name.isprintable() or any(unicodedata.category(character) in ("Cf", "Co") for character in name):
        return "its name holds a line break or a character that can't be seen. Rename the file"
    if len(name.encode("utf-8", "surrogatepass")) > limits.MAX_STAGED_NAME_BYTES:
        return "its name is too long. Shorten it"
    if os.path.splitext(name)[1].lower() not in FORMATS:
        return f"is not one of {kinds}. Save it as one"
    return None


def stage(root: Path, folders: Sequence[Path], name: str, data: BinaryIO, known: Mapping[str, str]) -> str:
    """Stages the data under this name; returns a note for the operator, "" for none.

    ``known`` are the names and files' SHA-256 of the bulletins in the library.

    Raises:
        OperatorRefused: it can't be staged, or is there already. LibraryUnwritable: the disk doesn't take it.
        LibraryBusy: another process has locked the staging area.
    """
    if reason := name_problem(name):
        raise OperatorRefused(reason)
    with files.translate_os_errors(folder(root)), _locked(root):
        temp_path = folder(root) / f".{os.getpid()}.incoming"
        try:
            _receive(data, name, temp_path)
            _refuse_duplicate(root, name, files.sha256_of(temp_path), known)
            target = destination(folders, name)
            if target.is_file() and (corrections := sidecar.path_of(target)).is_file():
                files.write_atomic(sidecar.path_of(folder(root) / name), corrections.read_bytes())
            os.replace(temp_path, folder(root) / name)
            files.sync_folder(folder(root))
        finally:
            temp_path.unlink(missing_ok=True)
    return "takes the place of the bulletin of this name" if target.is_file() or name in known else ""


def remove(root: Path, name: str) -> None:
    """Deletes a staged file and its corrections.

    Raises:
        OperatorRefused: none of that name is there. LibraryUnwritable, LibraryBusy: as ``stage``.
    """
    with files.translate_os_errors(folder(root)), _locked(root):
        _unlink(find(root, name).path)


def find(root: Path, name: str) -> Staged:
    """The staged file of this name.  Raises OperatorRefused: none of that name is staged."""
    for file in list_staged(root):
        if file.name == name:
            return file
    raise OperatorRefused("is not staged", where=name)


def destination(folders: Sequence[Path], name: str) -> Path:
    """Where the bulletin of this name lies, or would be put: in the first folder that has it, else in the first."""
    return next((folder / name for folder in folders if (folder / name).is_file()), folders[0] / name)


def publish(root: Path, folders: Sequence[Path], wanted: Mapping[str, tuple[str, str]]) -> None:
    """Copies the staged files that are ``wanted``, by name and key, into the folders, with their corrections.

    They stay staged until ``unstage``, so that this can be repeated after an interruption.

    Raises:
        OperatorRefused: they aren't what is staged now, or the folder can't be written. LibraryBusy: as ``stage``.
    """
    with _locked(root):
        staged = {file.name: file for file in list_staged(root)}
        for name, key in wanted.items():
            current_key = staged[name].key if name in staged else _key(destination(folders, name))
            if current_key != key:
                raise OperatorRefused("the staged files have changed since", where=name, remedy="Prepare again")
        changed_folders = set()
        for name, (_, corrections_digest) in wanted.items():
            if name not in staged:
                continue  # published before an interruption
            target = destination(folders, name)
            with _writing_to(target.parent):
                # The corrections come first: without them the bulletin would be misread.
                if corrections_digest:
                    corrections = sidecar.path_of(staged[name].path).read_bytes()
                    files.write_atomic_unsynced({sidecar.path_of(target): corrections})
                else:
                    sidecar.path_of(target).unlink(missing_ok=True)
                files.write_atomic_unsynced({target: staged[name].path.read_bytes()})
            changed_folders.add(target.parent)
        for changed in changed_folders:
            with _writing_to(changed):
                files.sync_folder(changed)


def unstage(root: Path, wanted: Mapping[str, tuple[str, str]]) -> None:
    """Deletes the staged files that have been published.  Raises LibraryUnwritable, LibraryBusy: as ``stage``."""
    with files.translate_os_errors(folder(root)), _locked(root):
        for file in list_staged(root):
            if wanted.get(file.name) == file.key:
                _unlink(file.path)


def _receive(data: BinaryIO, name: str, path: Path) -> None:
    max_bytes = FORMATS[os.path.splitext(name)[1].lower()].max_bytes
    size = data.seek(0, os.SEEK_END)
    data.seek(0)
    if not size:
        raise OperatorRefused("is empty (0 bytes). Save it again")
    if size > max_bytes:
        raise OperatorRefused(f"is larger than {max_bytes:,} bytes. Check that it is one bulletin")
    files.copy_synced(data, path)


def _refuse_duplicate(root: Path, name: str, digest: str, known: Mapping[str, str]) -> None:
    staged = {file.name: file.key[0] for file in list_staged(root)}
    if known.get(name) == digest:
        raise OperatorRefused("is in the library already, word for word")
    if name in staged:
        other = "another file of this name is staged. Remove that one first, or rename this"
        raise OperatorRefused("is staged already" if staged[name] == digest else other)
    for others, where in ((staged, "staged already"), (known, "in the library")):
        if twin := next((other for other, sha256 in others.items() if sha256 == digest), None):
            raise OperatorRefused(f"is the same file as {twin}, which is {where}")
    if len(staged) >= limits.MAX_STAGED_FILES:
        raise OperatorRefused(f"{limits.MAX_STAGED_FILES} files are staged already. Publish or remove those first")


def _key(path: Path) -> tuple[str, str]:
    if not path.is_file():
        return "", sidecar.digest(path)
    stat = path.stat()
    return _digest(path, stat.st_mtime_ns, stat.st_size, stat.st_ino), sidecar.digest(path)


@lru_cache(maxsize=2 * limits.MAX_STAGED_FILES)
def _digest(path: Path, *stat: int) -> str:
    return files.sha256_of(path)


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    sidecar.path_of(path).unlink(missing_ok=True)
    files.sync_folder(path.parent)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    folder(root).mkdir(parents=True, exist_ok=True)
    busy = LibraryBusy("another process is changing the staged files", where=root, remedy="Wait until it is done")
    with files.locked(root / "staging.lock", _LOCK_SECONDS, busy):
        yield


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os_reason(error)
        remedy = "Check its permissions and the room on its disk, then publish again"
        raise OperatorRefused(f"the bulletins can't be put there ({reason})", where=folder, remedy=remedy) from error
