"""Sessions as signed cookies: nothing is stored of them, so they hold in every server and outlive a restart.

A session names its account, the account's ``id`` and the value of its ``ends`` when the session began; raising that
count makes it void.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from rag import limits
from rag.admin import accounts
from rag.admin.accounts import Account


def start(root: Path, account: Account) -> str:
    """Returns the cookie's value.  Raises LibraryDamaged: the accounts can't be read."""
    return _signer(accounts.session_secret(root)).dumps([account.name, account.id, account.ends])


def account_of(root: Path, session: str) -> Account | None:
    """The account that the session is of; None where it is forged, has ended or has expired.

    Raises:
        LibraryDamaged: the accounts can't be read.
    """
    if not session or len(session) > limits.MAX_COOKIE_CHARS:
        return None
    secret = accounts.session_secret(root)
    if not secret:
        return None
    try:
        # A session from the future is refused too.
        name, identity, ends = _signer(secret).loads(session, max_age=limits.SESSION_SECONDS)
        account = accounts.find(root, name)
    except (BadData, ValueError, TypeError, AttributeError):
        return None
    is_of_account = account and not account.disabled and [account.id, account.ends] == [identity, ends]
    return account if is_of_account else None


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="bulletin-desk.session", signer_kwargs={"digest_method": hashlib.sha256})
