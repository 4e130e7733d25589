"""Draws docs/refusals.svg and docs/lists.svg: what refusing saves and costs, and where a list is cut.

python -m evals.draw evals/dev evals/second evals/own/dev evals/own/no/dev evals/own/no/second

Every probability is of a fit that hasn't seen the question: odd ids by a fit on the even ones, and the other way round.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.factory import load_encoder
from evals.curves import Chart, Line, draw, risk_coverage
from evals.fit import BETA2, Asked, Example, examples, fit, questions_of, score, unseen_probabilities
from rag.errors import RagError
from rag.evaluation import datasets
from rag.query import chinese
from rag.search.answerability import LEAST, NAMES

BETAS = tuple(np.round(np.arange(0.1, 6.01, 0.1), 1).tolist())
REFUSED = None
_SURE = 100.0  # more than any log-odds
_NAMED = NAMES.index("named")


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it was put.  ``margin`` is by how much its log-odds of having an answer are above the threshold of
    its form, so that 0 or more is answered; ``REFUSED`` where a reason refuses it whatever they are."""

    margin: float | None
    answerable: bool


def refusals(put: Sequence[Put]) -> Chart:
    """Risk against coverage: from answering everything, over what the reasons refuse, down by the margin.

    Raises:
        ValueError: no question is left for the margin.
    """
    left = [(one.margin, one.answerable) for one in put if one.margin is not None]
    share = len(left) / max(1, len(put))
    curve = [(share * covered, risk) for covered, risk in risk_coverage(*zip(*left, strict=True))] if left else []
    if not curve:
        raise ValueError("every question is refused for a reason: there is nothing to draw")
    everything = 1 - sum(one.answerable for one in put) / len(put)
    return Chart(
        "What refusing saves, and what it costs",
        "coverage: share of all questions that are answered",
        "risk: share of answers where there is none",
        [
            Line("by probability", curve),
            Line("by reasons", [curve[-1], (1.0, everything)]),
            Line("by chance", [(0.0, everything), (1.0, everything)]),
        ],
        sum(margin >= 0 for margin, _ in left) / len(put),
        "in use",
    )


def lists(rows: Sequence[Example], beta2: float = BETA2) -> Chart:
    """Recall, precision and F1 of list entries as the cut gives more room, each the mean over the questions."""
    seen = [(fit([one for one in rows if one.odd is not odd]), [one for one in rows if one.odd is odd])
            for odd in (True, False)]  # fmt: skip
    figures = [
        sum(len(unseen) * np.array(score(model, unseen, room)) for model, unseen in seen) / len(rows) for room in BETAS
    ]
    named = zip(("recall", "precision", "F1"), np.array(figures).T.tolist(), strict=True)
    return Chart(
        "Where a list is cut",
        "beta²: how much more recall counts than precision",
        "mean over the list questions",
        [Line(name, list(zip(BETAS, values, strict=True))) for name, values in named],
        beta2,
        f"beta² = {beta2:g}",
    )


def put_of(folder: Path, unseen: Mapping[str, tuple[Asked, float]]) -> list[Put]:
    """The questions of a set with a topic and without sides; ``unseen`` has those that no reason refuses, by name, with
    their probabilities.

    Raises:
        SetUnusable: see ``sets.read``.
    """
    asked = datasets.read_question_set(folder)
    found = []
    for question in asked.questions:
        understood = chinese.read(question.question, question.asked_on, question.history or ())
        if not understood.topic or understood.comparands:
            continue
        one, probability = unseen.get(f"{asked.name}:{question.id}", (None, 0.0))
        if one is None:
            margin = REFUSED
        # A list or a count of what is named and borne out is answered whatever its probability; see refusal.verdict.
        elif one.features[_NAMED] and (understood.exhaustive or understood.kind == "count"):
            margin = _SURE
        else:
            margin = _log_odds(probability) - _log_odds(LEAST[one.form])
        found.append(Put(margin, question.answerable))
    return found


def _log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def counted(put: Sequence[Put]) -> str:
    """What the refusals' chart is drawn of, in words."""
    empty = [one for one in put if not one.answerable]
    reasons = [one for one in put if one.margin is REFUSED]
    doubts = [one for one in put if one.margin is not None and one.margin < 0]
    return (
        f"{len(put)} questions, {len(empty)} without an answer: refused for a reason {_right(reasons)}, "
        f"as too improbable {_right(doubts)}"
    )


def _right(refused: Sequence[Put]) -> str:
    right = sum(not one.answerable for one in refused)
    return f"{len(refused)} ({right} rightly, {len(refused) - right} wrongly)"


def main() -> int:
    """Draws both, and says what is drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET_DIR")
    parser.add_argument("--to", type=Path, default=Path("docs"), metavar="DIR", help="default: docs")
    args = parser.parse_args()
    encoder = load_encoder()
    try:
        rows = [one for folder in args.sets for one in examples(folder, encoder)]
        asked = [one for folder in args.sets for one in questions_of(folder, encoder)]
        unseen = {one.name: (one, p) for one, p in zip(asked, unseen_probabilities(asked).tolist(), strict=True)}
        put = [one for folder in args.sets for one in put_of(folder, unseen)]
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    draw(refusals(put), args.to / "refusals.svg")
    draw(lists(rows), args.to / "lists.svg")
    sys.stdout.write(f"{counted(put)}\n{len(rows)} list questions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
