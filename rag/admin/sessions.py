"""Sessions as signed cookies: nothing of them is stored, so they hold in every server and outlive a restart.

A session names its account and how often the account's sessions were ended when it began; ending them once more makes
it void.
"""

from __future__ import annotations

from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from rag import limits
from rag.admin import accounts
from rag.admin.accounts import Account


def begin(root: Path, account: Account) -> str:
    """The cookie's value.  Raises LibraryDamaged."""
    return _signer(accounts.secret(root)).dumps([account.name, account.ends])


def holder(root: Path, session: str) -> Account | None:
    """Whose session this is, None where it is nobody's, has ended or is over.

    Raises:
        LibraryDamaged: the accounts can't be read.
    """
    if not session or len(session) > limits.MAX_COOKIE_CHARS:
        return None
    secret = accounts.secret(root)
    if not secret:
        return None
    try:
        name, ends = _signer(secret).loads(
            session, max_age=limits.SESSION_SECONDS
        )  # one from the future is none either
        account = accounts.find(root, name)
    except (BadData, ValueError, TypeError, AttributeError):
        return None
    return account if account and not account.disabled and account.ends == ends else None


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="bulletin-desk.session", signer_kwargs={"digest_method": _sha256})


def _sha256(data: bytes = b"") -> object:
    import hashlib

    return hashlib.sha256(data)
