"""A third status beside yes and no: quotes that are close, but may not answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.assistant import Assistant
from rag.answer.models import UNSURE
from rag.cli.ask import as_text
from rag.cli.json_output import answered
from rag.search.config import DEFAULT
from tests.cases.conftest import AssistantOf


def test_a_middling_probability_is_said(assistant_of: AssistantOf) -> None:
    """The quotes stay, and the message, the JSON and the terminal say that they may not answer."""
    plain = assistant_of("corpus")
    thresholds = replace(DEFAULT.answerability, min_certain={"lists": 1.0, "others": 1.0}, known_topic=2.0)
    doubting = Assistant(plain.library, plain.encoder, config=replace(DEFAULT, answerability=thresholds))
    question = "Which team came third in the dragon boat race?"
    sure, unsure = plain.ask(question), doubting.ask(question)
    assert (sure.status, sure.certainty, unsure.status, unsure.certainty) == ("answered", "high", "answered", "low")
    assert sure.quotes == unsure.quotes
    assert unsure.message == f"{UNSURE}: {sure.message}"
    assert answered(unsure)["certainty"] == "low"
    assert UNSURE in as_text(unsure, plain.library)
    assert UNSURE not in as_text(sure, plain.library)


@pytest.mark.parametrize(
    "question",
    [
        "How do I paint a wooden fence?",
        "How do I stop my baby from crying at night?",
        "Which horse won the Grand National?",
        "How do I keep a sourdough starter alive?",
        "Why is my kitchen tap leaking?",
        "What is the boiling point of ethanol?",
        "How do I tune a guitar?",
        "Which planets have rings?",
        "How do I convert a PDF into a Word document?",
    ],
)
def test_everyday_questions_get_no_sure_answer(assistant_of: AssistantOf, question: str) -> None:
    """A no, or quotes that are said to be close at most."""
    answer = assistant_of("corpus").ask(question)
    assert answer.status == "no_match" or answer.certainty == "low"
