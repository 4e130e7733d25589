"""Questions that the bulletins hold no answer to, noted by the servers and counted for the operator.

library/log/unanswered.jsonl   {"day", "question", "why"} a line

Nothing is noted of who asked, and a line is dropped in time; see ``rag.library.append_log``.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import limits
from rag.errors import one_line, os_reason
from rag.library import append_log
from rag.query.parse import search_text

LOG = logging.getLogger(__name__)
_WHY = 200  # characters


@dataclass(frozen=True, slots=True)
class Missing:
    """A question as most often typed, how often it was asked, and on which day last."""

    question: str
    count: int
    last: dt.date


def note(root: Path, question: str, why: str, *, kept_days: int = limits.UNANSWERED_DAYS) -> None:
    """Notes a question; where that can't be done it is logged, and no answer fails."""
    try:
        log(root, kept_days).append(_line(dt.date.today(), question, why))
    except OSError as error:
        why = os_reason(error)
        where = one_line(str(log(root).path))
        LOG.error("%s: a question without an answer could not be noted (%s)", where, why)


def missing(root: Path, limit: int = 100, *, kept_days: int = limits.UNANSWERED_DAYS) -> tuple[Missing, ...]:
    """The questions noted in the last days, the most frequent first, then the latest; those that differ in case, white
    space and punctuation alone are counted together.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    typed: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, dt.date] = {}
    for day, question in _read(log(root, kept_days).lines()):
        key = "".join(filter(str.isalnum, search_text(question).casefold())) or question
        typed[key][question] += 1
        last[key] = max(last.get(key, day), day)
    found = [Missing(own.most_common(1)[0][0], own.total(), last[key]) for key, own in typed.items()]
    found.sort(key=lambda one: (-one.count, -one.last.toordinal(), one.question))
    return tuple(found[:limit])


def log(root: Path, kept_days: int = limits.UNANSWERED_DAYS) -> append_log.Log:
    """The file, whose lines are dropped after so many days."""
    return append_log.Log(root / "log" / "unanswered.jsonl", limits.MAX_UNANSWERED_BYTES, kept_days)


def _line(day: dt.date, question: str, why: str) -> bytes:
    shown = one_line(question)[: limits.MAX_QUESTION_CHARS]
    while True:
        row = {"day": day.isoformat(), "question": shown, "why": one_line(why)[:_WHY]}
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        if len(line) < limits.MAX_LOG_LINE_BYTES:
            return line
        shown = shown[:-100]


def _read(lines: Iterable[bytes]) -> Iterator[tuple[dt.date, str]]:
    for line in lines:
        try:
            row = json.loads(line)
            day, question = dt.date.fromisoformat(row["day"]), row["question"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # a damaged line: one question less in a count
        if isinstance(question, str):
            yield day, question
