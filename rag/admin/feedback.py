"""Readers' feedback on answers, stored for the staff until it expires.

library/log/feedback/ID.json   checksummed; ID is the id of the cached answer, so that later feedback replaces earlier

Whatever is stored of an answer comes from the server; the reader gives the verdict, a reason and a few words.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.answer.models import Answer, is_list
from rag.errors import LibraryDamaged, RagError
from rag.models import Slice, Status

LOG = logging.getLogger(__name__)
_SURPLUS = 100  # dropped below the limit at once, so that not each new file means a look for the oldest
_REMEDY = "Remove it"
_QUOTE_KEYS = ("sha256", "start", "end", "text", "bulletin")  # in the order of the file
_KEY = re.compile(r"[0-9a-f]{24}")
_WRITE_LOCK = threading.Lock()  # reading and replacing the feedback on one answer is one step
# The verdicts and reasons that a reader can give, with their labels.
Verdict = Literal["helpful", "not_helpful"]
Reason = Literal["", "unanswered", "missing", "source", "should_refuse", "should_answer", "other"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
REASONS: dict[Reason, str] = {
    "unanswered": "Doesn’t answer the question",
    "missing": "Something is missing",
    "source": "Wrong bulletin or date",
    "should_refuse": "It should have said no",
    "should_answer": "It said no, but the bulletins have it",
    "other": "Something else",
}
VERDICT_NAMES: dict[Verdict, str] = {"helpful": "Helpful", "not_helpful": "Not helpful"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict with the answer that it is on, as the file holds it.

    ``at`` is a time in UTC (ISO 8601), ``day`` the server's day when the question was asked or a little later;
    ``every`` says that all matches were asked for; ``total`` counts the answer's quotes, of which the first are kept;
    ``without`` are the conditions that were removed from the question; ``case`` is the id of the evaluation case made
    of it, "" for none.
    """

    id: str
    at: str
    day: dt.date
    verdict: Verdict
    reason: Reason
    words: str
    question: str
    history: tuple[str, ...]
    without: tuple[str, ...]
    status: Status
    kind: str
    every: bool
    message: str
    generation: str | None
    total: int
    quotes: tuple[Slice, ...]
    case: str = ""
    format: Literal[1] = 1


_FEEDBACK = TypeAdapter(Feedback)


def from_answer(
    key: str,
    answer: Answer,
    verdict: Verdict,
    reason: Reason = "",
    words: str = "",
    *,
    history: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Feedback:
    """The feedback on the cached answer with this id."""
    quotes = answer.quotes[: limits.MAX_FEEDBACK_QUOTES]
    slices = (Slice(quote.start, quote.end, quote.text, _text(quote.bulletin), quote.sha256) for quote in quotes)
    return Feedback(
        id=key,
        at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        day=dt.date.today(),
        verdict=verdict,
        reason=reason,
        words=words,
        question=_text(answer.question),
        history=tuple(map(_text, history)),
        without=tuple(map(_text, without)),
        status=answer.status,
        kind=answer.query.kind,
        every=is_list(answer),
        message=_text(answer.message),
        generation=answer.generation,
        total=len(answer.quotes),
        quotes=tuple(slices),
    )


def save(root: Path, feedback: Feedback) -> None:
    """Stores the feedback in place of earlier feedback on this answer, whose case stays its case.

    Raises:
        LibraryUnwritable: it can't be written.
    """
    with _WRITE_LOCK:
        try:
            before = read(root, feedback.id)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            before = None
        with files.translate_os_errors(root):
            _write(root, replace(feedback, case=before.case if before else ""))
            _drop_oldest(root)


def mark_as_case(root: Path, identity: str, case: str) -> None:
    """Records the id of the case that was made of the feedback.

    Raises:
        LibraryDamaged, LibraryUnwritable: it can't be read or written.
    """
    with _WRITE_LOCK, files.translate_os_errors(root):
        if feedback := read(root, identity):
            _write(root, replace(feedback, case=case))


def read(root: Path, identity: str) -> Feedback | None:
    """The feedback on the answer with this id; None where there is none.

    Raises:
        LibraryDamaged: it can't be read, or isn't what was stored.
    """
    if not _KEY.fullmatch(identity):
        return None
    path = _folder(root) / f"{identity}.json"
    content = files.read_checksummed(path, _REMEDY)
    if content is None:
        return None
    try:
        feedback = _FEEDBACK.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("holds no feedback", where=path, remedy=_REMEDY) from error
    if feedback.id != identity:
        raise LibraryDamaged("is feedback on another answer", where=path, remedy=_REMEDY)
    return feedback


def exists(root: Path, identity: str) -> bool:
    """Whether there is feedback on the answer with this id, readable or not."""
    return bool(_KEY.fullmatch(identity)) and (_folder(root) / f"{identity}.json").is_file()


def remove(root: Path, identity: str) -> bool:
    """Deletes the feedback on the answer with this id; returns whether there was any.

    Raises:
        LibraryUnwritable: it can't be deleted.
    """
    if not _KEY.fullmatch(identity):
        return False
    with files.translate_os_errors(root):
        try:
            (_folder(root) / f"{identity}.json").unlink()
        except FileNotFoundError:
            return False
        _summary.cache_clear()  # leaves nothing of it in memory
        return True


def remove_quoting(root: Path, sha256: str) -> None:
    """Deletes all feedback that quotes the text with that digest, readable or not.

    Raises:
        OSError: it can't be read or deleted.
    """
    for path, _ in _files(root):
        if sha256.encode() in path.read_bytes():
            path.unlink(missing_ok=True)
    _summary.cache_clear()


def list_summaries(root: Path) -> tuple[tuple[Feedback, ...], int]:
    """All readable feedback without its quotes, the newest first, and the number of unreadable files."""
    summaries, damaged = [], 0
    for path, status in _files(root):
        try:
            summary = _summary(path, status.st_mtime_ns, status.st_size)
        except RagError as error:
            LOG.error("%s", error)
            damaged += 1
            continue
        if summary:
            summaries.append(summary)
    summaries.sort(key=lambda summary: (summary.at, summary.id), reverse=True)
    return tuple(summaries), damaged


def delete_older(root: Path, kept_days: int) -> int:
    """Deletes older feedback, except where it became a case; returns how many files were deleted.

    The age of a file that can't be read is that of its last change.

    Raises:
        OSError: one can't be deleted.
    """
    deleted, oldest_kept = 0, dt.datetime.now(dt.UTC) - dt.timedelta(days=kept_days)
    for path, status in _files(root):
        try:
            summary = _summary(path, status.st_mtime_ns, status.st_size)
        except RagError:
            summary = None
        at = dt.datetime.fromisoformat(summary.at) if summary else dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
        if at < oldest_kept and not (summary and summary.case):
            path.unlink(missing_ok=True)
            deleted += 1
    if deleted:
        _summary.cache_clear()
    return deleted


def _text(value: str) -> str:
    """The text as valid UTF-8: a question may hold half of a surrogate pair, a file's name undecodable bytes."""
    return value.encode("utf-8", "backslashreplace").decode()


def _folder(root: Path) -> Path:
    return root / "log" / "feedback"


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in _folder(root).glob("*.json"):
        if _KEY.fullmatch(path.stem):
            try:
                yield path, path.stat()
            except FileNotFoundError:
                continue  # deleted just now


@lru_cache(maxsize=limits.MAX_FEEDBACK + _SURPLUS)
def _summary(path: Path, changed: int, size: int) -> Feedback | None:
    """The file's feedback without its quotes, as it was last changed; None where it was deleted."""
    feedback = read(path.parents[2], path.stem)
    return replace(feedback, quotes=()) if feedback else None


def _write(root: Path, feedback: Feedback) -> None:
    content = json.loads(_FEEDBACK.dump_json(feedback))
    content["quotes"] = [{key: quote[key] for key in _QUOTE_KEYS} for quote in content["quotes"]]
    files.write_checksummed(_folder(root) / f"{feedback.id}.json", content)


def _drop_oldest(root: Path) -> None:
    """Makes room, if there is too much: the oldest of the day with the most goes, so that a flood pushes out itself.

    What became an evaluation case stays.
    """
    surplus = len(os.listdir(_folder(root))) - limits.MAX_FEEDBACK
    if surplus <= 0:
        return
    days: defaultdict[dt.date, deque[Path]] = defaultdict(deque)
    for path, status in sorted(_files(root), key=lambda file: file[1].st_mtime_ns):
        with contextlib.suppress(RagError):
            if (summary := _summary(path, status.st_mtime_ns, status.st_size)) and summary.case:
                continue
        days[dt.datetime.fromtimestamp(status.st_mtime, dt.UTC).date()].append(path)
    for _ in range(surplus + _SURPLUS):
        if fullest := max(days.values(), key=len, default=None):
            fullest.popleft().unlink(missing_ok=True)
