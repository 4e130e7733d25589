"""Who may operate the desk: a token that the command line prints once, and sessions that are opened with it.

library/operator.json, sealed, for its owner alone: the token's SHA-256 and a secret that sessions are signed with.  A
session needs nothing else, so that it holds with every process that serves the library; a new token ends them all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import sealed, store
from rag.errors import LibraryDamaged

FILE = "operator.json"
LASTS = 12 * 3600  # seconds of a session
_BYTES = 32  # of randomness in a token
_REMEDY = "Run: python -m rag operator-token"
_SESSION = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{16,64})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class _Operator:
    token_sha256: str
    secret: str
    made: str


def make(root: Path) -> str:
    """A new token for the library at ``root``; an earlier one is void from then on, and so are its sessions.

    Raises:
        LibraryUnwritable: it can't be stored.
    """
    token = secrets.token_urlsafe(_BYTES)
    made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with store.writing_to(root):
        _write_private(root / FILE, sealed.seal(asdict(_Operator(_digest(token), secrets.token_hex(_BYTES), made))))
    return token


def exists(root: Path) -> bool:
    """Whether a token was ever made.

    Raises:
        LibraryDamaged: its file can't be read.
    """
    return _read(root) is not None


def check(root: Path, token: str) -> bool:
    """Whether this is the token, in a time that tells nothing of it.

    Raises:
        LibraryDamaged: its file can't be read.
    """
    operator = _read(root)
    return operator is not None and hmac.compare_digest(_digest(token.strip()), operator.token_sha256)


def new_session(root: Path) -> str:
    """A session that begins now, to be given to whoever has shown the token.

    Raises:
        LibraryDamaged: the token's file can't be read, or is gone.
    """
    operator = _read(root)
    if operator is None:
        raise LibraryDamaged("is missing", where=root / FILE, remedy=_REMEDY)
    until = f"{int(time.time()) + LASTS}.{secrets.token_urlsafe(18)}"
    return f"{until}.{_signed(operator, until)}"


def holds(root: Path, session: str) -> bool:
    """Whether this session was given out with today's token and isn't over.

    Raises:
        LibraryDamaged: the token's file can't be read.
    """
    operator = _read(root)
    parts = _SESSION.fullmatch(session)
    if operator is None or parts is None:
        return False
    until, nonce, signature = parts.groups()
    if not hmac.compare_digest(signature, _signed(operator, f"{until}.{nonce}")):
        return False
    return 0 < int(until) - time.time() <= LASTS + 1  # one from the future: the clock was set back


def _signed(operator: _Operator, words: str) -> str:
    key = f"{operator.secret}{operator.token_sha256}".encode()
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _read(root: Path) -> _Operator | None:
    content = sealed.read(root / FILE, _REMEDY)
    try:
        return None if content is None else TypeAdapter(_Operator).validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("is no operator's token", where=root / FILE, remedy=_REMEDY) from error


def _write_private(path: Path, data: bytes) -> None:
    """As ``store.replace``; nobody but the owner may read it, not even for an instant."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        beside.touch(mode=0o600, exist_ok=False)
        store.write(beside, data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    store.sync_folder(path.parent)
