"""What docs/refusals.svg and docs/lists.svg are drawn of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals.draw import REFUSED, Outcome, lists_chart, outcomes_of, refusals_chart, summary
from evals.fit import LabelledQuestion, ListExample
from rag.query.models import Query
from rag.search.answerability import FEATURES, form_of

OUTCOMES = [Outcome(2.0, True), Outcome(0.0, True), Outcome(-1.0, False), Outcome(REFUSED, False)]


def test_what_a_reason_refuses_is_never_answered() -> None:
    """The curve ends short of it, at the risk that is left; the mark stands where the thresholds cut."""
    chart = refusals_chart(OUTCOMES)
    assert chart.lines[0].points == [(0.25, 0.0), (0.5, 0.0), (0.75, pytest.approx(1 / 3))]
    assert chart.lines[1].points == [(0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert chart.chosen == 0.5
    assert summary(OUTCOMES).endswith(
        "refused for a reason 1 (1 rightly, 0 wrongly), as too improbable 1 (1 rightly, 0 wrongly)"
    )


def test_nothing_left_is_not_drawn() -> None:
    """Where every question is refused, there is no curve."""
    with pytest.raises(ValueError, match="nothing to draw"):
        refusals_chart([Outcome(REFUSED, False)])


def test_more_room_finds_more() -> None:
    """A cut that counts recall for more leaves no less of what belongs."""
    chance = np.random.default_rng(0)
    rows = []
    for number in range(8):
        belongs = np.arange(12) < 4
        features = np.column_stack((belongs + chance.normal(0, 0.7, 12), chance.normal(0, 1, 12)))
        rows.append(ListExample(f"set:q{number}", features, belongs, np.ones(12, np.bool_)))
    recall, precision, _ = (np.array(line.points)[:, 1] for line in lists_chart(rows).lines)
    assert (np.diff(recall) >= 0).all()
    assert recall[-1] > recall[0]
    assert precision[-1] < precision[0]


def test_questions_are_put_as_the_desk_takes_them(tmp_path: Path) -> None:
    """One that a reason refuses has no margin, a list of what is named no threshold; what is compared is left out."""
    asked = [
        "Who won the chess final?",
        "Which delegations came from Peru?",
        "Compare Haidian and Chaoyang in concerts.",
    ]
    lines = [
        json.dumps({"id": f"q{n}", "question": question, "kind": "fact", "answerable": False, "gold": []})
        for n, question in enumerate((asked[0], *asked))
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "corpus").mkdir()
    named = np.array([float(name == "named") for name in FEATURES])
    others, every = form_of(Query()), form_of(Query(exhaustive=True))
    unseen = {
        f"{tmp_path.as_posix()}:q1": (LabelledQuestion(f"{tmp_path.as_posix()}:q1", others, named, False), 0.001),
        f"{tmp_path.as_posix()}:q2": (LabelledQuestion(f"{tmp_path.as_posix()}:q2", every, named, False), 0.001),
    }
    first, second, third = (outcome.margin for outcome in outcomes_of(tmp_path, unseen))
    assert first is REFUSED
    assert second is not None
    assert third is not None
    assert second < 0 < third
