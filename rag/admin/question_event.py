"""What is kept of a question once it is answered: all but its words and its asker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rag.models import Answer, Status

Outcome = Status | Literal["trouble"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "no_match", "refused", "trouble")
STAGES = ("reading", "encoding", "searching", "quoting", "rendering")


@dataclass(frozen=True, slots=True)
class Seen:
    """``identity`` is the answer's id on the shelf, or one of its own; ``status`` is "trouble" where there is none;
    ``kind`` is what the question asked for, "" where it wasn't read; ``seconds`` in all, and of each of the
    ``stages``."""

    identity: str
    status: Outcome
    kind: str = ""
    quotes: int = 0
    generation: str | None = None
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)


def of_answer(identity: str, answer: Answer, seconds: float, stages: dict[str, float]) -> Seen:
    kind = "" if answer.status == "refused" else answer.understood.kind
    return Seen(identity, answer.status, kind, len(answer.quotes), answer.generation, seconds, stages)
