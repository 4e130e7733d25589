"""Logs that many processes append to at once: a JSON object a line that begins with its day, bounded in bytes and days.

A line is one write, and nothing waits for the disk; a process that drops lines locks the file for a moment.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import files

_TIMEOUT_SECONDS = 1.0  # that an answer may wait for its line
_DAY = re.compile(rb'\{"(?:day|at)": "(\d{4}-\d\d-\d\d)["T]')


@dataclass(frozen=True, slots=True)
class Log:
    """The file at ``path``; over ``max_bytes`` it loses half, and after ``days`` a line is dropped."""

    path: Path
    max_bytes: int
    days: int

    def append(self, line: bytes) -> None:
        """Adds a line, which ends with a line feed.  The file's folder is made; the folder above must exist.

        Raises:
            OSError: the file can't be written, or is locked for too long.
        """
        self.path.parent.mkdir(exist_ok=True)
        with _open_locked(self.path, fcntl.LOCK_SH) as handle:
            size = os.fstat(handle).st_size
            is_torn = size and os.pread(handle, 1, size - 1) != b"\n"  # the disk was full, or the power went
            os.write(handle, (b"\n" if is_torn else b"") + line)
        if size > self.max_bytes:
            self.prune()

    def lines(self) -> list[bytes]:
        """Returns the lines that aren't too old, without their line feeds; the others are dropped if that is allowed.

        Raises:
            LibraryDamaged: the file can't be read.
        """
        lines = (files.read_bytes(self.path, "Check its permissions") or b"").splitlines()
        recent = list(filter(self._is_recent(), lines))
        if len(recent) < len(lines):
            with contextlib.suppress(OSError):  # the reader may not be allowed to write
                self.prune()
        return recent

    def prune(self) -> int:
        """Drops lines that are too old or damaged, and of a file still too large the oldest of the fullest days.

        If another process holds the file, nothing is dropped this time.  Returns how many lines were dropped.

        Raises:
            OSError: the file can't be written.
        """
        if not self.path.exists():
            return 0
        with contextlib.suppress(TimeoutError), _open_locked(self.path, fcntl.LOCK_EX):
            before = self.path.read_bytes().splitlines(keepends=True)
            lines = list(filter(self._is_recent(), before))
            if sum(map(len, lines)) > self.max_bytes:
                lines = _shared_by_day(lines, self.max_bytes // 2)
            if len(lines) < len(before):
                files.write_atomic(self.path, b"".join(lines))
            return len(before) - len(lines)
        return 0

    def _is_recent(self) -> Callable[[bytes], bool]:
        """Returns a test for lines that aren't too old, nor as far in the future, where the clock was set back."""
        today, lifetime = dt.date.today(), dt.timedelta(days=self.days)
        first, last = ((today + offset).isoformat().encode() for offset in (-lifetime, lifetime))

        def is_recent(line: bytes) -> bool:
            day = _DAY.match(line)
            return day is not None and first <= day[1] <= last

        return is_recent


def _shared_by_day(lines: list[bytes], max_bytes: int) -> list[bytes]:
    """Returns the newest lines of each day, of which each has the same room: a flood takes none of other days'."""
    days = [match[1] if (match := _DAY.match(line)) else b"" for line in lines]
    sizes: Counter[bytes] = Counter()
    for day, line in zip(days, lines, strict=True):
        sizes[day] += len(line)
    room, share = max_bytes, 0
    for number, size in enumerate(sorted(sizes.values())):
        share = room // (len(sizes) - number)
        room -= min(size, share)
    used: Counter[bytes] = Counter()
    kept = []
    for day, line in zip(reversed(days), reversed(lines), strict=True):
        used[day] += len(line)
        if used[day] <= share:
            kept.append(line)
    return kept[::-1]


@contextlib.contextmanager
def _open_locked(path: Path, operation: int) -> Iterator[int]:
    """Opens the file for appending and locks it; it is the one that bears the name even after a replacement."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("is no plain file")
            _lock(handle, operation, deadline)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                yield handle
                return
        finally:
            os.close(handle)  # and unlocks it


def _lock(handle: int, operation: int, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(handle, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError("another process holds it") from None
            time.sleep(0.005)
