"""Folders of bulletins: their files, each with its bulletin's name."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SeedsMissing
from rag.ingest.corrections import sidecar

ProgressCallback = Callable[[str, int, int], None]
"""Progress callback: stage, items done, total items."""
Folders = Path | Sequence[Path]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that isn't a bulletin, by its name, and the reason."""

    bulletin: str
    reason: str


@dataclass(frozen=True, slots=True)
class BulletinFile:
    """A file of one of the folders; ``name`` is its path inside that folder."""

    name: str
    path: Path
    folder: Path


def as_folders(folders: Folders) -> tuple[Path, ...]:
    """Returns one folder or several as a tuple."""
    return (folders,) if isinstance(folders, Path) else tuple(folders)


def bulletin_name(path: Path, seeds: Path) -> str:
    """Returns the bulletin's name: its path inside the folder, or its base name where it lies elsewhere."""
    absolute, inside = Path(os.path.abspath(path)), Path(os.path.abspath(seeds))
    return absolute.relative_to(inside).as_posix() if absolute.is_relative_to(inside) else path.name


def list_files(folders: Folders, overlay: Path | None = None) -> tuple[list[BulletinFile], list[Skipped]]:
    """Returns every file of the folders and their subfolders in the order of their names, and those that are skipped.

    Hidden files and folders are passed over.  A file in ``overlay`` replaces those with its name; otherwise the first
    folder's counts.

    Raises:
        SeedsMissing: there is no such folder.
    """
    files: dict[str, BulletinFile] = {}
    skipped: list[Skipped] = []
    for folder in (*([overlay] if overlay else []), *as_folders(folders)):
        if folder == overlay and not folder.is_dir():
            continue
        require_folder(folder)
        sidecars = []
        for path in _walk(folder, skipped):
            name = path.relative_to(folder).as_posix()
            if reason := _unfit_reason(name, path, folder):
                skipped.append(Skipped(printable(name), reason))
            elif name.endswith(sidecar.SUFFIX):
                sidecars.append(path)
            elif name not in files:
                files[name] = BulletinFile(name, path, folder)
            elif files[name].folder != overlay:
                other = files[name].folder
                skipped.append(Skipped(name, f"another bulletin of this name lies in {other}. Rename one of the two"))
        for path in sidecars:
            if not path.with_name(path.name.removesuffix(sidecar.SUFFIX)).exists():
                name = path.relative_to(folder).as_posix()
                skipped.append(Skipped(name, "corrects a bulletin that isn't there. Remove it, or bring that back"))
    return [files[name] for name in sorted(files)], skipped


def require_folder(folder: Path) -> None:
    """Raises ``SeedsMissing`` where there is no such folder of bulletins."""
    if not folder.is_dir():
        raise SeedsMissing("there is no such folder of bulletins", where=folder, remedy="Make it, or set --seeds")


def printable(name: str) -> str:
    """Returns a file's name with the bytes that are not UTF-8 as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _walk(folder: Path, skipped: list[Skipped]) -> Iterator[Path]:
    def skip_unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        skipped.append(Skipped(printable(name), "is a folder that can't be opened. Check its permissions"))

    for parent, subfolders, names in os.walk(folder, onerror=skip_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in subfolders:
            if os.path.islink(path := Path(parent, name)):
                reason = "is a link to a folder, which isn't followed. Put the files here"
                skipped.append(Skipped(printable(path.relative_to(folder).as_posix()), reason))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _unfit_reason(name: str, path: Path, folder: Path) -> str | None:
    """Returns why this can't be a bulletin's file, whatever its contents; None where it can."""
    if printable(name) != name:
        return "its name is not UTF-8. Rename the file"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name):
        return "its name holds a line break or a character that can't be seen. Rename the file"
    if path.is_symlink() and path.exists() and not path.resolve().is_relative_to(folder.resolve()):
        return "is a link that leads out of the folder. Put the file itself here"
    return None
