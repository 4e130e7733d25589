"""Access control: who is signed in, and what each role may open.

Where no account was made with ``python -m rag account add``, no page of the staff or the operator exists.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from rag.admin import accounts, login_throttle, refused_passwords, sessions
from rag.admin.accounts import Account, Role
from rag.errors import LibraryDamaged, RagError
from rag.library import audit_log
from rag.settings import Settings
from rag.web.middleware.client_address import UNNAMED_PROXY, address_key

LOG = logging.getLogger(__name__)
COOKIE = "desk"  # over plain http; the longer name is taken by browsers over https alone, from this very host
SECURE_COOKIE = f"__Host-{COOKIE}"
NO_PAGE = "There is no such page."
SIGN_IN_FIRST = "Sign in to see this page."
OPERATORS_ONLY = "Your account is one of the staff: this page is the operator’s."
OTHER_ORIGIN = "This was not sent from the desk's own page, so nothing was done."
UNNAMED_FRONT_SERVER = "Nobody can sign in: the server in front of the desk isn’t named in RAG_PROXIES."
WRONG_PASSWORD = "This is not the account’s password."
WRONG_CREDENTIALS = "There is no account of this name with this password."
ACCOUNTS_DAMAGED = "The accounts can't be read. The desk's log says why."


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; an operator may do whatever staff may."""

    name: str
    role: Role


class AccessDenied(Exception):
    """A request is turned away with a line and a status; ``wait`` are the seconds until the next try."""

    def __init__(self, line: str, status: int, wait: float = 0.0) -> None:
        self.line = line
        self.status = status
        self.wait = wait
        super().__init__(line)


class AccessControl:
    """Checks requests against the accounts and sessions of one library."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.library

    def require_staff(self, request: Request) -> Person:
        """The dependency of every route of the staff.

        Raises:
            AccessDenied: nobody is signed in; or the request would change something and comes from another page.
        """
        self.require_accounts(request)
        person = self.person(request)
        if person is None:
            raise AccessDenied(SIGN_IN_FIRST, 403)
        request.state.person = person
        return person

    def require_operator(self, request: Request) -> Person:
        """The dependency of every route of the operator.

        Raises:
            AccessDenied: as for the staff; or the person isn't an operator.
        """
        person = self.require_staff(request)
        if person.role != "operator":
            raise AccessDenied(OPERATORS_ONLY, 403)
        return person

    def require_accounts(self, request: Request) -> None:
        """The dependency of the routes by which one signs in and out.

        Raises:
            AccessDenied: there is no account; or the request would change something and comes from another page.
        """
        try:
            accounts_exist = accounts.has_accounts(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            raise AccessDenied(ACCOUNTS_DAMAGED, 500) from None
        if not accounts_exist:
            raise AccessDenied(NO_PAGE, 404)
        if request.method not in ("GET", "HEAD") and not same_origin(request):
            raise AccessDenied(OTHER_ORIGIN, 403)

    def require_named_proxy(self, request: Request) -> None:
        """Signing in by a front server takes its name: else all its readers are one address, and whether they came by
        https isn't known.

        Raises:
            AccessDenied: the request came by a server that isn't in RAG_PROXIES.
        """
        if request.url.scheme != "https" and getattr(request.state, UNNAMED_PROXY, False):
            raise AccessDenied(UNNAMED_FRONT_SERVER, 403)

    def person(self, request: Request) -> Person | None:
        """Who is signed in, for any page."""
        value = request.cookies.get(cookie_name(request), "")
        if not value:
            return None
        try:
            account = sessions.account_of(self._root, value)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            return None
        return Person(account.name, account.role) if account else None

    def sign_in(self, request: Request, name: str, password: str) -> tuple[Account, str]:
        """Returns the account and the value of its new session's cookie.

        Raises:
            AccessDenied: there is no such account, or too many have been tried.
        """
        try:
            account = self.authenticate(request, name, password, "sign in")
            audit_log.write(self._root, account.name, "sign in")
            return account, sessions.start(self._root, account)
        except RagError as error:
            LOG.error("%s", error)
            raise AccessDenied(ACCOUNTS_DAMAGED, 500) from None

    def authenticate(self, request: Request, name: str, password: str, purpose: str) -> Account:
        """The account with this password; a refusal is in the audit log, with what the password was given for.

        Raises:
            AccessDenied: there is no such account, or too many have been tried.
            LibraryDamaged, LibraryUnwritable, LibraryBusy: the accounts can't be read, or the try can't be recorded.
        """
        address = address_key(request.client.host if request.client else "")
        keys, place = [f"account {name[:100]}", f"address {address}"], f"account {name[:100]} at {address}"
        if wait := login_throttle.take(self._root, keys, place):
            raise AccessDenied(too_many_tries(wait), 429, wait)
        account = accounts.authenticate(self._root, name, password)
        if account is None:
            known = accounts.find(self._root, name)
            who = known.name if known else "an account that doesn't exist"
            LOG.warning("a wrong password for %s", who)
            refused_passwords.record(self._root, who, f"{purpose}: refused")
            raise AccessDenied(WRONG_CREDENTIALS, 403)
        login_throttle.accept(self._root, keys, place)
        refused_passwords.write_counts(self._root, account.name)
        return account

    def sign_out(self, request: Request) -> None:
        """Ends all sessions of the account, so that a copied cookie ends too.

        Raises:
            AccessDenied: the accounts can't be read or written.
        """
        person = self.person(request)
        if person:
            try:
                audit_log.write(self._root, person.name, "sign out")
                accounts.end_sessions(self._root, person.name)
            except RagError as error:
                LOG.error("%s", error)
                raise AccessDenied(ACCOUNTS_DAMAGED, 500) from None


def cookie_name(request: Request) -> str:
    """The name of the session's cookie: one for https, which no other host and no page without https can set."""
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE


def same_origin(request: Request) -> bool:
    """Whether a page of this server sent the request: browsers say so, and a page of another origin can't forge it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return bool(origin and host) and urlsplit(origin or "").netloc.casefold() == (host or "").casefold()


def too_many_tries(wait: float) -> str:
    """The line for somebody who has to wait so many seconds."""
    minutes = math.ceil(wait / 60)
    return f"Too many tries. Please try again in {minutes} minute{'' if minutes == 1 else 's'}."
