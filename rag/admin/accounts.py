"""Accounts: who may see the staff's and the operator's pages of a library.

library/accounts.json, checksummed and readable by its owner alone: passwords as Argon2id hashes (RFC 9106), and the
secret that sessions are signed with.  Every server of the library goes by this file, so that a change holds at once and
everywhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
import secrets
import string
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import AccountRefused, LibraryBusy, LibraryDamaged

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Role = Literal["staff", "operator"]
ROLES: tuple[Role, ...] = ("staff", "operator")
FILE = "accounts.json"
MIN_PASSWORD_CHARS = 15  # OWASP ASVS 5, V6.2, asks for 8 and advises 15
MAX_PASSWORD_CHARS = 200
_HASHING_SLOTS = BoundedSemaphore(2)  # each check of a password takes 64 MiB and a processor for some 120 ms
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
_REMEDY = "Restore it from a backup, or remove it and add the accounts again: python -m rag account add"
_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the file holds it; ``password`` is a hash, ``ends`` counts how often its sessions were ended.

    ``id`` is random, so that an account isn't taken for a removed one of the same name.
    """

    name: str
    role: Role
    password: str
    made: str
    changed: str
    ends: int = 0
    disabled: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class _AccountFile:
    secret: str
    accounts: tuple[Account, ...] = ()


_ACCOUNTS = TypeAdapter(_AccountFile)


def add(root: Path, name: str, role: Role, password: str) -> Account:
    """Adds an account and returns it.

    Raises:
        AccountRefused: there is one of this name, or name, role or password are unusable.
        LibraryDamaged, LibraryUnwritable, LibraryBusy: the file can't be read or written.
    """
    if not _NAME.fullmatch(name):
        remedy = "Take 1 to 40 letters, digits, dots, hyphens and underscores, letters or digits at both ends"
        raise AccountRefused("can't be the name of an account", where=name[:60], remedy=remedy)
    _check_role(role)
    account = Account(name, role, _hash_password(password, name), _now(), _now(), id=secrets.token_hex(16))
    with _editing(root) as accounts:
        if _find(accounts, name):
            raise AccountRefused("has an account already", where=name, remedy="Choose another name")
        if len(accounts) >= limits.MAX_ACCOUNTS:
            raise AccountRefused(
                f"there are {limits.MAX_ACCOUNTS} accounts already", remedy="Remove one that isn't needed"
            )
        accounts.append(account)
    return account


def set_password(root: Path, name: str, password: str) -> None:
    """Changes the password of an account and ends its sessions.

    Raises:
        AccountRefused: there is no such account, or the password is unusable.
        LibraryDamaged, LibraryUnwritable, LibraryBusy: the file can't be read or written.
    """
    _change(root, name, password=_hash_password(password, name), changed=_now())


def set_role(root: Path, name: str, role: Role) -> None:
    """Changes the role of an account and ends its sessions.  Raises as ``set_password``."""
    _check_role(role)
    _change(root, name, role=role)


def disable(root: Path, name: str, disabled: bool) -> None:
    """Disables or enables signing in with an account, and ends its sessions.  Raises as ``set_password``."""
    _change(root, name, disabled=disabled)


def end_sessions(root: Path, name: str) -> None:
    """Ends all sessions of an account.  Raises as ``set_password``."""
    _change(root, name)


def remove(root: Path, name: str) -> None:
    """Deletes an account.  Raises as ``set_password``."""
    with _editing(root) as accounts:
        accounts.remove(_existing(accounts, name))


def list_accounts(root: Path) -> tuple[Account, ...]:
    """All accounts, sorted by name.  Raises LibraryDamaged: the file can't be read."""
    return tuple(sorted(_read(root).accounts, key=lambda account: account.name.casefold()))


def has_accounts(root: Path) -> bool:
    """Whether there is an account at all.  Raises as ``list_accounts``."""
    return bool(_read(root).accounts)


def find(root: Path, name: str) -> Account | None:
    """The account of this name, whatever the case of its letters.  Raises as ``list_accounts``."""
    return _find(_read(root).accounts, name)


def authenticate(root: Path, name: str, password: str) -> Account | None:
    """The account if this is its password and it isn't disabled; takes as long where there is no such account.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    account = find(root, name)
    hashed = account.password if account else _dummy_hash()
    if len(password) > MAX_PASSWORD_CHARS:
        return None
    with _HASHING_SLOTS:
        try:
            _hasher().verify(hashed, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return None
    return account if account and not account.disabled else None


def session_secret(root: Path) -> str:
    """The secret that sessions are signed with, "" where there are no accounts.  Raises as ``list_accounts``."""
    return _read(root).secret


def new_password() -> str:
    """A random password: four groups of five letters and digits, more than 100 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


@functools.cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@functools.cache
def _dummy_hash() -> str:
    return _hasher().hash(secrets.token_hex())


def _hash_password(password: str, name: str) -> str:
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        remedy = f"Take {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}, such as five words that don't go together"
        raise AccountRefused(f"the password has {len(password)} characters", remedy=remedy)
    if name.casefold() in password.casefold() or len(set(password)) < 6:
        raise AccountRefused("the password is easily guessed", remedy="Take one without the account's name, and varied")
    with _HASHING_SLOTS:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _check_role(role: Role) -> None:
    if role not in ROLES:
        raise AccountRefused("is no role", where=role, remedy=f"Take one of {', '.join(ROLES)}")


def _find(accounts: Iterable[Account], name: str) -> Account | None:
    return next((account for account in accounts if account.name.casefold() == name.casefold()), None)


def _existing(accounts: Iterable[Account], name: str) -> Account:
    account = _find(accounts, name)
    if account is None:
        raise AccountRefused("has no account", where=name[:60], remedy="Check the name: python -m rag account list")
    return account


def _change(root: Path, name: str, **changes: Any) -> None:
    """Changes fields of an account; whatever they are, its sessions end."""
    with _editing(root) as accounts:
        account = _existing(accounts, name)
        accounts[accounts.index(account)] = replace(account, ends=account.ends + 1, **changes)


@contextlib.contextmanager
def _editing(root: Path) -> Iterator[list[Account]]:
    """The accounts, locked against other processes; the list is written back unless the block raises."""
    with files.translate_os_errors(root):
        busy = LibraryBusy("another process is changing the accounts", where=root, remedy="Try again")
        with files.locked(root / "accounts.lock", 5, busy):
            stored = _read(root)
            accounts = list(stored.accounts)
            yield accounts
            edited = _AccountFile(stored.secret or secrets.token_hex(32), tuple(accounts))
            files.write_atomic_private(root / FILE, files.dump_checksummed(asdict(edited)))


def _read(root: Path) -> _AccountFile:
    content = files.read_checksummed(root / FILE, _REMEDY)
    try:
        return _AccountFile("") if content is None else _ACCOUNTS.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("holds no accounts", where=root / FILE, remedy=_REMEDY) from error


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
