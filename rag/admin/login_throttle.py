"""How often somebody may try to sign in: so many wrong tries within the window, over all servers of one library.

library/log/tries.json, checksummed: when each account and address was tried, for as long as it counts.  Keys are
digests made with the key that sessions are signed with, so that no address can be found by trying all.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag import files, limits
from rag.admin import accounts
from rag.admin.sliding_window import SlidingWindow
from rag.errors import LibraryDamaged

LOG = logging.getLogger(__name__)
_LOCK_SECONDS = 5.0  # waited for another process at most
_EVERYBODY = "*"


def take(root: Path, keys: Sequence[str]) -> float:
    """Counts a try for each of these keys; returns the seconds until one is allowed, 0 where it was counted.

    Raises:
        LibraryUnwritable: it can't be recorded; nobody may sign in then. LibraryDamaged: the accounts can't be read.
    """
    allowed = {**dict.fromkeys(_digests(root, keys), limits.MAX_LOGIN_TRIES), _EVERYBODY: limits.MAX_LOGIN_TRIES_OF_ALL}
    now = time.time()
    with _stored_window(root, now) as window:
        return window.take(allowed, now)


def give_back(root: Path, keys: Sequence[str]) -> None:
    """Takes the latest try of these keys back: its password was right.

    Raises:
        LibraryUnwritable: it can't be recorded. LibraryDamaged: the accounts can't be read.
    """
    with _stored_window(root, time.time()) as window:
        window.give_back((*_digests(root, keys), _EVERYBODY))


@contextlib.contextmanager
def _stored_window(root: Path, now: float) -> Iterator[SlidingWindow]:
    """The tries that count at this moment, locked against other processes and written back."""
    path = root / "log" / "tries.json"
    busy = TimeoutError("another process holds it")
    with files.translate_os_errors(root), files.locked(path.with_suffix(".lock"), _LOCK_SECONDS, busy):
        window = SlidingWindow(limits.LOGIN_WINDOW_SECONDS, _read(path), now)
        yield window
        files.write_atomic_unsynced({path: files.dump_checksummed({"tries": window.hits()})})


def _read(path: Path) -> dict[str, list[float]]:
    try:
        content = files.read_checksummed(path, "It is made anew")
    except LibraryDamaged as error:
        LOG.error("%s", error)
        return {}
    return content["tries"] if content else {}


def _digests(root: Path, keys: Sequence[str]) -> list[str]:
    secret = accounts.session_secret(root).encode()
    folded = (key.casefold().encode("utf-8", "surrogatepass") for key in keys)
    return [hmac.new(secret, key, hashlib.sha256).hexdigest()[:32] for key in folded]
