"""Refused passwords in the audit log: the first of an account is an entry at once, further ones are counted.

library/log/refused.json, checksummed: by account and purpose, since when they are counted, how many came and when last.
The count is an entry of its own once its hour is over, and before the account's next sign-in, so that guessing fills no
log that is kept for ever, and a guess that was right stands right behind those that were wrong.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryBusy, LibraryDamaged
from rag.library import audit_log

LOG = logging.getLogger(__name__)
_FILE = "log/refused.json"


@dataclass(slots=True)
class _Count:
    """Refusals after the first, which was at ``since``; ``last`` is when the latest came, in seconds as ``since``."""

    who: str
    what: str
    since: float
    last: float
    times: int = 0


_COUNTS = TypeAdapter(list[_Count])


def record(root: Path, who: str, what: str) -> None:
    """Writes an entry, or counts it where one of this account and purpose was written within the hour.

    Raises:
        LibraryUnwritable, LibraryBusy: it can't be recorded.
    """
    now = time.time()
    with _stored_counts(root) as counts:
        _write_ended(root, counts, now)
        if count := next((each for each in counts if (each.who, each.what) == (who, what)), None):
            count.times += 1
            count.last = now
        else:
            audit_log.write(root, who, what)
            counts.append(_Count(who, what, now, now))


def write_counts(root: Path, who: str = "") -> None:
    """Writes the counts whose hour is over, and all of the account ``who``.

    Raises:
        LibraryUnwritable, LibraryBusy: they can't be recorded.
    """
    if (root / _FILE).exists():
        with _stored_counts(root) as counts:
            _write_ended(root, counts, time.time(), who)


def _write_ended(root: Path, counts: list[_Count], now: float, who: str = "") -> None:
    for count in list(counts):
        if count.who == who or abs(now - count.since) >= limits.REFUSED_PASSWORDS_SECONDS:
            if count.times:
                last = dt.datetime.fromtimestamp(count.last, dt.UTC).isoformat(timespec="seconds")
                audit_log.write(root, count.who, count.what, times=count.times, last=last)
            counts.remove(count)


@contextlib.contextmanager
def _stored_counts(root: Path) -> Iterator[list[_Count]]:
    """The counts, locked against other processes and written back."""
    path = root / _FILE
    busy = LibraryBusy("another process is writing to it", where=path, remedy="Try again in a moment")
    with files.translate_os_errors(root), files.locked(path.with_suffix(".lock"), 10, busy):
        counts: list[_Count] = []
        try:
            counts = _COUNTS.validate_python((files.read_checksummed(path, "It is made anew") or {}).get("counts", []))
        except LibraryDamaged as error:
            LOG.error("%s", error)
        except ValidationError:
            LOG.error("%s: holds what isn't expected. It is made anew", path)
        yield counts
        files.write_checksummed(path, {"counts": [asdict(count) for count in counts]})
