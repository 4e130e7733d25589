"""Floors: what the figures of a set must not fall under, or not rise over.

Each set has its tables, named by its folder as seen from the file: ``["own/dev".least]`` with lines such as
``"hit@1" = 0.7``, and ``["own/dev".most]`` with ``"mean characters quoted" = 900``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluation.datasets import SetUnusable, read_toml
from rag.evaluation.measures import FIGURES

_SIDES = ("least", "most")


@dataclass(frozen=True, slots=True)
class Floor:
    figure: str
    least: float | None = None
    most: float | None = None


def read(path: Path) -> dict[str, tuple[Floor, ...]]:
    """The floors of each set, by its folder as seen from the file.

    Raises:
        SetUnusable: the file can't be read, or holds anything but numbers for figures that there are.
    """
    return {name: tuple(_floors(path, name, tables)) for name, tables in read_toml(path).items()}


def of_set(path: Path, folder: Path) -> tuple[Floor, ...]:
    """The floors of the set in a folder.

    Raises:
        SetUnusable: see ``read``; or there are none for this set, which would guard nothing.
    """
    name = Path(os.path.relpath(folder.resolve(), path.resolve().parent)).as_posix()
    floors = read(path)
    if not floors.get(name):
        raise SetUnusable(f'has no floors for "{name}"', where=path, remedy=f'Write: ["{name}".least]')
    return floors[name]


def broken(values: Mapping[str, float | None], floors: tuple[Floor, ...]) -> tuple[str, ...]:
    """A line for each figure that is under its floor, over its ceiling, or that no question counts for."""
    return tuple(line for floor in floors if (line := _broken(values[floor.figure], floor)))


def _broken(value: float | None, floor: Floor) -> str | None:
    if value is None:
        return f"{floor.figure}: no question of the set counts for it, and it has a floor"
    if floor.least is not None and value < floor.least:
        return f"{floor.figure} is {value:g}, under its floor of {floor.least:g}"
    if floor.most is not None and value > floor.most:
        return f"{floor.figure} is {value:g}, over its ceiling of {floor.most:g}"
    return None


def _floors(path: Path, name: str, tables: Any) -> Iterator[Floor]:
    where = f'{path}, ["{name}"]'
    if not isinstance(tables, dict) or not tables or not set(tables) <= set(_SIDES):
        raise SetUnusable("holds something else than the tables least and most", where=where, remedy="Correct it")
    for side, bounds in tables.items():
        for figure, bound in (bounds if isinstance(bounds, dict) else {side: None}).items():
            if figure not in FIGURES:
                remedy = f"There are: {', '.join(FIGURES)}"
                raise SetUnusable(f"{side}: there is no figure {figure!r}", where=where, remedy=remedy)
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                raise SetUnusable(f"{side}: {figure!r} is no number", where=where, remedy="Write a number")
            yield Floor(figure, bound, None) if side == "least" else Floor(figure, None, bound)
