"""The log of questions, without their words or their askers.

library/log/asked.jsonl   {"at": minute in UTC, "status", "kind", "ms", "generation", "id"} a line
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rag import limits
from rag.answer.models import Answer
from rag.errors import one_line, os_reason
from rag.library import append_log
from rag.models import Status

LOG = logging.getLogger(__name__)
_MINUTE = "%Y-%m-%dT%H:%MZ"
Outcome = Status | Literal["trouble"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "no_match", "refused", "trouble")
STAGES = ("reading", "encoding", "searching", "quoting", "rendering")


@dataclass(frozen=True, slots=True)
class QuestionEvent:
    """What is logged, counted and recorded of a question: all but its words and its asker.

    ``identity`` is the id of the cached answer, or a new one where there is none, whose ``status`` is "trouble";
    ``kind`` is what the question asked for, "" where it wasn't parsed; ``seconds`` is the time in all, ``stages`` the
    seconds of each stage.
    """

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


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """``at`` is a minute in UTC; ``ms`` are the milliseconds that the answer took."""

    at: dt.datetime
    status: str
    ms: float


def record(root: Path, event: QuestionEvent, kept_days: int) -> None:
    """Appends a question; a failure to write is logged, and no answer fails."""
    row = {
        "at": dt.datetime.now(dt.UTC).strftime(_MINUTE),
        "status": event.status,
        "kind": event.kind,
        "ms": round(event.seconds * 1000, 1),
        "generation": event.generation,
        "id": event.identity,
    }
    try:
        log_file(root, kept_days).append(json.dumps(row).encode() + b"\n")
    except OSError as error:
        where = one_line(str(log_file(root, kept_days).path))
        LOG.error("%s: a question could not be noted (%s)", where, os_reason(error))


def read(root: Path, kept_days: int) -> list[LoggedQuestion]:
    """The questions in the order they were logged; damaged lines are left out.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    questions = []
    for line in log_file(root, kept_days).lines():
        try:
            row = json.loads(line)
            at = dt.datetime.fromisoformat(row["at"])
            questions.append(LoggedQuestion(at, str(row["status"]), float(row["ms"])))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return questions


def log_file(root: Path, kept_days: int) -> append_log.Log:
    """The file, whose lines are dropped after so many days."""
    return append_log.Log(root / "log" / "asked.jsonl", limits.MAX_QUESTION_LOG_BYTES, kept_days)
