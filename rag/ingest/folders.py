"""Folders of bulletins: their files, each under the name that its bulletin goes by."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SeedsMissing
from rag.ingest.corrections import sidecar

ProgressCallback = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
Folders = Path | Sequence[Path]


@dataclass(frozen=True, slots=True)
class Skipped:
    bulletin: str
    reason: str


@dataclass(frozen=True, slots=True)
class BulletinFile:
    """``name`` is the path inside its folder."""

    name: str
    path: Path
    folder: Path


def as_folders(folders: Folders) -> tuple[Path, ...]:
    return (folders,) if isinstance(folders, Path) else tuple(folders)


def bulletin_name(path: Path, seeds: Path) -> str:
    """A bulletin goes by its path inside the folder, else by its base name."""
    absolute, inside = Path(os.path.abspath(path)), Path(os.path.abspath(seeds))
    return absolute.relative_to(inside).as_posix() if absolute.is_relative_to(inside) else path.name


def list_files(folders: Folders, overlay: Path | None = None) -> tuple[list[BulletinFile], list[Skipped]]:
    """Every file of the folders and the folders in them, hidden ones aside, in the order of their names, and what can't
    be one.  A file in ``overlay`` takes the place of those with its name; else the first folder's counts.

    Raises:
        SeedsMissing: there is no such folder.
    """
    found: dict[str, BulletinFile] = {}
    skipped: list[Skipped] = []
    for folder in (*([overlay] if overlay else []), *as_folders(folders)):
        if not folder.is_dir():
            if folder == overlay:
                continue
            raise SeedsMissing("there is no such folder of bulletins", where=folder, remedy="Make it, or set --seeds")
        beside = []
        for path in _paths(folder, skipped):
            name = path.relative_to(folder).as_posix()
            if reason := _unfit(name, path, folder):
                skipped.append(Skipped(printable(name), reason))
            elif name.endswith(sidecar.SUFFIX):
                beside.append(path)
            elif name not in found:
                found[name] = BulletinFile(name, path, folder)
            elif found[name].folder != overlay:
                other = found[name].folder
                skipped.append(Skipped(name, f"another bulletin of this name lies in {other}. Rename one of the two"))
        for path in beside:
            if not path.with_name(path.name.removesuffix(sidecar.SUFFIX)).exists():
                name = path.relative_to(folder).as_posix()
                skipped.append(Skipped(name, "corrects a bulletin that isn't there. Remove it, or bring that back"))
    return [found[name] for name in sorted(found)], skipped


def printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _paths(folder: Path, skipped: list[Skipped]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        skipped.append(Skipped(printable(name), "is a folder that can't be opened. Check its permissions"))

    for inner, deeper, names in os.walk(folder, onerror=refused):
        deeper[:] = sorted(name for name in deeper if not name.startswith("."))
        for name in deeper:
            if os.path.islink(path := Path(inner, name)):
                reason = "is a link to a folder, which isn't followed. Put the files here"
                skipped.append(Skipped(printable(path.relative_to(folder).as_posix()), reason))
        yield from (Path(inner, name) for name in sorted(names) if not name.startswith("."))


def _unfit(name: str, path: Path, folder: Path) -> str | None:
    """Why this can't be a bulletin's file, whatever it holds."""
    if printable(name) != name:
        return "its name is not UTF-8. Rename the file"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name):
        return "its name holds a line break or a character that can't be seen. Rename the file"
    if path.is_symlink() and path.exists() and not path.resolve().is_relative_to(folder.resolve()):
        return "is a link that leads out of the folder. Put the file itself here"
    return None
