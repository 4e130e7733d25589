"""Logs that many processes append to at once: a JSON object a line that begins with its day, bounded in bytes and days.

A line is one write, and nothing waits for the disk; whoever drops lines holds the file alone for a moment.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import files
from rag.errors import LibraryDamaged, os_reason

_PATIENCE = 1.0  # seconds that an answer may wait for its line
_DAY = re.compile(rb'\{"(?:day|at)": "(\d{4}-\d\d-\d\d)["T]')


@dataclass(frozen=True, slots=True)
class Log:
    """The file at ``path``; over ``largest`` bytes it loses its older half, and after ``days`` a line is dropped."""

    path: Path
    largest: int
    days: int

    def append(self, line: bytes) -> None:
        """Adds a line, which ends with a line feed; the folder is made where it is missing, its own folder is not.

        Raises:
            OSError: the file can't be written, or is held for too long.
        """
        self.path.parent.mkdir(exist_ok=True)
        with _opened(self.path, fcntl.LOCK_SH) as handle:
            size = os.fstat(handle).st_size
            torn = size and os.pread(handle, 1, size - 1) != b"\n"  # the disk was full, or the power went
            os.write(handle, (b"\n" if torn else b"") + line)
        if size > self.largest:
            self.tidy()

    def lines(self) -> list[bytes]:
        """Those that aren't too old, without their line feeds; the others are dropped, as far as that may be done.

        Raises:
            LibraryDamaged: the file can't be read.
        """
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            what = f"can't be read ({os_reason(error)})"
            raise LibraryDamaged(what, where=self.path, remedy="Check its permissions") from error
        lasting = list(filter(self._lasts(), lines))
        if len(lasting) < len(lines):
            with contextlib.suppress(OSError):  # whoever may only read drops nothing
                self.tidy()
        return lasting

    def tidy(self) -> int:
        """Drops what is too old or damaged, and the older half of what is still too large; where another process holds
        the file, another time.  Returns how many lines are gone.

        Raises:
            OSError: the file can't be written.
        """
        if not self.path.exists():
            return 0
        with contextlib.suppress(TimeoutError), _opened(self.path, fcntl.LOCK_EX):
            before = self.path.read_bytes().splitlines(keepends=True)
            lines = list(filter(self._lasts(), before))
            if sum(map(len, lines)) > self.largest:
                lines = lines[len(lines) // 2 :]
            if len(lines) < len(before):
                files.write_atomic(self.path, b"".join(lines))
            return len(before) - len(lines)
        return 0

    def _lasts(self) -> Callable[[bytes], bool]:
        """Whether a line isn't too old; one from the future may be as far ahead, where the clock was set back."""
        today, kept = dt.date.today(), dt.timedelta(days=self.days)
        first, last = ((today + far).isoformat().encode() for far in (-kept, kept))

        def lasts(line: bytes) -> bool:
            found = _DAY.match(line)
            return found is not None and first <= found[1] <= last

        return lasts


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
