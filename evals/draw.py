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
from evals.fit import (
    BETA2,
    LabelledQuestion,
    ListExample,
    fit_list_model,
    labelled_questions,
    list_examples,
    list_measures,
    unseen_probabilities,
)
from rag import settings
from rag.errors import RagError
from rag.evaluation import datasets
from rag.query.parse import parse_bilingual
from rag.search.answerability import FEATURES
from rag.search.config import DEFAULT

BETAS = tuple(np.round(np.arange(0.1, 6.01, 0.1), 1).tolist())
REFUSED = None
_CERTAIN = 100.0  # more than any log-odds
_NAMES_ENTITIES = FEATURES.index("named")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a question comes out.

    ``margin`` is by how much its log-odds of having an answer are above the threshold of its form, so that 0 or more is
    answered; ``REFUSED`` where a rule refuses it whatever they are.
    """

    margin: float | None
    answerable: bool


def refusals_chart(outcomes: Sequence[Outcome]) -> Chart:
    """Risk against coverage: from answering everything, over what the rules refuse, down by the margin.

    Raises:
        ValueError: no question is left for the margin.
    """
    left = [(outcome.margin, outcome.answerable) for outcome in outcomes if outcome.margin is not None]
    share = len(left) / max(1, len(outcomes))
    curve = [(share * covered, risk) for covered, risk in risk_coverage(*zip(*left, strict=True))] if left else []
    if not curve:
        raise ValueError("every question is refused for a reason: there is nothing to draw")
    everything = 1 - sum(outcome.answerable for outcome in outcomes) / len(outcomes)
    return Chart(
        "What refusing saves, and what it costs",
        "coverage: share of all questions that are answered",
        "risk: share of answers where there is none",
        [
            Line("by probability", curve),
            Line("by reasons", [curve[-1], (1.0, everything)]),
            Line("by chance", [(0.0, everything), (1.0, everything)]),
        ],
        sum(margin >= 0 for margin, _ in left) / len(outcomes),
        "in use",
    )


def lists_chart(rows: Sequence[ListExample], beta2: float = BETA2) -> Chart:
    """Recall, precision and F1 of list entries as the cut gives more room, each the mean over the questions."""
    odd, even = [row for row in rows if row.odd], [row for row in rows if not row.odd]
    folds = [(fit_list_model(even), odd), (fit_list_model(odd), even)]
    measures = [
        sum(len(unseen) * np.array(list_measures(model, unseen, room)) for model, unseen in folds) / len(rows)
        for room in BETAS
    ]
    by_name = zip(("recall", "precision", "F1"), np.array(measures).T.tolist(), strict=True)
    return Chart(
        "Where a list is cut",
        "beta²: how much more recall counts than precision",
        "mean over the list questions",
        [Line(name, list(zip(BETAS, values, strict=True))) for name, values in by_name],
        beta2,
        f"beta² = {beta2:g}",
    )


def outcomes_of(folder: Path, unseen: Mapping[str, tuple[LabelledQuestion, float]]) -> list[Outcome]:
    """The outcomes of a set's questions with a topic and nothing to compare.

    ``unseen`` has those that no rule settles, by name, with their probabilities.

    Raises:
        SetUnusable: see ``datasets.read_question_set``.
    """
    question_set = datasets.read_question_set(folder)
    outcomes = []
    for question in question_set.questions:
        query = parse_bilingual(question.question, question.asked_on, question.history or ())
        if not query.topic or query.comparands:
            continue
        row, probability = unseen.get(f"{question_set.name}:{question.id}", (None, 0.0))
        if row is None:
            margin = REFUSED
        # A list or a count of what is named and supported is answered whatever its probability, as ``assess`` does.
        elif row.features[_NAMES_ENTITIES] and query.is_aggregate:
            margin = _CERTAIN
        else:
            margin = _log_odds(probability) - _log_odds(DEFAULT.answerability.min_probability[row.form])
        outcomes.append(Outcome(margin, question.answerable))
    return outcomes


def _log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def summary(outcomes: Sequence[Outcome]) -> str:
    """What the refusals' chart is drawn of, in words."""
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    by_rule = [outcome for outcome in outcomes if outcome.margin is REFUSED]
    improbable = [outcome for outcome in outcomes if outcome.margin is not None and outcome.margin < 0]
    return (
        f"{len(outcomes)} questions, {len(unanswerable)} without an answer: refused for a reason {_right(by_rule)}, "
        f"as too improbable {_right(improbable)}"
    )


def _right(refused: Sequence[Outcome]) -> str:
    right = sum(not outcome.answerable for outcome in refused)
    return f"{len(refused)} ({right} rightly, {len(refused) - right} wrongly)"


def main() -> int:
    """Draws both charts and prints what they are drawn of."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET_DIR")
    parser.add_argument("--to", type=Path, default=Path("docs"), metavar="DIR", help="default: docs")
    args = parser.parse_args()
    chosen = settings.load()
    encoder = load_encoder(**chosen.encoder)
    try:
        lists = [row for folder in args.sets for row in list_examples(folder, encoder)]
        questions = [row for folder in args.sets for row in labelled_questions(folder, encoder)]
        probabilities = unseen_probabilities(questions).tolist()
        unseen = {row.name: (row, p) for row, p in zip(questions, probabilities, strict=True)}
        outcomes = [outcome for folder in args.sets for outcome in outcomes_of(folder, unseen)]
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    draw(refusals_chart(outcomes), args.to / "refusals.svg")
    draw(lists_chart(lists), args.to / "lists.svg")
    sys.stdout.write(f"{summary(outcomes)}\n{len(lists)} list questions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
