"""The figures of a small run, against those worked out by hand; intervals, floors and comparisons."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.evaluation import bootstrap, compare, measures, report, thresholds
from rag.evaluation.datasets import SetUnusable
from rag.evaluation.run import Run
from tests.support.evaluation_run import HOTLINE, PEACHES, ROBOTS, TALK, small_run

# Of the three facts one is second, so hit@3 and mrr count 1 and 1/2 of 3.  The list wants three and gets two, at ranks
# 1 and 4 (its extra takes none); of the four quotes that count, three are right.
FIRST, FOURTH = 1.0, 1 / math.log2(5)
LIST_NDCG = (FIRST + FOURTH) / (1 + 1 / math.log2(3) + 1 / 2)
BY_HAND = {
    "questions": 6,
    "missing replies": 0,
    "quotes": 10,
    "verbatim": 9 / 10,
    "hit@1": 0.0,
    "hit@3": 1 / 3,
    "hit@5": 1 / 3,
    "mrr": 1 / 2 / 3,
    "recall@5": (1 + 2 / 3) / 4,
    "recall@10": (1 + 2 / 3) / 4,
    "ndcg@10": (1 / math.log2(3) + LIST_NDCG) / 4,
    "list recall": 2 / 3,
    "list precision": 3 / 4,
    "list f1": 12 / 17,
    "refusal recall": 1 / 2,
    "refusal precision": 1 / 2,
    "mean characters quoted": (
        (len(HOTLINE) + len(PEACHES)) + (3 * len(ROBOTS) + len(HOTLINE) + len(PEACHES)) + len(TALK)
    )
    / 3,
    "mean characters quoted, one-fact questions": (len(HOTLINE) + len(PEACHES) + len(TALK)) / 2,
    "mean characters a list entry": (3 * len(ROBOTS) + len(HOTLINE) + len(PEACHES)) / 5,
    "quotes of whole sentences": 8 / 9,
}
BY_KIND_BY_HAND = {
    "fact": {"hit@1": 0.0, "hit@3": 0.5, "hit@5": 0.5, "mrr": 0.25, "n": 2},
    # Two questions, of which one wants a list: outside scoring counts them apart and tells the greater number.
    "list": {"recall": 0.6667, "precision": 0.75, "f1": 0.7059, "hit@1": 0.0, "n": 1},
    "unanswerable": {"refused": 0.5, "n": 2},
}


def test_the_figures_are_those_worked_out_by_hand() -> None:
    """Each under the name that outside scoring gives it, to four places."""
    printed = report.as_json(small_run())
    # A changed quote's length is its own: "song" is as long as "talk".
    assert {name: printed[name] for name in BY_HAND} == {name: round(value, 4) for name, value in BY_HAND.items()}


def test_an_answer_that_is_not_sure_counts_as_a_no() -> None:
    """In the figures of refusal, for better and worse; what it quotes still counts for the ranks."""
    answered = next(outcome for outcome in small_run().outcomes if outcome.answerable and outcome.answered)
    sure, unsure = (measures.compute([replace(answered, certainty=it)]).values() for it in ("high", "low"))
    assert (sure["hit@3"], sure["mrr"], sure["list f1"]) == (unsure["hit@3"], unsure["mrr"], unsure["list f1"])
    missed = replace(answered, answerable=False, certainty="low")
    both = measures.compute([missed, replace(answered, certainty="low")]).values()
    assert (both["refusal recall"], both["refusal precision"]) == (1.0, 0.5)
    assert measures.compute([replace(missed, certainty="high")]).values()["refusal recall"] == 0.0


def test_the_figures_by_kind() -> None:
    """Under the short names, and only those that some question of the kind counts for."""
    printed = report.as_json(small_run())["by kind"]
    assert list(printed) == list(BY_KIND_BY_HAND)
    for kind, expected in BY_KIND_BY_HAND.items():
        assert {name: printed[kind][name] for name in expected} == expected
    assert "refused" not in printed["fact"]
    assert "hit@1" not in printed["unanswerable"]


def test_a_set_of_one_sort_has_no_figures_of_the_others() -> None:
    """Nothing was asked, so nothing is said; shares of nothing are 0 where outside scoring says so."""
    run = small_run()
    values = measures.compute([outcome for outcome in run.outcomes if not outcome.answerable]).values()
    assert values["hit@1"] is values["list f1"] is values["ndcg@10"] is None
    assert measures.compute([run.outcomes[0]]).values()["refusal recall"] == 0.0


def test_the_text_has_every_figure_and_kind() -> None:
    """A person sees what a program gets, and a dash where nothing counts."""
    lines = report.as_text(replace(small_run(), outcomes=small_run().outcomes[:3])).splitlines()
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("|")}
    assert set(measures.MEASURES) | {"fact", "list"} <= set(rows)
    assert "0.706 [0.706, 0.706]" in rows["list"]
    assert "–" in rows["refusal recall"]


def test_the_interval_is_the_spread_of_resamples() -> None:
    """For a share p of n questions it is about p ± 1.96 √(p(1-p)/n)."""
    hits = np.array([[1.0]] * 60 + [[0.0]] * 40)
    (interval,) = bootstrap.intervals(hits, np.ones_like(hits))
    assert interval == pytest.approx((0.60 - 0.096, 0.60 + 0.096), abs=0.015)
    assert bootstrap.intervals(hits, np.ones_like(hits)) == [interval]


def test_the_interval_draws_questions_not_quotes() -> None:
    """A question with a hundred quotes counts at once or not at all."""
    right, given = np.array([[100.0], [0.0]]), np.array([[100.0], [100.0]])
    assert bootstrap.intervals(right, given) == [(0.0, 1.0)]


def test_no_question_no_interval() -> None:
    """Also where a resample may happen to hold none that counts."""
    one_of_three = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert bootstrap.intervals(one_of_three, one_of_three) == [None, (1.0, 1.0)]


def test_a_change_is_drawn_with_the_same_questions() -> None:
    """Hard and easy questions drop out: one better for each question is one better for sure."""
    first = np.array([[0.0], [3.0], [9.0]])
    ones = np.ones_like(first)
    assert bootstrap.differences((first, ones), (first + 1, ones)) == [(1.0, 1.0)]


def improved(run: Run) -> Run:
    """The second fact found first, the refused one answered beside the point, the list emptied, the missed no said."""
    second, refused, listed, misquoted, no, missed = run.outcomes
    return replace(
        run,
        outcomes=(
            replace(second, ranks=(1,), verdicts=("right", "wrong")),
            replace(refused, status="answered", verdicts=("wrong",)),
            replace(listed, ranks=(None, None, None), verdicts=("wrong",)),
            misquoted,
            no,
            replace(missed, status="no_match"),
        ),
    )


def test_the_comparison_names_the_questions_that_changed() -> None:
    """Refusing an answerable question and missing its passage are equally bad."""
    comparison = compare.compare(small_run(), improved(small_run()))
    assert (comparison.questions, comparison.left_out) == (6, 0)
    assert [(c.id, c.first, c.second) for c in comparison.better] == [
        ("second", "rank 2", "rank 1"),
        ("missed", "answered", "refused"),
    ]
    assert [(c.id, c.first, c.second) for c in comparison.worse] == [("list", "F1 0.71", "F1 0.00")]
    changes = {difference.measure: difference.change for difference in comparison.differences}
    assert changes["hit@1"] == 0.3333
    assert changes["refusal recall"] == 0.5
    assert changes["list f1"] == -0.7059


def test_a_run_beside_itself_shows_nothing() -> None:
    """No question changed, no figure moved."""
    comparison = compare.compare(small_run(), small_run())
    assert not comparison.better + comparison.worse
    assert {(d.change, d.interval, d.is_clear) for d in comparison.differences} == {(0.0, (0.0, 0.0), False)}


def test_questions_of_one_run_alone_are_left_out() -> None:
    """So are those that were asked in other words."""
    run = small_run()
    other = replace(run, outcomes=(replace(run.outcomes[0], question="other words?"), *run.outcomes[1:5]))
    comparison = compare.compare(run, other)
    assert (comparison.questions, comparison.left_out) == (4, 2)
    with pytest.raises(SetUnusable, match="no question in common"):
        compare.compare(run, replace(run, outcomes=other.outcomes[:1]))


FLOORS = """
["own/small".least]
"hit@3" = 0.3
"list f1" = 0.8
"recall@5" = 0.4
["own/small".most]
"mean characters a list entry" = 30
"""


def test_a_figure_under_its_floor_has_a_line(tmp_path: Path) -> None:
    """Each line says which figure, what it is and what it should be."""
    (tmp_path / "floors.toml").write_text(FLOORS)
    bounds = thresholds.of_set(tmp_path / "floors.toml", tmp_path / "own" / "small")
    values = measures.compute(small_run().outcomes).values()
    assert thresholds.missed(values, bounds) == (
        "list f1 is 0.7059, under its floor of 0.8",
        "mean characters a list entry is 33.6, over its ceiling of 30",
    )
    assert thresholds.missed(values | {"hit@3": None}, bounds)[0].startswith("hit@3: no question of the set counts")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("hit@1 =", "is not TOML"),
        ('[set.least]\n"hit@2" = 0.5', "there is no figure 'hit@2'"),
        ('[set.least]\n"hit@1" = "high"', "is no number"),
        ('[set.lest]\n"hit@1" = 0.5', "something else than the tables least and most"),
        ('[other.least]\n"hit@1" = 0.5', 'has no floors for "set"'),
        ("[set.least]", 'has no floors for "set"'),
    ],
)
def test_a_floor_that_guards_nothing_is_refused(tmp_path: Path, written: str, complaint: str) -> None:
    """A misspelt figure would never fail."""
    (tmp_path / "floors.toml").write_text(written)
    with pytest.raises(SetUnusable, match=complaint):
        thresholds.of_set(tmp_path / "floors.toml", tmp_path / "set")
