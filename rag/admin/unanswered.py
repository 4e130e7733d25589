"""The log of questions that the bulletins hold no answer to, counted for the operator.

library/log/unanswered.jsonl   {"day", "question", "why"} a line

Nothing is recorded of who asked, and lines expire; see ``rag.library.append_log``.
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
from rag.query.parse import normalise

LOG = logging.getLogger(__name__)
_MAX_WHY_CHARS = 200


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question as most often typed, how often it was asked, and on which day last."""

    question: str
    count: int
    last: dt.date


def record(root: Path, question: str, why: str, *, kept_days: int = limits.UNANSWERED_DAYS) -> None:
    """Appends a question; a failure to write is logged, and no answer fails."""
    try:
        log_file(root, kept_days).append(_line(dt.date.today(), question, why))
    except OSError as error:
        where = one_line(str(log_file(root).path))
        LOG.error("%s: a question without an answer could not be noted (%s)", where, os_reason(error))


def most_frequent(
    root: Path, limit: int = 100, *, kept_days: int = limits.UNANSWERED_DAYS
) -> tuple[UnansweredQuestion, ...]:
    """The logged questions, the most frequent first, then the latest; those that differ only in case, white space and
    punctuation are counted together.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    typed: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, dt.date] = {}
    for day, question in _read(log_file(root, kept_days).lines()):
        key = "".join(filter(str.isalnum, normalise(question).casefold())) or question
        typed[key][question] += 1
        last[key] = max(last.get(key, day), day)
    questions = [
        UnansweredQuestion(spellings.most_common(1)[0][0], spellings.total(), last[key])
        for key, spellings in typed.items()
    ]
    questions.sort(key=lambda question: (-question.count, -question.last.toordinal(), question.question))
    return tuple(questions[:limit])


def log_file(root: Path, kept_days: int = limits.UNANSWERED_DAYS) -> append_log.Log:
    """The file, whose lines are dropped after so many days."""
    return append_log.Log(root / "log" / "unanswered.jsonl", limits.MAX_UNANSWERED_BYTES, kept_days)


def _line(day: dt.date, question: str, why: str) -> bytes:
    words = one_line(question)[: limits.MAX_QUESTION_CHARS]
    while True:
        row = {"day": day.isoformat(), "question": words, "why": one_line(why)[:_MAX_WHY_CHARS]}
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        if len(line) < limits.MAX_LOG_LINE_BYTES:
            return line
        words = words[:-100]


def _read(lines: Iterable[bytes]) -> Iterator[tuple[dt.date, str]]:
    for line in lines:
        try:
            row = json.loads(line)
            day, question = dt.date.fromisoformat(row["day"]), row["question"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # a damaged line: one question less in a count
        if isinstance(question, str):
            yield day, question
