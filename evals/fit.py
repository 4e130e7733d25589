"""Fits the regressions of search: which passages belong to a list, and whether a question is answered.

python -m evals.fit evals/dev evals/second        fits on all questions of these sets, writes rag/data/*.json, and
                                                  prints what the same fit reaches on questions that it hasn't seen
                                                  (odd and even ids in turn)
python -m evals.fit SET... --dry-run              prints only
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression as SkLogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from embeddings.encoder import Encoder
from embeddings.factory import load_encoder
from rag import settings
from rag.answer.quote import cut as cut_quote
from rag.evaluation import datasets, judge, run
from rag.library.reader import Library
from rag.models import Hit
from rag.query.parse import parse_bilingual
from rag.search import answerability, list_cutoff
from rag.search.coefficients import LogisticRegression
from rag.search.config import DEFAULT, Form
from rag.search.list_cutoff import ListModel
from rag.search.pipeline import score_candidates
from rag.search.signals import encode

Rows = npt.NDArray[np.float64]
BETA2 = 2.0  # how much more an entry missed costs than one too many


def has_odd_id(name: str) -> bool:
    """Whether the number of a question's name is odd."""
    return int(re.sub(r"\D", "", name) or 0) % 2 == 1


@dataclass(frozen=True, slots=True)
class ListExample:
    """A list question's passages: their features, which belong, and which count (what is optional doesn't)."""

    name: str
    features: Rows
    belongs: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.bool_]

    @property
    def odd(self) -> bool:
        """Whether its id is odd."""
        return has_odd_id(self.name)


def list_examples(folder: Path, encoder: Encoder) -> Iterator[ListExample]:
    """The list questions of a set.

    Raises:
        SetUnusable: see ``datasets.read_question_set``.
    """
    question_set = datasets.read_question_set(folder)
    with run.open_library(question_set, encoder) as (library, _):
        texts = judge.Texts({bulletin.name: library.cached_text(bulletin.name) for bulletin in library.bulletins})
        for question in question_set.questions:
            if not (question.answerable and question.must_include_all and len(question.gold) > 1):
                continue
            query = parse_bilingual(question.question, question.asked_on, question.history or ())
            if query.comparands or not query.topic:
                continue
            candidates = score_candidates(library, encode(query, encoder, library))
            signals = candidates.signals
            if not len(signals.passages):
                continue
            labels = [_holds_gold(library, texts, question, int(number)) for number in signals.passages]
            yield ListExample(
                f"{question_set.name}:{question.id}",
                list_cutoff.features(library, candidates.encoded, signals, candidates.scores),
                np.array([label is True for label in labels]),
                np.array([label is not None for label in labels]),
            )


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, the features of its answerability, and whether the bulletins answer it."""

    name: str
    form: Form
    features: Rows
    answerable: bool

    @property
    def odd(self) -> bool:
        """Whether its id is odd."""
        return has_odd_id(self.name)


def labelled_questions(folder: Path, encoder: Encoder) -> Iterator[LabelledQuestion]:
    """The questions of a set that no rule settles.

    Raises:
        SetUnusable: see ``datasets.read_question_set``.
    """
    question_set = datasets.read_question_set(folder)
    with run.open_library(question_set, encoder) as (library, _):
        for question in question_set.questions:
            query = parse_bilingual(question.question, question.asked_on, question.history or ())
            if query.comparands:
                continue
            candidates = score_candidates(library, encode(query, encoder, library))
            if answerability.assess_by_rules(library, candidates) is None:
                name, form = f"{question_set.name}:{question.id}", answerability.form_of(query)
                features = answerability.features(library, candidates)
                yield LabelledQuestion(name, form, features, question.answerable)


def fit_answerability(rows: Sequence[LabelledQuestion]) -> LogisticRegression:
    """The regression; answerable and unanswerable questions weigh the same, all in all.

    What speaks for an answer can't be counted against it: each coefficient keeps its sign in
    ``answerability.FEATURE_SIGNS``, so that the fit means the same in a library of another size.
    """
    x = np.vstack([row.features for row in rows])
    y = np.array([row.answerable for row in rows])
    scale = x.std(axis=0) + 1e-9
    weights = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum()) * len(y)

    def loss(parameters: Rows) -> tuple[float, Rows]:
        logits = x / scale @ parameters[:-1] + parameters[-1]
        wrong = 1 / (1 + np.exp(-logits)) - y
        value = float(weights @ np.logaddexp(0, np.where(y, -logits, logits)) + parameters[:-1] @ parameters[:-1] / 0.2)
        slope = np.append((weights * wrong) @ (x / scale) + parameters[:-1] / 0.1, weights @ wrong)
        return value, slope

    signs = answerability.FEATURE_SIGNS.values()
    bounds = [(0, None) if sign > 0 else (None, 0) if sign < 0 else (None, None) for sign in signs]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B")
    return LogisticRegression(tuple((found.x[:-1] / scale).tolist()), float(found.x[-1]))


def _holds_gold(library: Library, texts: judge.Texts, question: datasets.Question, number: int) -> bool | None:
    """Whether the passage holds gold; None where it holds only what is optional."""
    passage = library.passages[number]
    bulletin = library.by_name[passage.bulletin]
    text = library.text(bulletin.sha256)
    optional = False
    for n in range(len(passage.sentences)):
        hit = Hit(passage, 0.0, (0.0,) * len(passage.sentences), n, n, (n,))
        quote = cut_quote(hit, bulletin, text)
        for gold in question.gold:
            if judge.is_match(quote, gold, texts):
                if not gold.optional:
                    return True
                optional = True
    return None if optional else False


def fit_list_model(rows: Sequence[ListExample]) -> ListModel:
    """The regression, each question weighing the same."""
    x = np.vstack([row.features[row.counts] for row in rows])
    y = np.concatenate([row.belongs[row.counts] for row in rows])
    model = make_pipeline(StandardScaler(), SkLogisticRegression(C=0.1, max_iter=5000)).fit(x, y)
    scaler, logistic = model[0], model[1]
    coefficients = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - coefficients @ scaler.mean_)
    return ListModel(LogisticRegression(tuple(coefficients.tolist()), intercept), BETA2)


def list_measures(
    model: ListModel, rows: Sequence[ListExample], beta2: float | None = None
) -> tuple[float, float, float]:
    """Mean recall, precision and F1 over the questions, by passages."""
    figures = []
    for row in rows:
        chosen = list_cutoff.select(model.regression.probabilities(row.features), beta2 or model.beta2)
        chosen = chosen[row.counts[chosen]]
        right = row.belongs[chosen].sum()
        recall = right / max(1, row.belongs.sum())
        precision = right / max(1, len(chosen))
        figures.append((recall, precision, 2 * precision * recall / max(1e-9, precision + recall)))
    return tuple(np.mean(figures, axis=0).round(3).tolist())


def unseen_probabilities(rows: Sequence[LabelledQuestion]) -> Rows:
    """For each question the probability by a fit on questions of its form whose ids are odd where its own is even."""
    probabilities = np.zeros(len(rows))
    for odd in (True, False):
        for form in get_args(Form):
            model = fit_answerability([row for row in rows if row.odd is not odd and row.form == form])
            for n, row in enumerate(rows):
                if row.odd is odd and row.form == form:
                    probabilities[n] = float(model.probabilities(row.features))
    return probabilities


def main() -> int:
    """Fits on the sets named on the command line, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()
    chosen = settings.load()
    encoder = load_encoder(**chosen.encoder)
    lists = [row for folder in args.sets for row in list_examples(folder, encoder)]
    questions = [row for folder in args.sets for row in labelled_questions(folder, encoder)]
    _print_unseen(lists, questions)
    list_model = fit_list_model(lists)
    content = _content(list_cutoff.FEATURES, list_model.regression) | {"beta2": list_model.beta2}
    _write(list_cutoff.FITTED, content, args.dry_run)
    for form, path in answerability.FITTED.items():
        model = fit_answerability([row for row in questions if row.form == form])
        _write(path, _content(answerability.FEATURES, model), args.dry_run)
    return 0


def _print_unseen(lists: Sequence[ListExample], questions: Sequence[LabelledQuestion]) -> None:
    for odd, name in ((True, "odd"), (False, "even")):
        seen, unseen = ([row for row in lists if row.odd is not odd], [row for row in lists if row.odd is odd])
        measures = list_measures(fit_list_model(seen), unseen)
        sys.stdout.write(f"{len(unseen)} unseen lists ({name} ids): recall, precision, F1 = {measures}\n")
    probabilities = unseen_probabilities(questions)
    answerable = np.array([row.answerable for row in questions])
    for form, threshold in DEFAULT.answerability.min_probability.items():
        pairs = zip(questions, probabilities, strict=True)
        refused = np.array([row.form == form and p < threshold for row, p in pairs])
        unanswerable = sum(row.form == form and not row.answerable for row in questions)
        right = int((refused & ~answerable).sum())
        wrong = int(refused.sum()) - right
        sys.stdout.write(f"{form}, no below {threshold}: {right} of {unanswerable} unseen ones right, {wrong} wrong\n")


def _content(names: Sequence[str], model: LogisticRegression) -> dict[str, object]:
    coefficients = dict(zip(names, (round(value, 4) for value in model.coefficients), strict=True))
    return {"coefficients": coefficients, "intercept": round(model.intercept, 4)}


def _write(path: Path, content: dict[str, object], dry_run: bool) -> None:
    text = json.dumps(content, indent=1) + "\n"
    sys.stdout.write(f"{path.name}: {text}")
    if not dry_run:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
