"""Figures for a person, as a Markdown table fit for a terminal and a README, and for a program."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from benchmarks.figures import Figure


def as_table(machine: Mapping[str, str], figures: Iterable[Figure]) -> str:
    """The machine in a line, then a row for each figure."""
    return as_grid(machine, [("What", "Measured", "Aim"), *((f.label, _measured(f), f.aim) for f in figures)], (1,))


def as_grid(machine: Mapping[str, str], rows: Sequence[Sequence[str]], numbers: Collection[int]) -> str:
    """The machine in a line, then the rows, the first of them the heading; columns of ``numbers`` end flush."""
    columns = range(len(rows[0]))
    widths = [max(len(row[column]) for row in rows) for column in columns]
    signs = [">" if column in numbers else "<" for column in columns]
    lines = ["| " + " | ".join(f"{row[c]:{signs[c]}{widths[c]}}" for c in columns) + " |" for row in rows]
    rules = ("-" * (widths[c] - 1) + ":" if c in numbers else "-" * widths[c] for c in columns)
    return "\n".join([_described(machine), "", lines[0], f"| {' | '.join(rules)} |", *lines[1:]])


def as_json(machine: Mapping[str, str], figures: Iterable[Figure]) -> str:
    """One object, figures by name and not rounded."""
    return json.dumps({"machine": machine, "figures": {figure.name: figure.value for figure in figures}}, indent=1)


def _described(machine: Mapping[str, str]) -> str:
    releases = dict(machine)
    hardware = [releases.pop("processor"), f"{releases.pop('cores')} cores", f"{releases.pop('memory')} of memory"]
    return ", ".join([*hardware, releases.pop("system"), *(f"{name} {release}" for name, release in releases.items())])


def _measured(figure: Figure) -> str:
    """Three digits, or all that stand before the point."""
    places = 0 if figure.value >= 100 else 1 if figure.value >= 10 else 2
    return f"{figure.value:,.{places}f} {figure.unit}".strip()
