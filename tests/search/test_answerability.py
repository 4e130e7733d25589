"""An honest no, and the reason for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import Encoder
from rag.library.reader import Library
from rag.query.parse import parse_question
from rag.search.answerability import FEATURES, FITTED, Answerability, assess, fitted
from rag.search.coefficients import LogisticRegression
from rag.search.pipeline import score_candidates
from rag.search.signals import encode
from tests.support.sample_bulletins import FIRST
from tests.support.sample_library import build_library

Assess = Callable[[str], Answerability]

MARKET = """A Market for Newcomers
Date: 2024-06-01
Source: Office of Daxing District

Newcomers can rent a stall at the Sunday market in Daxing for 80 yuan.

The telephone number of the market office is 010-5555-0142. The office was led by Anna Berg last year."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Library:
    folder: Path = tmp_path_factory.mktemp("refusal")
    return build_library(folder, encoder=encoder, first=FIRST, market=MARKET)


@pytest.fixture(scope="module")
def assess_question(library: Library, encoder: Encoder) -> Assess:
    """The answerability by the real model: what was fitted, was fitted with it."""
    return lambda question: assess(
        library, score_candidates(library, encode(parse_question(question), encoder, library))
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which robots greeted guests in Mentougou?", "filtered"),
        ("Which robots greeted guests in 2019?", "filtered"),
        ("Which robots greeted guests from Sweden?", "missing_entities"),
        ("Which robots greeted Ingrid Holm?", "missing_entities"),
        ("How much did the train with peaches for Lisbon cost?", "no_value_of_type"),
        ("What is the telephone number of the train with peaches?", "no_value_of_type"),
        ("Who led the train with peaches that left for Lisbon?", "no_value_of_type"),
        ("Who plays the saxophone in a zeppelin?", "off_topic"),
        ("Which saxophones were played in zeppelins?", "off_topic"),
        ("How is a broken clarinet mended?", "off_topic"),
    ],
)
def test_a_no_has_a_reason(assess_question: Assess, question: str, expected: str) -> None:
    """No passage is left, it doesn't bear out what is named, doesn't tell what is asked, or is about something else."""
    assert assess_question(question).reason == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which robots greeted guests from Norway?",
        "When did the train with peaches leave for Lisbon?",
        "What is the telephone number of the market office in Daxing?",
        "How much is a stall at the market?",
        "Who led the market office of Daxing?",
        "What happened in Haidian?",
    ],
)
def test_what_is_told_is_answered(assess_question: Assess, question: str) -> None:
    """The same kinds of questions, where the passage holds what they ask for."""
    assert assess_question(question).reason is None


def test_a_list_needs_no_price_in_its_first_entry(assess_question: Assess) -> None:
    """Asked for all fees, an entry without one is no reason for a no."""
    question = "List all trains with peaches for Lisbon. How much did they cost?"
    assert parse_question(question).exhaustive
    assert parse_question(question).answer_type == "money"
    assert assess_question(question).reason != "no_value_of_type"


def test_the_plainest_reason_comes_first(assess_question: Assess) -> None:
    """No passage of that year: then it is idle to say that none tells of Sweden."""
    assert assess_question("Which robots greeted guests from Sweden in 2019?").reason == "filtered"
    assert assess_question("How much did the robots from Sweden cost?").reason == "missing_entities"


def test_whatever_there_is_is_always_an_answer(assess_question: Assess) -> None:
    """Without a topic there is nothing that could be missed."""
    assert assess_question("What happened in Pinggu in 2024?") == Answerability(1.0)


def test_the_better_the_words_are_borne_out_the_surer(assess_question: Assess) -> None:
    """All of them, all but one, one or two, none; a probability."""
    found = [
        assess_question(f"When was it that {event}?").confidence
        for event in (
            "a train with peaches left for Lisbon",
            "a zeppelin with peaches left for Lisbon",
            "a zeppelin with elephants left for Lisbon",
            "a zeppelin with elephants fell into a volcano",
        )
    ]
    assert found == sorted(found, reverse=True)
    assert 0 <= found[-1] < 0.3 < 0.7 < found[0] <= 1


def test_it_is_less_sure_where_nearer_passages_are_left_out(assess_question: Assess) -> None:
    """What Haidian tells of peaches is far behind what another district does."""
    inside, outside = (
        assess_question(f"Was a train with peaches in {name}?").confidence for name in ("Pinggu", "Haidian")
    )
    assert inside > outside


def test_the_model_in_use_has_a_coefficient_for_each_feature() -> None:
    """And its probability is a logistic regression's."""
    for path in FITTED.values():
        assert set(json.loads(path.read_text(encoding="utf-8"))["coefficients"]) == set(FEATURES)
    assert [len(fitted(form).coefficients) for form in FITTED] == [len(FEATURES)] * 2
    assert LogisticRegression((2.0, -1.0), 0.5).probabilities(np.array([1.0, 2.0])) == pytest.approx(
        1 / (1 + np.exp(-0.5))
    )
    assert LogisticRegression((1e6,), 0.0).probabilities(np.array([-1e6])) == pytest.approx(0.0)
