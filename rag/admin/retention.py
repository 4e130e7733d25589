"""Deletes records of questions and answers once they have been kept long enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.admin import feedback, question_log, refused_passwords, unanswered
from rag.errors import RagError, one_line, os_reason

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeletedCounts:
    """How many records of each kind were deleted; None where they could not be."""

    asked: int | None
    unanswered: int | None
    feedback: int | None


def delete_expired(root: Path, kept_days: int) -> DeletedCounts:
    """Deletes older records, except feedback that became a case; what can't be deleted is logged.

    Refused passwords that are still counted, though nobody signs in any more, go into the audit log.
    """
    try:
        refused_passwords.write_counts(root)
    except RagError as error:
        LOG.error("%s", error)
    return DeletedCounts(
        _try_delete(root, "asked.jsonl", lambda: question_log.log_file(root, kept_days).prune()),
        _try_delete(root, "unanswered.jsonl", lambda: unanswered.log_file(root, kept_days).prune()),
        _try_delete(root, "feedback", lambda: feedback.delete_older(root, kept_days)),
    )


def _try_delete(root: Path, name: str, delete: Callable[[], int]) -> int | None:
    try:
        return delete()
    except OSError as error:
        LOG.error("%s: could not be tidied (%s)", one_line(str(root / "log" / name)), os_reason(error))
        return None
