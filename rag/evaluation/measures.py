"""The measures.  Each is a ratio of two sums over questions, so that a resample of the questions gives it anew.

Names are those that outside scoring uses; recall@k, nDCG@10 and MRR are ir-measures' over the judged quotes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from rag.evaluation.bootstrap import Rows
from rag.evaluation.run import Outcome

Part = tuple[float, float]
"""What a question adds to the numerator and to the denominator of a measure."""

# Each measure with the shorter name that outside scoring gives it by kind of question, None where it doesn't.
_NAMES_BY_KIND = {
    "verbatim": None,
    "hit@1": "hit@1",
    "hit@3": "hit@3",
    "hit@5": "hit@5",
    "mrr": "mrr",
    "recall@5": "recall@5",
    "recall@10": "recall@10",
    "ndcg@10": "ndcg@10",
    "list recall": "recall",
    "list precision": "precision",
    "list f1": "f1",
    "refusal recall": "refused",
    "refusal precision": None,
    "mean characters quoted": None,
    "mean characters quoted, one-fact questions": None,
    "mean characters a list entry": None,
    "quotes of whole sentences": None,
}
MEASURES = tuple(_NAMES_BY_KIND)
# Where nothing was asked that could count, outside scoring says 0 for these and nothing for the others.
_ZERO_WHEN_UNCOUNTED = ("verbatim", "refusal recall", "refusal precision")
_RANKED_MEASURES = {"mrr": RR, "recall@5": R @ 5, "recall@10": R @ 10, "ndcg@10": nDCG @ 10}


@dataclass(frozen=True, slots=True)
class Table:
    """The parts of each question and measure; both arrays are ``(questions, measures)``."""

    names: tuple[str, ...]
    numerators: Rows
    denominators: Rows

    def values(self) -> dict[str, float | None]:
        """Returns each measure over all questions; None where no question counts for it."""
        values: dict[str, float | None] = {}
        # Plain sums in the order of the questions: what outside scoring adds up, to the last digit.
        for column, name in enumerate(self.names):
            numerator, denominator = (sum(parts[:, column].tolist()) for parts in (self.numerators, self.denominators))
            uncounted = 0.0 if name in _ZERO_WHEN_UNCOUNTED else None
            values[name] = round(numerator / denominator, 4) if denominator else uncounted
        return values

    def counted(self) -> dict[str, int]:
        """Returns how many questions count for each measure."""
        return {name: int(np.count_nonzero(self.denominators[:, column])) for column, name in enumerate(self.names)}


def compute(outcomes: Sequence[Outcome]) -> Table:
    """Computes the parts of every measure for every question."""
    parts = [_plain_parts(outcome) for outcome in outcomes]
    for measure, by_question in _ranked_values(outcomes).items():
        for part, outcome in zip(parts, outcomes, strict=True):
            if outcome.answerable and not (measure == "mrr" and outcome.every):
                part[measure] = (by_question.get(outcome.id, 0.0), 1)
    pairs = np.array([[part.get(name, (0.0, 0.0)) for name in MEASURES] for part in parts], dtype=np.float64)
    pairs = pairs.reshape(len(parts), len(MEASURES), 2)
    return Table(MEASURES, pairs[..., 0], pairs[..., 1])


def by_kind(outcomes: Sequence[Outcome], table: Table) -> dict[str, Table]:
    """Returns the measures that are given by kind, under their shorter names, for the questions of each kind."""
    names = {column: name for column, name in enumerate(_NAMES_BY_KIND.values()) if name}
    tables = {}
    for kind in sorted({outcome.kind for outcome in outcomes}):
        rows = [n for n, outcome in enumerate(outcomes) if outcome.kind == kind]
        cells = np.ix_(rows, list(names))
        tables[kind] = Table(tuple(names.values()), table.numerators[cells], table.denominators[cells])
    return tables


def list_measures(outcome: Outcome) -> tuple[float, float, float]:
    """Returns recall, precision and F1 of a question that wants several passages."""
    recall = sum(rank is not None for rank in outcome.ranks) / len(outcome.ranks)
    counted = [verdict for verdict in outcome.verdicts if verdict != "other"]
    precision = sum(verdict in ("right", "extra") for verdict in counted) / len(counted) if counted else 0.0
    return recall, precision, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _plain_parts(outcome: Outcome) -> dict[str, Part]:
    """The parts of all but the ranked measures."""
    parts: dict[str, Part] = {
        "verbatim": (sum(outcome.verbatim), len(outcome.verbatim)),
        "quotes of whole sentences": (sum(outcome.whole), len(outcome.whole)),
    }
    if not outcome.answerable:
        refused = outcome.says_no
        return parts | {"refusal recall": (refused, 1), "refusal precision": (refused, refused)}
    parts["refusal precision"] = (0, outcome.says_no)
    if outcome.every:
        for name, value in zip(("list recall", "list precision", "list f1"), list_measures(outcome), strict=True):
            parts[name] = (value, 1)
    else:
        for k in (1, 3, 5):
            parts[f"hit@{k}"] = (outcome.rank is not None and outcome.rank <= k, 1)
    if outcome.answered:
        characters = sum(outcome.lengths)
        parts["mean characters quoted"] = (characters, 1)
        if outcome.every:
            parts["mean characters a list entry"] = (characters, len(outcome.lengths))
        else:
            parts["mean characters quoted, one-fact questions"] = (characters, 1)
    return parts


def _ranked_values(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """ir-measures' value for each answerable question, by measure and id."""
    asked = [outcome for outcome in outcomes if outcome.answerable and outcome.ranks]
    values: dict[str, dict[str, float]] = defaultdict(dict)
    if asked:
        # The documents to be found: each wanted unit; one alone where any of them will do.
        wanted = {o.id: [f"unit {n}" for n in range(len(o.ranks))] if o.every else ["any"] for o in asked}
        qrels = {name: dict.fromkeys(documents, 1) for name, documents in wanted.items()}
        run = {
            outcome.id: {document: -float(place) for place, document in enumerate(_given_documents(outcome))}
            for outcome in asked
        }
        names = {str(measure): name for name, measure in _RANKED_MEASURES.items()}
        for result in ir_measures.iter_calc(list(_RANKED_MEASURES.values()), qrels, run):
            values[names[str(result.measure)]][result.query_id] = result.value
    return values


def _given_documents(outcome: Outcome) -> list[str]:
    """The documents given, best first: what was first given at each rank, or a wrong one.  Optional passages take no
    rank; a quote that gives two units takes two places."""
    documents = []
    for rank in range(1, 1 + sum(verdict != "extra" for verdict in outcome.verdicts)):
        units = [f"unit {n}" for n, at in enumerate(outcome.ranks) if at == rank]
        if not outcome.every:
            units = ["any"] if rank == outcome.rank else []
        documents += units or [f"wrong {rank}"]
    return documents
