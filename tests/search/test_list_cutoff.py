"""Which passages belong to a list: probabilities, and where the list ends."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.encoder import Encoder
from rag.library.reader import Library
from rag.query.parse import parse_question
from rag.search.coefficients import LogisticRegression
from rag.search.list_cutoff import FEATURES, FITTED, features, fitted, select
from rag.search.pipeline import score_candidates
from rag.search.signals import encode
from tests.support.sample_bulletins import SECOND
from tests.support.sample_library import build_library

PROBABILITIES = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=12)


def expected_f(chosen: list[int], probabilities: list[float], beta2: float) -> float:
    """The measure that the cut is to make greatest, for any choice of places."""
    right = sum(probabilities[n] for n in chosen)
    return (1 + beta2) * right / (len(chosen) + beta2 * sum(probabilities))


def test_what_surely_belongs_is_in_and_what_surely_does_not_is_out() -> None:
    """The likeliest first."""
    assert select(np.array([0.02, 0.9, 0.01, 0.97]), 1.0).tolist() == [3, 1]


def test_a_list_is_never_empty() -> None:
    """Whether it is an answer at all is decided elsewhere."""
    assert select(np.array([0.001, 0.002]), 1.0).tolist()[0] == 1
    assert select(np.array([0.0]), 2.0).tolist() == [0]


def test_the_more_a_missed_entry_costs_the_longer_the_list() -> None:
    """What is as likely in as out is let in only then."""
    doubtful = np.array([0.95, 0.4, 0.3, 0.2])
    lengths = [len(select(doubtful, beta2)) for beta2 in (0.25, 1.0, 4.0)]
    assert lengths == sorted(lengths)
    assert lengths[0] == 1 < lengths[-1]


@given(PROBABILITIES, st.sampled_from([0.5, 1.0, 2.0]))
def test_no_other_choice_has_a_greater_expected_f(probabilities: list[float], beta2: float) -> None:
    """Of the lists that the order by probability allows, the best; one likely entry more is never left out for a less
    likely one."""
    chosen = select(np.array(probabilities), beta2).tolist()
    order = sorted(range(len(probabilities)), key=lambda n: -probabilities[n])
    best = max(expected_f(order[:k], probabilities, beta2) for k in range(1, len(order) + 1))
    assert expected_f(chosen, probabilities, beta2) == pytest.approx(best)
    out = [probabilities[n] for n in range(len(probabilities)) if n not in chosen]
    assert min(probabilities[n] for n in chosen) >= max(out, default=0.0)


def test_probabilities_are_those_of_a_logistic_regression() -> None:
    """By hand; and however extreme the features, no number overflows."""
    model = LogisticRegression((1.0, -2.0), 0.5)
    found = model.probabilities(np.array([[0.0, 0.0], [1.0, 1.0], [1e6, 0.0], [-1e6, 0.0]]))
    assert found == pytest.approx([1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(0.5)), 1.0, 0.0])


def test_the_model_in_use_has_a_coefficient_for_each_feature() -> None:
    """The file is written by a fit anyone can run again."""
    assert set(json.loads(FITTED.read_text(encoding="utf-8"))["coefficients"]) == set(FEATURES)
    assert len(fitted().regression.coefficients) == len(FEATURES)
    assert fitted().beta2 > 0


LEAD = """What the Districts Did
Date: 2024-05-10
Source: Office

Robots greeted guests in the districts in spring.

Haidian District

Robots greet the guests

Robots greeted guests from Norway in spring.

Pinggu District

Peaches for Lisbon

A train with peaches left for Lisbon on May 4.

Daxing District

Robots stay at home

Robots were repaired in the workshop on May 6."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    return build_library(tmp_path_factory.mktemp("membership"), encoder=encoder, first=LEAD, second=SECOND)


def probabilities(library: Library, encoder: Encoder, question: str) -> dict[str, float]:
    """How likely each passage belongs, under its heading, by the real model: what was fitted, was fitted with it."""
    query = encode(parse_question(question), encoder, library)
    candidates = score_candidates(library, query)
    rows = features(library, query, candidates.signals, candidates.scores)
    assert rows.shape == (len(candidates.signals.passages), len(FEATURES))
    assert np.isfinite(rows).all()
    headings = [library.passages[n].heading or library.role(int(n)) for n in candidates.signals.passages]
    return dict(zip(headings, fitted().regression.probabilities(rows).tolist(), strict=True))


def test_what_bears_the_topic_out_is_likelier(library: Library, encoder: Encoder) -> None:
    """All of it, a part of it, nothing of it."""
    found = probabilities(library, encoder, "Which robots greeted guests?")
    assert found["Robots greet the guests"] > found["Robots stay at home"] > found["Peaches for Lisbon"]
    assert found["Robots greet the guests"] > 0.5 > found["Peaches for Lisbon"]


def test_an_event_is_likelier_than_the_lead_above_it(library: Library, encoder: Encoder) -> None:
    """A lead says in the same words what the sections tell again."""
    found = probabilities(library, encoder, "Which robots greeted guests?")
    assert found["Robots greet the guests"] > found["lead"]


def test_a_single_passage_can_be_measured(library: Library, encoder: Encoder) -> None:
    """There is nothing to compare it with."""
    assert len(probabilities(library, encoder, "Which trains left Pinggu?")) == 1
