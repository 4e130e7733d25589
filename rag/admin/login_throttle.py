"""How often somebody may try to sign in: so many wrong tries within the window, over all servers of one library.

library/log/tries.json, checksummed: when each account and address was tried, for as long as it counts, and the places
(an account at an address) from where a right password came lately.  From such a place the place alone is counted, so
that nobody is locked out by the tries of others.  Keys are digests made with the key that sessions are signed with, so
that no address can be found by trying all.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import files, limits
from rag.admin import accounts
from rag.admin.sliding_window import SlidingWindow
from rag.errors import LibraryDamaged

LOG = logging.getLogger(__name__)
_LOCK_SECONDS = 5.0  # waited for another process at most
_EVERYBODY = "*"


def take(root: Path, keys: Sequence[str], place: str = "") -> float:
    """Counts a try for each of these keys, or for the place alone where it is known.

    Returns the seconds until a try is allowed, 0 where it was counted.

    Raises:
        LibraryUnwritable: it can't be recorded; nobody may sign in then. LibraryDamaged: the accounts can't be read.
    """
    now = time.time()
    *tried, known_as = _digests(root, (*keys, place))
    with _stored_tries(root, now) as tries:
        return tries.window.take(tries.limits_of(tried, known_as), now)


def accept(root: Path, keys: Sequence[str], place: str = "") -> None:
    """Takes the latest try back, for its password was right, and knows the place from now on.

    Raises:
        LibraryUnwritable: it can't be recorded. LibraryDamaged: the accounts can't be read.
    """
    now = time.time()
    *tried, known_as = _digests(root, (*keys, place))
    with _stored_tries(root, now) as tries:
        tries.window.give_back(tries.limits_of(tried, known_as))
        if place:
            tries.known.pop(known_as, None)
            tries.known[known_as] = now


@dataclass(frozen=True, slots=True)
class _Tries:
    """The tries that count, and when a right password last came from each known place, the oldest first."""

    window: SlidingWindow
    known: dict[str, float]

    def limits_of(self, keys: Sequence[str], place: str) -> dict[str, int]:
        """The limit of each key that a try counts for."""
        if place in self.known:
            return {place: limits.MAX_LOGIN_TRIES}
        return {**dict.fromkeys(keys, limits.MAX_LOGIN_TRIES), _EVERYBODY: limits.MAX_LOGIN_TRIES_OF_ALL}


@contextlib.contextmanager
def _stored_tries(root: Path, now: float) -> Iterator[_Tries]:
    """The tries that count at this moment, locked against other processes and written back."""
    path = root / "log" / "tries.json"
    busy = TimeoutError("another process holds it")
    with files.translate_os_errors(root), files.locked(path.with_suffix(".lock"), _LOCK_SECONDS, busy):
        content = _read(path)
        stored = content.get("known", {}).items()
        known = {place: at for place, at in stored if abs(now - at) < limits.KNOWN_PLACE_SECONDS}
        tries = _Tries(SlidingWindow(limits.LOGIN_WINDOW_SECONDS, content.get("tries"), now), known)
        yield tries
        kept = dict(list(tries.known.items())[-limits.MAX_KNOWN_PLACES :])
        content = {"tries": tries.window.hits(), "known": kept}
        files.write_atomic_unsynced({path: files.dump_checksummed(content)})


def _read(path: Path) -> dict[str, Any]:
    try:
        return files.read_checksummed(path, "It is made anew") or {}
    except LibraryDamaged as error:
        LOG.error("%s", error)
        return {}


def _digests(root: Path, keys: Sequence[str]) -> list[str]:
    secret = accounts.session_secret(root).encode()
    folded = (key.casefold().encode("utf-8", "surrogatepass") for key in keys)
    return [hmac.new(secret, key, hashlib.sha256).hexdigest()[:32] for key in folded]
