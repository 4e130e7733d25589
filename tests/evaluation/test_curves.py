"""What is drawn into docs/, and the table of what each signal is worth."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evals.ablation import table, without_each
from evals.curves import Chart, Line, draw, risk_coverage
from tests.support.evaluation_run import small_run

SVG = "{http://www.w3.org/2000/svg}"


def test_risk_grows_with_what_is_answered() -> None:
    """Answered from the surest on; equal confidences are answered together or not at all."""
    points = risk_coverage([0.9, 0.4, 0.6, 0.6], [True, False, True, False])
    assert points == [(0.25, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]


def test_arrays_that_do_not_fit_are_refused() -> None:
    """Rather than drawn as if they did."""
    for scores, marks in ([], []), ([0.5], [True, False]):
        with pytest.raises(ValueError, match="one mark a score"):
            risk_coverage(scores, marks)
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(Chart("Empty", "x", "y", []), Path("nowhere.svg"))


def test_the_drawing_holds_the_points(tmp_path: Path) -> None:
    """Well-formed, each line from its first to its last point, the chosen place marked, words escaped."""
    lines = [Line("risk", [(0.0, 0.0), (1.0, 0.5)]), Line("chance", [(0.0, 0.5), (1.0, 0.5)])]
    draw(Chart("Risk & coverage", "answered", "wrong", lines, 0.5, "cut < here"), tmp_path / "curve.svg")
    root = ET.parse(tmp_path / "curve.svg").getroot()
    assert (root.tag, root.findtext(f"{SVG}title")) == (f"{SVG}svg", "Risk & coverage")
    drawn = [line.attrib["points"] for line in root.iter(f"{SVG}polyline")]
    (left, bottom), (right, top) = (tuple(map(float, point.split(","))) for point in drawn[0].split())
    assert left < right
    assert bottom > top  # SVG counts downwards
    assert drawn[1] == f"{left},{top} {right},{top}"
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"Risk & coverage", "answered", "wrong", "risk", "chance", "cut < here", "0.5"} <= words
    assert f"M{(left + right) / 2}" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Signals:
    passage: float = 1.0
    lexical: float = 0.5
    tokens: float = 0.0


def test_each_signal_is_taken_away_once() -> None:
    """One that counts for nothing is not there to be taken."""
    assert dict(without_each(Signals())) == {
        "all signals": Signals(),
        "without passage": Signals(passage=0.0),
        "without lexical": Signals(lexical=0.0),
    }


def test_the_table_shows_what_each_is_worth() -> None:
    """The first row in full, the others as changes."""
    run = small_run()
    worse = replace(run, outcomes=(replace(run.outcomes[0], ranks=(None,)), *run.outcomes[1:]))
    _, _, first, second = table({"all signals": run, "without passage": worse}).splitlines()
    assert [cell.strip() for cell in first.split("|")[1:5]] == ["all signals", "0.000", "0.333", "0.167"]
    assert [cell.strip() for cell in second.split("|")[1:5]] == ["without passage", "+0.000", "-0.333", "-0.167"]
