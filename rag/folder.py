"""A folder of bulletins: its files, and what can be read of them."""

from __future__ import annotations

from collections.abc import Callable
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
    resolved, inside = path.resolve(), seeds.resolve()
    return resolved.relative_to(inside).as_posix() if resolved.is_relative_to(inside) else path.name


def bulletin_files(seeds: Path) -> list[Path]:
    """The folder's files, hidden ones aside, in the order of their names."""
    if not seeds.is_dir():
        raise SeedsMissing("there is no such folder of bulletins", where=seeds, remedy="Make it, or set --seeds")
    return sorted(
        path
        for path in seeds.rglob("*")
        if not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(seeds).parts)
    )


def read(seeds: Path, tell: Progress) -> Reading:
    """Every bulletin of the folder; what can't be read is named with its reason.

    Raises:
        SeedsMissing: there is no such folder.
    """
    files = bulletin_files(seeds)
    reading = Reading()
    for number, path in enumerate(files, 1):
        name = path.relative_to(seeds).as_posix()
        try:
            reading.bulletins.append(parse(path, name=name))
        except BulletinUnreadable as error:
            reading.skipped.append(Skipped(name, f"{error.what}. {error.remedy}"))
        tell("Reading bulletins", number, len(files))
    return reading
