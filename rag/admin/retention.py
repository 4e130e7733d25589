"""Deletes what was noted of questions and answers once it has been kept long enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.admin import feedback, unanswered
from rag.admin import question_log as asked
from rag.errors import one_line, os_reason

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many of each; None where it could not be done."""

    asked: int | None
    unanswered: int | None
    feedback: int | None


def tidy(root: Path, kept_days: int) -> Deleted:
    """Deletes what is older, except feedback that became a case; what can't be deleted is logged."""
    return Deleted(
        _done(root, "asked.jsonl", lambda: asked.log(root, kept_days).tidy()),
        _done(root, "unanswered.jsonl", lambda: unanswered.log(root, kept_days).tidy()),
        _done(root, "feedback", lambda: feedback.tidy(root, kept_days)),
    )


def _done(root: Path, name: str, tidy: Callable[[], int]) -> int | None:
    try:
        return tidy()
    except OSError as error:
        why = os_reason(error)
        LOG.error("%s: could not be tidied (%s)", one_line(str(root / "log" / name)), why)
        return None
