"""What readers say of answers, kept for the staff until it has been kept long enough.

library/log/feedback/ID.json   sealed; ID is the answer's id on the shelf, so that a later word replaces the earlier

All that is kept of an answer is the server's own; of the reader come the verdict, a reason and a few words.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.admin.feedback_reasons import Reason, Verdict
from rag.answer.grouping import is_list
from rag.errors import LibraryDamaged, RagError
from rag.models import Answer, Status

LOG = logging.getLogger(__name__)
_SPARE = 100  # that go at once, so that not each new one looks for the oldest
_REMEDY = "Remove it"
_KEY = re.compile(r"[0-9a-f]{24}")
_WRITING = threading.Lock()  # two words on one answer at a time


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote as it was shown: ``text`` is [start:end] of the bulletin's text with that digest."""

    sha256: str
    start: int
    end: int
    text: str
    bulletin: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """``at`` is a time in UTC (ISO 8601), ``day`` the server's day when the question was asked or a little later;
    ``every`` says that all that matches was asked for; ``total`` counts the quotes, of which the first are kept;
    ``without`` are conditions that it was asked without; ``case`` is the evaluation case made of it, "" for none."""

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
    quotes: tuple[Shown, ...]
    case: str = ""
    format: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Glance:
    """What a list shows of one."""

    id: str
    at: dt.datetime
    verdict: Verdict
    reason: Reason
    words: str
    question: str
    status: Status
    case: str


_FEEDBACK = TypeAdapter(Feedback)


def of_answer(
    key: str,
    answer: Answer,
    verdict: Verdict,
    reason: Reason = "",
    words: str = "",
    *,
    history: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Feedback:
    """What is kept, of the answer that has this id on the server's shelf."""
    quotes = answer.quotes[: limits.MAX_FEEDBACK_QUOTES]
    shown = (Shown(one.sha256, one.start, one.end, one.text, _text(one.bulletin)) for one in quotes)
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
        kind=answer.understood.kind,
        every=is_list(answer),
        message=_text(answer.message),
        generation=answer.generation,
        total=len(answer.quotes),
        quotes=tuple(shown),
    )


def keep(root: Path, given: Feedback) -> None:
    """Stores it in the place of what was said of this answer before; the case made of that stays its case.

    Raises:
        LibraryUnwritable: it can't be written.
    """
    with _WRITING:
        try:
            before = read(root, given.id)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            before = None
        with files.translate_os_errors(root):
            _write(root, replace(given, case=before.case if before else ""))
            _bound(root)


def mark(root: Path, identity: str, case: str) -> None:
    """Remembers the case that was made of it.

    Raises:
        LibraryDamaged, LibraryUnwritable: it can't be read or written.
    """
    with _WRITING, files.translate_os_errors(root):
        kept = read(root, identity)
        if kept:
            _write(root, replace(kept, case=case))


def read(root: Path, identity: str) -> Feedback | None:
    """What was said of the answer with this id; None where nothing was.

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
        found = _FEEDBACK.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("holds no feedback", where=path, remedy=_REMEDY) from error
    if found.id != identity:
        raise LibraryDamaged("is feedback on another answer", where=path, remedy=_REMEDY)
    return found


def exists(root: Path, identity: str) -> bool:
    """Whether something was said of the answer with this id, readable or not."""
    return bool(_KEY.fullmatch(identity)) and (_folder(root) / f"{identity}.json").is_file()


def remove(root: Path, identity: str) -> bool:
    """Deletes it; whether there was any.

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
        _glance.cache_clear()  # nothing of it is left in memory either
        return True


def forget(root: Path, sha256: str) -> None:
    """Deletes all that quotes the text with that digest, readable or not.

    Raises:
        OSError: it can't be read or deleted.
    """
    for path, _ in _files(root):
        if sha256.encode() in path.read_bytes():
            path.unlink(missing_ok=True)
    _glance.cache_clear()


def glances(root: Path) -> tuple[tuple[Glance, ...], int]:
    """All that can be read, the newest first, and how many can't be."""
    found, damaged = [], 0
    for path, status in _files(root):
        try:
            glance = _glance(path, status.st_mtime_ns, status.st_size)
        except RagError as error:
            LOG.error("%s", error)
            damaged += 1
            continue
        if glance:
            found.append(glance)
    found.sort(key=lambda one: (one.at, one.id), reverse=True)
    return tuple(found), damaged


def tidy(root: Path, kept_days: int) -> int:
    """Deletes what is older, except what became a case; returns how many are gone.  What can't be read goes by the day
    of its file.

    Raises:
        OSError: one can't be deleted.
    """
    gone, until = 0, dt.datetime.now(dt.UTC) - dt.timedelta(days=kept_days)
    for path, status in _files(root):
        try:
            glance = _glance(path, status.st_mtime_ns, status.st_size)
        except RagError:
            glance = None
        at = glance.at if glance else dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
        if at < until and not (glance and glance.case):
            path.unlink(missing_ok=True)
            gone += 1
    if gone:
        _glance.cache_clear()
    return gone


def _text(value: str) -> str:
    """A question may hold half of a surrogate pair, and a file's name bytes that are no text."""
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


@lru_cache(maxsize=limits.MAX_FEEDBACK + _SPARE)
def _glance(path: Path, changed: int, size: int) -> Glance | None:
    """Of the file as it was changed last; None where it has gone."""
    kept = read(path.parents[2], path.stem)
    if kept is None:
        return None
    at = dt.datetime.fromisoformat(kept.at)
    return Glance(kept.id, at, kept.verdict, kept.reason, kept.words, kept.question, kept.status, kept.case)


def _write(root: Path, feedback: Feedback) -> None:
    content = json.loads(_FEEDBACK.dump_json(feedback))
    files.write_checksummed(_folder(root) / f"{feedback.id}.json", content)


def _bound(root: Path) -> None:
    if len(os.listdir(_folder(root))) <= limits.MAX_FEEDBACK:
        return
    oldest = sorted(_files(root), key=lambda one: one[1].st_mtime_ns)
    for path, _ in oldest[: len(oldest) - limits.MAX_FEEDBACK + _SPARE]:
        path.unlink(missing_ok=True)
