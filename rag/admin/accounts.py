"""Accounts: who may see the staff's and the operator's pages of a library.

library/accounts.json, sealed, for its owner alone: passwords as Argon2id hashes (RFC 9106) and the secret that sessions
are signed with.  Every server of the library goes by this file, so that a change holds at once and everywhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
import secrets
import string
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import AccountRefused, LibraryBusy, LibraryDamaged

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Role = Literal["staff", "operator"]
ROLES: tuple[Role, ...] = ("staff", "operator")
FILE = "accounts.json"
SHORTEST, LONGEST = 15, 200  # characters of a password; OWASP ASVS 5, V6.2, asks for 8 and advises 15
_AT_ONCE = BoundedSemaphore(2)  # each check of a password takes 64 MiB and a processor for some 120 ms
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
_REMEDY = "Restore it from a backup, or remove it and add the accounts again: python -m rag account add"
_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Account:
    """``ends`` counts how often all sessions of the account were ended; ``password`` is a hash."""

    name: str
    role: Role
    password: str
    made: str
    changed: str
    ends: int = 0
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class _Book:
    secret: str
    accounts: tuple[Account, ...] = ()


def add(root: Path, name: str, role: Role, password: str) -> Account:
    """
    Raises:
        AccountRefused: there is one of this name, or name, role or password are unusable.
        LibraryDamaged, LibraryUnwritable, LibraryBusy.
    """
    if not _NAME.fullmatch(name):
        remedy = "Take 1 to 40 letters, digits, dots, hyphens and underscores, letters or digits at both ends"
        raise AccountRefused("can't be the name of an account", where=name[:60], remedy=remedy)
    if role not in ROLES:
        raise AccountRefused("is no role", where=role, remedy=f"Take one of {', '.join(ROLES)}")
    made = Account(name, role, _hashed(password, name), _now(), _now())

    def change(book: _Book) -> _Book:
        if _of(book, name):
            raise AccountRefused("has an account already", where=name, remedy="Choose another name")
        if len(book.accounts) >= limits.MAX_ACCOUNTS:
            raise AccountRefused(
                f"there are {limits.MAX_ACCOUNTS} accounts already", remedy="Remove one that isn't needed"
            )
        return replace(book, accounts=(*book.accounts, made))

    _change(root, change)
    return made


def set_password(root: Path, name: str, password: str) -> None:
    """Its sessions end.  Raises as ``add``; AccountRefused also where there is no such account."""
    hashed = _hashed(password, name)
    _alter(root, name, lambda one: replace(one, password=hashed, changed=_now(), ends=one.ends + 1))


def set_role(root: Path, name: str, role: Role) -> None:
    """Its sessions end.  Raises as ``set_password``."""
    if role not in ROLES:
        raise AccountRefused("is no role", where=role, remedy=f"Take one of {', '.join(ROLES)}")
    _alter(root, name, lambda one: replace(one, role=role, ends=one.ends + 1))


def disable(root: Path, name: str, disabled: bool) -> None:
    """While disabled nobody signs in with it; its sessions end.  Raises as ``set_password``."""
    _alter(root, name, lambda one: replace(one, disabled=disabled, ends=one.ends + 1))


def end_sessions(root: Path, name: str) -> None:
    """Raises as ``set_password``."""
    _alter(root, name, lambda one: replace(one, ends=one.ends + 1))


def remove(root: Path, name: str) -> None:
    """Raises as ``set_password``."""

    def change(book: _Book) -> _Book:
        gone = _known(book, name)
        return replace(book, accounts=tuple(one for one in book.accounts if one is not gone))

    _change(root, change)


def listed(root: Path) -> tuple[Account, ...]:
    """By name.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    return tuple(sorted(_read(root).accounts, key=lambda one: one.name.casefold()))


def any_(root: Path) -> bool:
    """Whether there is an account at all.  Raises LibraryDamaged."""
    return bool(_read(root).accounts)


def find(root: Path, name: str) -> Account | None:
    """Whatever the case of its letters.  Raises LibraryDamaged."""
    return _of(_read(root), name)


def check(root: Path, name: str, password: str) -> Account | None:
    """The account, where this is its password.  It takes as long where there is no such account.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    account = _of(_read(root), name)
    hashed = account.password if account else _nobodys()
    if len(password) > LONGEST:
        return None
    with _AT_ONCE:
        try:
            _hasher().verify(hashed, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return None
    return account if account and not account.disabled else None


def secret(root: Path) -> str:
    """What sessions are signed with.  Raises LibraryDamaged."""
    return _read(root).secret


def new_password() -> str:
    """Four groups of five letters and digits: more than 100 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


@functools.cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@functools.cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex())


def _hashed(password: str, name: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        what = f"the password has {len(password)} characters"
        raise AccountRefused(what, remedy=f"Take {SHORTEST} to {LONGEST}, such as five words that don't go together")
    if name.casefold() in password.casefold() or len(set(password)) < 6:
        raise AccountRefused("the password is easily guessed", remedy="Take one without the account's name, and varied")
    with _AT_ONCE:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _of(book: _Book, name: str) -> Account | None:
    return next((one for one in book.accounts if one.name.casefold() == name.casefold()), None)


def _known(book: _Book, name: str) -> Account:
    found = _of(book, name)
    if found is None:
        raise AccountRefused("has no account", where=name[:60], remedy="Check the name: python -m rag account list")
    return found


def _alter(root: Path, name: str, alter: Callable[[Account], Account]) -> None:
    def change(book: _Book) -> _Book:
        before = _known(book, name)
        return replace(book, accounts=tuple(alter(one) if one is before else one for one in book.accounts))

    _change(root, change)


def _change(root: Path, change: Callable[[_Book], _Book]) -> None:
    with _alone(root):
        book = change(_read(root))
        if not book.secret:
            book = replace(book, secret=secrets.token_hex(32))
        files.write_atomic_private(root / FILE, files.dump_checksummed(asdict(book)))


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    with files.translate_os_errors(root):
        busy = LibraryBusy("another process is changing the accounts", where=root, remedy="Try again")
        with files.locked(root / "accounts.lock", 5, busy):
            yield


def _read(root: Path) -> _Book:
    content = files.read_checksummed(root / FILE, _REMEDY)
    try:
        return _Book("") if content is None else TypeAdapter(_Book).validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("holds no accounts", where=root / FILE, remedy=_REMEDY) from error


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
