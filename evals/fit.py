"""Fits what is fitted: which passages belong to a list, and how sure an answer is.  Writes rag/data/*.json.

python -m evals.fit evals/dev evals/second        fits on all questions of these sets, and prints what the same fit
                                                  reaches on questions that it hasn't seen (odd and even ids in turn)
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
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from embeddings.encoder import Encoder
from embeddings.factory import load_encoder
from rag.answer.quote import cut as quoted
from rag.evaluation import datasets, judge, run
from rag.library.reader import Library
from rag.models import Hit
from rag.query import chinese
from rag.search import answerability, list_cutoff
from rag.search.pipeline import prepare
from rag.search.ranking import Weights
from rag.search.signals import encode

Rows = npt.NDArray[np.float64]
BETA2 = 2.0  # how much more an entry missed costs than one too many


@dataclass(frozen=True, slots=True)
class Example:
    """A question's passages: what membership is told of each, and whether it belongs (True), not, or may (left out)."""

    name: str
    features: Rows
    belongs: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.bool_]

    @property
    def odd(self) -> bool:
        return int(re.sub(r"\D", "", self.name) or 0) % 2 == 1


def examples(folder: Path, encoder: Encoder) -> Iterator[Example]:
    """The list questions of a set."""
    asked = datasets.read_question_set(folder)
    with run.open_library(asked, encoder) as (library, _):
        texts = judge.Texts({bulletin.name: library.words(bulletin.name) for bulletin in library.bulletins})
        for question in asked.questions:
            if not (question.answerable and question.must_include_all and len(question.gold) > 1):
                continue
            understood = chinese.read(question.question, question.asked_on, question.history)
            if understood.comparands or not understood.topic:
                continue
            prepared = prepare(library, encode(understood, encoder, library), Weights())
            if not len(prepared.signals.passages):
                continue
            found = [_gold(library, texts, question, int(number)) for number in prepared.signals.passages]
            yield Example(
                f"{asked.name}:{question.id}",
                list_cutoff.features(library, prepared.query, prepared.signals, prepared.scores),
                np.array([one is True for one in found]),
                np.array([one is not None for one in found]),
            )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what refusal is told of it, and whether the bulletins answer it."""

    name: str
    form: answerability.Form
    features: Rows
    answerable: bool

    odd = Example.odd


def questions_of(folder: Path, encoder: Encoder) -> Iterator[Asked]:
    """Every question of a set that its filters leave something for."""
    asked = datasets.read_question_set(folder)
    with run.open_library(asked, encoder) as (library, _):
        for question in asked.questions:
            understood = chinese.read(question.question, question.asked_on, question.history)
            if understood.comparands:
                continue
            prepared = prepare(library, encode(understood, encoder, library), Weights())
            if answerability.plain(library, prepared) is None:
                name, form = f"{asked.name}:{question.id}", answerability.form_of(understood)
                yield Asked(name, form, answerability.features(library, prepared), question.answerable)


def fit_refusal(rows: Sequence[Asked]) -> answerability.Model:
    """The logistic regression; answerable and unanswerable questions weigh the same, all in all.

    What speaks for an answer can't be counted against it: each coefficient keeps its sign in ``refusal.SIGNS``, so that
    the fit means the same in a library of another size.
    """
    x = np.vstack([one.features for one in rows])
    y = np.array([one.answerable for one in rows])
    scale = x.std(axis=0) + 1e-9
    weights = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum()) * len(y)

    def loss(parameters: Rows) -> tuple[float, Rows]:
        logits = x / scale @ parameters[:-1] + parameters[-1]
        wrong = 1 / (1 + np.exp(-logits)) - y
        value = float(weights @ np.logaddexp(0, np.where(y, -logits, logits)) + parameters[:-1] @ parameters[:-1] / 0.2)
        slope = np.append((weights * wrong) @ (x / scale) + parameters[:-1] / 0.1, weights @ wrong)
        return value, slope

    bounds = [(0, None) if sign > 0 else (None, 0) if sign < 0 else (None, None) for sign in answerability.SIGNS]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B")
    return answerability.Model(tuple((found.x[:-1] / scale).tolist()), float(found.x[-1]))


def _gold(library: Library, texts: judge.Texts, question: datasets.Question, number: int) -> bool | None:
    """The passage holds gold; None where it holds only what is optional."""
    passage = library.passages[number]
    bulletin = library.by_name[passage.bulletin]
    text = library.words(passage.bulletin)
    optional = False
    for n in range(len(passage.sentences)):
        hit = Hit(passage, 0.0, (0.0,) * len(passage.sentences), n, n, (n,))
        quote = quoted(hit, bulletin, text)
        for gold in question.gold:
            if judge.is_match(quote, gold, texts):
                if not gold.optional:
                    return True
                optional = True
    return None if optional else False


def fit(rows: Sequence[Example]) -> list_cutoff.Model:
    """The logistic regression, each question weighing the same."""
    x = np.vstack([one.features[one.counts] for one in rows])
    y = np.concatenate([one.belongs[one.counts] for one in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000)).fit(x, y)
    scaler, logistic = model[0], model[1]
    coefficients = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - coefficients @ scaler.mean_)
    return list_cutoff.Model(tuple(coefficients.tolist()), intercept, BETA2)


def score(model: list_cutoff.Model, rows: Sequence[Example], beta2: float | None = None) -> tuple[float, float, float]:
    """Mean recall, precision and F1 over the questions, by passages."""
    figures = []
    for one in rows:
        chosen = list_cutoff.members(model.probabilities(one.features), beta2 or model.beta2)
        chosen = chosen[one.counts[chosen]]
        right = one.belongs[chosen].sum()
        recall = right / max(1, one.belongs.sum())
        precision = right / max(1, len(chosen))
        figures.append((recall, precision, 2 * precision * recall / max(1e-9, precision + recall)))
    return tuple(np.mean(figures, axis=0).round(3).tolist())


def unseen_probabilities(rows: Sequence[Asked]) -> Rows:
    """For each question the probability by a fit on questions of its form whose ids are odd where its own is even."""
    found = np.zeros(len(rows))
    for odd in (True, False):
        for form in get_args(answerability.Form):
            model = fit_refusal([one for one in rows if one.odd is not odd and one.form == form])
            for n, one in enumerate(rows):
                if one.odd is odd and one.form == form:
                    found[n] = model.probability(one.features)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()
    encoder = load_encoder()
    rows = [one for folder in args.sets for one in examples(folder, encoder)]
    say = sys.stdout.write
    for odd, name in ((True, "odd"), (False, "even")):
        seen, unseen = ([one for one in rows if one.odd is not odd], [one for one in rows if one.odd is odd])
        say(f"{len(unseen)} unseen lists ({name} ids): recall, precision, F1 = {score(fit(seen), unseen)}\n")
    lists = fit(rows)
    asked = [one for folder in args.sets for one in questions_of(folder, encoder)]
    unseen = unseen_probabilities(asked)
    for form, least in answerability.LEAST.items():
        said = np.array([one.form == form and p < least for one, p in zip(asked, unseen, strict=True)])
        answerable = np.array([one.answerable for one in asked])
        without = sum(one.form == form and not one.answerable for one in asked)
        right = int((said & ~answerable).sum())
        say(f"{form}, no below {least}: {right} of {without} unseen ones right, {int(said.sum()) - right} wrong\n")
    _write(list_cutoff.FITTED, {**_named(list_cutoff.NAMES, lists), "beta2": lists.beta2}, args.dry_run)
    for form, path in answerability.FITTED.items():
        _write(path, _named(answerability.NAMES, fit_refusal([one for one in asked if one.form == form])), args.dry_run)
    return 0


def _named(names: Sequence[str], model: list_cutoff.Model | answerability.Model) -> dict[str, object]:
    coefficients = dict(zip(names, (round(one, 4) for one in model.coefficients), strict=True))
    return {"coefficients": coefficients, "intercept": round(model.intercept, 4)}


def _write(path: Path, found: dict[str, object], dry: bool) -> None:
    text = json.dumps(found, indent=1) + "\n"
    sys.stdout.write(f"{path.name}: {text}")
    if not dry:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
