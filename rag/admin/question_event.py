"""What is logged, counted and recorded of a question once it is answered: all but its words and its asker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rag.answer.models import Answer
from rag.models import Status

Outcome = Status | Literal["trouble"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "no_match", "refused", "trouble")
STAGES = ("reading", "encoding", "searching", "quoting", "rendering")


@dataclass(frozen=True, slots=True)
class QuestionEvent:
    """``identity`` is the id of the cached answer, or a new one where there is none, whose ``status`` is "trouble";
    ``kind`` is what the question asked for, "" where it wasn't parsed; ``seconds`` is the time in all, ``stages`` the
    seconds of each stage."""

    identity: str
    status: Outcome
    kind: str = ""
    quotes: int = 0
    generation: str | None = None
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)


def from_answer(identity: str, answer: Answer, seconds: float, stages: dict[str, float]) -> QuestionEvent:
    """The event of a question that got this answer."""
    kind = "" if answer.status == "refused" else answer.query.kind
    return QuestionEvent(identity, answer.status, kind, len(answer.quotes), answer.generation, seconds, stages)
