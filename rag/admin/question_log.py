"""The log of questions, without their words or their askers.

library/log/asked.jsonl   {"at": minute in UTC, "status", "kind", "ms", "generation", "id"} a line
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from rag import limits
from rag.admin.question_event import QuestionEvent
from rag.errors import one_line, os_reason
from rag.library import append_log

LOG = logging.getLogger(__name__)
_MINUTE = "%Y-%m-%dT%H:%MZ"


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
