"""The curves in docs/: what refusing costs and saves, and where a list is cut.  Arrays in, SVG out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

Point = tuple[float, float]

_TEMPLATE = "curve.svg.jinja"
_WIDTH, _HEIGHT = 640, 400  # the drawing's own units
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 72, 56  # margins: axis numbers, title and names of the lines
# Told apart by colour-blind eyes too (Okabe and Ito), and by their dashes in black and white.
_STYLES = (("#0072b2", ""), ("#d55e00", "7 4"), ("#009e73", "2 3"), ("#444444", "9 3 2 3"))


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through its points."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's texts and lines; ``chosen`` is the x value in use, with ``chosen_name`` beside it."""

    title: str
    across: str
    up: str
    lines: Sequence[Line]
    chosen: float | None = None
    chosen_name: str = ""


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[Point]:
    """(coverage, risk) for each confidence as the threshold, by growing coverage, which ends at 1.

    Coverage is the share of questions answered when only those of at least that confidence are; risk is the share of
    these answered wrongly.

    Raises:
        ValueError: the arrays are empty or differ in length.
    """
    if len(confidences) != len(right) or not len(confidences):
        raise ValueError(f"{len(confidences)} scores and {len(right)} marks: give one mark a score, and at least one")
    values = np.asarray(confidences, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    # Equal confidences are told apart by nothing, so no threshold falls between them.
    last = np.append(np.flatnonzero(np.diff(values[order])), len(order) - 1)
    correct = np.cumsum(np.asarray(right, dtype=np.int64)[order])[last]
    answered = last + 1
    return [(float(n / len(order)), float(1 - c / n)) for n, c in zip(answered, correct, strict=True)]


def draw(chart: Chart, path: Path) -> None:
    """Writes the chart as an SVG that needs nothing else: no script, no font, no other file.

    Raises:
        ValueError: a line has no point. OSError: the file can't be written.
    """
    if not chart.lines or not all(line.points for line in chart.lines):
        raise ValueError(f"{chart.title}: there is nothing to draw")
    chosen = () if chart.chosen is None else (chart.chosen,)
    across = _ticks([*chosen, *(x for line in chart.lines for x, _ in line.points)])
    up = _ticks([0.0, *(y for line in chart.lines for _, y in line.points)])

    def left(x: float) -> float:
        return round(_LEFT + (x - across[0]) / (across[-1] - across[0]) * (_WIDTH - _LEFT - _RIGHT), 1)

    def top(y: float) -> float:
        return round(_HEIGHT - _BOTTOM - (y - up[0]) / (up[-1] - up[0]) * (_HEIGHT - _TOP - _BOTTOM), 1)

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    drawn = environment.get_template(_TEMPLATE).render(
        chart=chart,
        box={"width": _WIDTH, "height": _HEIGHT, "left": _LEFT, "right": _WIDTH - _RIGHT, "top": _TOP}
        | {"bottom": _HEIGHT - _BOTTOM},
        across=[(left(x), f"{x:g}") for x in across],
        up=[(top(y), f"{y:g}") for y in up],
        lines=[
            (line.name, " ".join(f"{left(x)},{top(y)}" for x, y in line.points), *_STYLES[n % len(_STYLES)])
            for n, line in enumerate(chart.lines)
        ],
        chosen=None if chart.chosen is None else left(chart.chosen),
    )
    path.write_text(drawn, encoding="utf-8")


def _ticks(values: Sequence[float]) -> list[float]:
    """About five round numbers that span the values."""
    low, high = min(values), max(values)
    rough = ((high - low) or 1.0) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, max(last, first + 1) + 1)]
