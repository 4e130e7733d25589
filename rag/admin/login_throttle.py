"""How often somebody may try to sign in: so many wrong tries in so much time, whichever server they come to.

library/log/tries.json, sealed: when each account and address was tried, for as long as they count, under a
digest with the key that sessions are signed with, so that no address can be found by trying all.
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
from rag.errors import LibraryDamaged

LOG = logging.getLogger(__name__)
_PATIENCE = 5.0  # seconds
_EVERYBODY = "*"


def take(root: Path, keys: Sequence[str], most: int = limits.MAX_LOGIN_TRIES) -> float:
    """Takes a try of each of these; the seconds until there is one of all, 0 where it was taken.

    Raises:
        LibraryUnwritable: it can't be noted; nobody is let in then. LibraryDamaged: the accounts can't be read.
    """
    with _tries(root) as tries:
        now = time.time()
        allowed = {**dict.fromkeys(_digests(root, keys), most), _EVERYBODY: limits.MAX_LOGIN_TRIES_OF_ALL}
        wait = max(_wait(tries.get(key, []), limit, now) for key, limit in allowed.items())
        if wait <= 0:
            for key in allowed:
                tries.setdefault(key, []).append(now)
        return wait


def right(root: Path, keys: Sequence[str]) -> None:
    """The try taken last was right, and doesn't count.  Raises LibraryUnwritable."""
    with _tries(root) as tries:
        for key in (*_digests(root, keys), _EVERYBODY):
            if tries.get(key):
                tries[key].pop()


def _wait(taken: Sequence[float], most: int, now: float) -> float:
    return sorted(taken)[-most] + limits.LOGIN_WINDOW_SECONDS - now if len(taken) >= most else 0.0


@contextlib.contextmanager
def _tries(root: Path) -> Iterator[dict[str, list[float]]]:
    """Those that still count, held alone and written back."""
    path = root / "log" / "tries.json"
    busy = TimeoutError("another process holds it")
    with files.translate_os_errors(root), files.locked(path.with_suffix(".lock"), _PATIENCE, busy):
        now = time.time()
        tries = {
            key: [at for at in taken if abs(now - at) < limits.LOGIN_WINDOW_SECONDS]
            for key, taken in _read(path).items()
        }
        yield tries
        files.write_atomic_unsynced(
            path, files.dump_checksummed({"tries": {key: taken for key, taken in tries.items() if taken}})
        )


def _read(path: Path) -> dict[str, list[float]]:
    try:
        content = files.read_checksummed(path, "It is made anew")
    except LibraryDamaged as error:
        LOG.error("%s", error)
        return {}
    return content["tries"] if content else {}


def _digests(root: Path, keys: Sequence[str]) -> list[str]:
    secret = accounts.secret(root).encode()
    plain = (key.casefold().encode("utf-8", "surrogatepass") for key in keys)
    return [hmac.new(secret, one, hashlib.sha256).hexdigest()[:32] for one in plain]
