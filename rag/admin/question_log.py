"""A record of the questions asked, without their words or their askers.

library/log/asked.jsonl   {"at": minute in UTC, "status", "kind", "ms", "generation", "id"} a line
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from rag import limits
from rag.admin.question_event import Seen
from rag.errors import one_line, os_reason
from rag.library import append_log

LOG = logging.getLogger(__name__)
_MINUTE = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True, slots=True)
class Asked:
    """``at`` is a minute in UTC; ``ms`` are the milliseconds that the answer took."""

    at: dt.datetime
    status: str
    ms: float


def note(root: Path, seen: Seen, kept_days: int) -> None:
    """Notes a question; where that can't be done it is logged, and no answer fails."""
    row = {
        "at": dt.datetime.now(dt.UTC).strftime(_MINUTE),
        "status": seen.status,
        "kind": seen.kind,
        "ms": round(seen.seconds * 1000, 1),
        "generation": seen.generation,
        "id": seen.identity,
    }
    try:
        log(root, kept_days).append(json.dumps(row).encode() + b"\n")
    except OSError as error:
        where, why = one_line(str(log(root, kept_days).path)), os_reason(error)
        LOG.error("%s: a question could not be noted (%s)", where, why)


def read(root: Path, kept_days: int) -> list[Asked]:
    """The questions noted, in the order they were; damaged lines are left out.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    found = []
    for line in log(root, kept_days).lines():
        try:
            row = json.loads(line)
            at = dt.datetime.fromisoformat(row["at"])
            found.append(Asked(at, str(row["status"]), float(row["ms"])))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def log(root: Path, kept_days: int) -> append_log.Log:
    """The file, whose lines are dropped after so many days."""
    return append_log.Log(root / "log" / "asked.jsonl", limits.MAX_QUESTION_LOG_BYTES, kept_days)
