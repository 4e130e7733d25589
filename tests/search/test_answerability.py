"""An honest no, and the reason for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import SentenceEncoder
from rag.library.reader import Library
from rag.query.parse import read
from rag.search.answerability import FITTED, NAMES, Model, Verdict, fitted, verdict
from rag.search.pipeline import prepare
from rag.search.ranking import Weights
from rag.search.signals import encode
from tests.conftest import FIRST
from tests.support.shelves import library_of

VerdictOn = Callable[[str], Verdict]

MARKET = """A Market for Newcomers
Date: 2024-06-01
Source: Office of Daxing District

Newcomers can rent a stall at the Sunday market in Daxing for 80 yuan.

The telephone number of the market office is 010-5555-0142. The office was led by Anna Berg last year."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Library:
    folder: Path = tmp_path_factory.mktemp("refusal")
    return library_of(folder, encoder=encoder, first=FIRST, market=MARKET)


@pytest.fixture(scope="module")
def verdict_on(library: Library, encoder: SentenceEncoder) -> VerdictOn:
    """The verdict by the real model: what was fitted, was fitted with it."""
    return lambda question: verdict(library, prepare(library, encode(read(question), encoder, library), Weights()))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which robots greeted guests in Mentougou?", "filtered"),
        ("Which robots greeted guests in 2019?", "filtered"),
        ("Which robots greeted guests from Sweden?", "unsaid"),
        ("Which robots greeted Ingrid Holm?", "unsaid"),
        ("How much did the train with peaches for Lisbon cost?", "untold"),
        ("What is the telephone number of the train with peaches?", "untold"),
        ("Who led the train with peaches that left for Lisbon?", "untold"),
        ("Who plays the saxophone in a zeppelin?", "far"),
        ("Which saxophones were played in zeppelins?", "far"),
        ("How is a broken clarinet mended?", "far"),
    ],
)
def test_a_no_has_a_reason(verdict_on: VerdictOn, question: str, expected: str) -> None:
    """No passage is left, it doesn't bear out what is named, doesn't tell what is asked, or is about something else."""
    assert verdict_on(question).why == expected


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
def test_what_is_told_is_answered(verdict_on: VerdictOn, question: str) -> None:
    """The same kinds of questions, where the passage holds what they ask for."""
    assert verdict_on(question).why is None


def test_a_list_needs_no_price_in_its_first_entry(verdict_on: VerdictOn) -> None:
    """Asked for all fees, an entry without one is no reason for a no."""
    question = "List all trains with peaches for Lisbon. How much did they cost?"
    assert read(question).every
    assert read(question).asks == "money"
    assert verdict_on(question).why != "untold"


def test_the_plainest_reason_comes_first(verdict_on: VerdictOn) -> None:
    """No passage of that year: then it is idle to say that none tells of Sweden."""
    assert verdict_on("Which robots greeted guests from Sweden in 2019?").why == "filtered"
    assert verdict_on("How much did the robots from Sweden cost?").why == "unsaid"


def test_whatever_there_is_is_always_an_answer(verdict_on: VerdictOn) -> None:
    """Without a topic there is nothing that could be missed."""
    assert verdict_on("What happened in Pinggu in 2024?") == Verdict(1.0)


def test_the_better_the_words_are_borne_out_the_surer(verdict_on: VerdictOn) -> None:
    """All of them, all but one, one or two, none; a probability."""
    found = [
        verdict_on(f"When was it that {event}?").confidence
        for event in (
            "a train with peaches left for Lisbon",
            "a zeppelin with peaches left for Lisbon",
            "a zeppelin with elephants left for Lisbon",
            "a zeppelin with elephants fell into a volcano",
        )
    ]
    assert found == sorted(found, reverse=True)
    assert 0 <= found[-1] < 0.3 < 0.7 < found[0] <= 1


def test_it_is_less_sure_where_nearer_passages_are_left_out(verdict_on: VerdictOn) -> None:
    """What Haidian tells of peaches is far behind what another district does."""
    inside, outside = (verdict_on(f"Was a train with peaches in {name}?").confidence for name in ("Pinggu", "Haidian"))
    assert inside > outside


def test_the_model_in_use_has_a_coefficient_for_each_feature() -> None:
    """And its probability is a logistic regression's."""
    for path in FITTED.values():
        assert set(json.loads(path.read_text(encoding="utf-8"))["coefficients"]) == set(NAMES)
    assert [len(fitted(form).coefficients) for form in FITTED] == [len(NAMES)] * 2
    assert Model((2.0, -1.0), 0.5).probability(np.array([1.0, 2.0])) == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert Model((1e6,), 0.0).probability(np.array([-1e6])) == pytest.approx(0.0)
