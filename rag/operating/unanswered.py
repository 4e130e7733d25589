"""Questions that the bulletins hold no answer to, noted by the servers and counted for the operator.

library/log/unanswered.jsonl   {"day", "question", "why"} a line

Nothing is noted of who asked, and after ``KEPT`` a line is dropped.  Many processes append at once, each line in one
write; whoever drops lines holds the file alone for a moment.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import logging
import os
import re
import stat
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import store
from rag.asking.question import LONGEST, search_text
from rag.errors import LibraryDamaged, one_line

LOG = logging.getLogger(__name__)
KEPT = dt.timedelta(days=90)
LARGEST = 5_000_000  # bytes of the file
_LINE = 4_000  # bytes of a line; so short a write is one piece
_WHY = 200  # characters
_PATIENCE = 1.0  # seconds that an answer may wait for its note
_DAY = re.compile(rb'\{"day": "(\d{4}-\d\d-\d\d)", ')


@dataclass(frozen=True, slots=True)
class Missing:
    """A question as most often typed, how often it was asked, and on which day last."""

    question: str
    count: int
    last: dt.date


def note(root: Path, question: str, why: str) -> None:
    """Notes a question; where that can't be done it is logged, and no answer fails."""
    path = _path(root)
    try:
        path.parent.mkdir(exist_ok=True)
        with _opened(path, fcntl.LOCK_SH) as handle:
            size = os.fstat(handle).st_size
            torn = size and os.pread(handle, 1, size - 1) != b"\n"  # the disk was full, or the power went
            os.write(handle, (b"\n" if torn else b"") + _line(dt.date.today(), question, why))
        if size > LARGEST:
            _tidy(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        LOG.error("%s: a question without an answer could not be noted (%s)", one_line(str(path)), why)


def missing(root: Path, limit: int = 100) -> tuple[Missing, ...]:
    """The questions noted in the last ``KEPT``, the most frequent first, then the latest; those that differ in case,
    white space and punctuation alone are counted together.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    path = _path(root)
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        what = f"can't be read ({(error.strerror or str(error)).lower()})"
        raise LibraryDamaged(what, where=path, remedy="Check its permissions") from error
    if not all(map(_lasts, lines)):
        with contextlib.suppress(OSError):  # whoever may only read drops nothing
            _tidy(path)
    typed: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, dt.date] = {}
    for day, question in _read(filter(_lasts, lines)):
        key = "".join(filter(str.isalnum, search_text(question).casefold())) or question
        typed[key][question] += 1
        last[key] = max(last.get(key, day), day)
    found = [Missing(own.most_common(1)[0][0], own.total(), last[key]) for key, own in typed.items()]
    found.sort(key=lambda one: (-one.count, -one.last.toordinal(), one.question))
    return tuple(found[:limit])


def _path(root: Path) -> Path:
    return root / "log" / "unanswered.jsonl"


def _line(day: dt.date, question: str, why: str) -> bytes:
    shown = one_line(question)[:LONGEST]
    while True:
        row = {"day": day.isoformat(), "question": shown, "why": one_line(why)[:_WHY]}
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        if len(line) < _LINE:
            return line
        shown = shown[:-100]


def _read(lines: Iterator[bytes]) -> Iterator[tuple[dt.date, str]]:
    for line in lines:
        try:
            row = json.loads(line)
            day, question = dt.date.fromisoformat(row["day"]), row["question"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # a damaged line: one question less in a count
        if isinstance(question, str):
            yield day, question


def _lasts(line: bytes) -> bool:
    """A line that isn't too old; one from the future may be as far ahead, where the clock was set back."""
    found = _DAY.match(line)
    try:
        return found is not None and abs(dt.date.today() - dt.date.fromisoformat(found[1].decode())) <= KEPT
    except ValueError:
        return False


@contextlib.contextmanager
def _opened(path: Path, how: int) -> Iterator[int]:
    """The file, opened for appending and locked; it is the one that bears the name.

    Raises:
        OSError: it can't be opened, or is held for too long.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("is no plain file")
            _lock(handle, how, until)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                yield handle
                return
        finally:
            os.close(handle)  # and lets go of it


def _lock(handle: int, how: int, until: float) -> None:
    while True:
        try:
            return fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("another process holds it") from None
            time.sleep(0.005)


def _tidy(path: Path) -> None:
    """Drops what is too old or damaged, and the older half of what is still too large; where another process holds the
    file, another time.

    Raises:
        OSError: the file can't be written.
    """
    with contextlib.suppress(TimeoutError), _opened(path, fcntl.LOCK_EX):
        lines = [line for line in path.read_bytes().splitlines(keepends=True) if _lasts(line)]
        if sum(map(len, lines)) > LARGEST:
            lines = lines[len(lines) // 2 :]
        store.replace(path, b"".join(lines))
