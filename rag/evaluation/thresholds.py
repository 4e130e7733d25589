"""Thresholds: the least and the most that the measures of a question set may be.

A TOML file keeps them in tables named by the set's folder as seen from the file: ``["own/dev".least]`` with lines such
as ``"hit@1" = 0.7``, and ``["own/dev".most]`` with ``"mean characters quoted" = 900``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluation.datasets import SetUnusable, read_toml
from rag.evaluation.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Threshold:
    """The bound of one measure: a minimum or a maximum."""

    measure: str
    minimum: float | None = None
    maximum: float | None = None


def read(path: Path) -> dict[str, tuple[Threshold, ...]]:
    """Returns the thresholds of each set, by its folder as seen from the file.

    Raises:
        SetUnusable: the file can't be read, or holds anything but numbers for known measures.
    """
    return {name: tuple(_parse(path, name, tables)) for name, tables in read_toml(path).items()}


def of_set(path: Path, folder: Path) -> tuple[Threshold, ...]:
    """Returns the thresholds of the set in a folder.

    Raises:
        SetUnusable: see ``read``; or there are none for this set, which would guard nothing.
    """
    name = Path(os.path.relpath(folder.resolve(), path.resolve().parent)).as_posix()
    thresholds = read(path)
    if not thresholds.get(name):
        raise SetUnusable(f'has no floors for "{name}"', where=path, remedy=f'Write: ["{name}".least]')
    return thresholds[name]


def missed(values: Mapping[str, float | None], thresholds: tuple[Threshold, ...]) -> tuple[str, ...]:
    """Returns a line for each measure that is out of its bounds, or that no question counts for."""
    lines = []
    for threshold in thresholds:
        measure, value = threshold.measure, values[threshold.measure]
        if value is None:
            lines.append(f"{measure}: no question of the set counts for it, and it has a floor")
        elif threshold.minimum is not None and value < threshold.minimum:
            lines.append(f"{measure} is {value:g}, under its floor of {threshold.minimum:g}")
        elif threshold.maximum is not None and value > threshold.maximum:
            lines.append(f"{measure} is {value:g}, over its ceiling of {threshold.maximum:g}")
    return tuple(lines)


def _parse(path: Path, name: str, tables: Any) -> Iterator[Threshold]:
    where = f'{path}, ["{name}"]'
    if not isinstance(tables, dict) or not tables or not tables.keys() <= {"least", "most"}:
        raise SetUnusable("holds something else than the tables least and most", where=where, remedy="Correct it")
    for side, bounds in tables.items():
        for measure, bound in (bounds if isinstance(bounds, dict) else {side: None}).items():
            if measure not in MEASURES:
                remedy = f"There are: {', '.join(MEASURES)}"
                raise SetUnusable(f"{side}: there is no figure {measure!r}", where=where, remedy=remedy)
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                raise SetUnusable(f"{side}: {measure!r} is no number", where=where, remedy="Write a number")
            yield Threshold(measure, bound, None) if side == "least" else Threshold(measure, None, bound)
