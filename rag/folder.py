"""A folder of bulletins: its files, and what can be read of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import BulletinUnreadable, SeedsMissing
from rag.parse import parse
from rag.records import Bulletin

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Skipped:
    bulletin: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What the folder holds."""

    bulletins: list[Bulletin] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def name_of(path: Path, seeds: Path) -> str:
    """A bulletin goes by its path inside the folder, else by its base name."""
    absolute, inside = Path(os.path.abspath(path)), Path(os.path.abspath(seeds))
    return absolute.relative_to(inside).as_posix() if absolute.is_relative_to(inside) else path.name


def read(seeds: Path, tell: Progress) -> Reading:
    """Every bulletin of the folder and the folders in it, hidden ones aside, in the order of their names; what can't
    be read is named with its reason.

    Raises:
        SeedsMissing: there is no such folder.
    """
    if not seeds.is_dir():
        raise SeedsMissing("there is no such folder of bulletins", where=seeds, remedy="Make it, or set --seeds")
    reading = Reading()
    files = sorted(_files(seeds, reading.skipped))
    for number, path in enumerate(files, 1):
        name = path.relative_to(seeds).as_posix()
        try:
            reading.bulletins.append(parse(path, name=_written(name)))
        except BulletinUnreadable as error:
            reading.skipped.append(Skipped(_printable(name), f"{error.what}. {error.remedy}"))
        tell("Reading bulletins", number, len(files))
    return reading


def _files(seeds: Path, skipped: list[Skipped]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        name = Path(error.filename).relative_to(seeds).as_posix()
        skipped.append(Skipped(_printable(name), "is a folder that can't be opened. Check its permissions"))

    for folder, inner, names in os.walk(seeds, onerror=refused):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in inner:
            if os.path.islink(path := Path(folder, name)):
                reason = "is a link to a folder, which isn't followed. Put the files here"
                skipped.append(Skipped(_printable(path.relative_to(seeds).as_posix()), reason))
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _written(name: str) -> str:
    """The name, if it can be stored."""
    if _printable(name) != name:
        raise BulletinUnreadable("its name is not UTF-8", remedy="Rename the file")
    return name


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
