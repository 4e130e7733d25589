"""Figures for a person, as a Markdown table fit for a terminal and a README, and for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from benchmarks.figures import Figure


def as_table(machine: Mapping[str, str], figures: Iterable[Figure]) -> str:
    """The machine in a line, then a row for each figure."""
    rows = [("What", "Measured", "Aim"), *((f.label, _measured(f), f.aim) for f in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"| {what:<{widths[0]}} | {measured:>{widths[1]}} | {aim:<{widths[2]}} |" for what, measured, aim in rows]
    rule = f"| {'-' * widths[0]} | {'-' * (widths[1] - 1)}: | {'-' * widths[2]} |"
    return "\n".join([_described(machine), "", lines[0], rule, *lines[1:]])


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
