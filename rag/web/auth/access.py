"""Who is let in to the staff's and the operator's pages, and how the door looks to everybody else.

Where no account was made with ``python -m rag account add`` no address behind the door exists.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from rag import limits
from rag.admin import accounts, login_throttle, sessions
from rag.admin.accounts import Role
from rag.errors import LibraryDamaged, RagError
from rag.library import audit_log
from rag.settings import Settings
from rag.web.middleware.client_address import counted
from rag.web.pages.routes import sentence, up
from rag.web.templating import render

LOG = logging.getLogger(__name__)
COOKIE = "desk"
# The guard's "no-referrer" would take the origin from the forms that are sent.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_DRAINED = 20_000_000  # bytes of a request that is turned away which are read, so that the browser gets to read why
NO_PAGE = "There is no such page."
NOBODY = "Sign in to see this page."
NOT_YOURS = "Your account is one of the staff: this page is the operator’s."
ELSEWHERE = "This was not sent from the desk's own page, so nothing was done."
WRONG_PASSWORD = "This is not the account’s password."
WRONG = "There is no account of this name with this password."
DAMAGED = "The accounts can't be read. The desk's log says why."
_WAY = re.compile(r"(?:staff|operator)(?:/[a-z-]+)?")  # where one may be led after signing in


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; an operator may do whatever staff may."""

    name: str
    role: Role


class Denied(Exception):
    """What is said at the door, and the status; ``wait`` are seconds until the next try."""

    def __init__(self, line: str, status: int, wait: float = 0.0) -> None:
        self.line = line
        self.status = status
        self.wait = wait
        super().__init__(line)


class Door:
    """The door to the library of these settings."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.library

    def staff(self, request: Request) -> Person:
        """Every route of the staff's depends on this.

        Raises:
            Denied: nobody is signed in, or the request would change something and comes from another page.
        """
        self.is_there(request)
        person = self.person(request)
        if person is None:
            raise Denied(NOBODY, 403)
        request.state.person = person
        return person

    def operator(self, request: Request) -> Person:
        """Every route of the operator's depends on this.

        Raises:
            Denied: as for the staff; or the person isn't an operator.
        """
        person = self.staff(request)
        if person.role != "operator":
            raise Denied(NOT_YOURS, 403)
        return person

    def is_there(self, request: Request) -> None:
        """What the door itself depends on.

        Raises:
            Denied: there is no account, or the request would change something and comes from another page.
        """
        try:
            there = accounts.any_(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            raise Denied(DAMAGED, 500) from None
        if not there:
            raise Denied(NO_PAGE, 404)
        if request.method not in ("GET", "HEAD") and not same_origin(request):
            raise Denied(ELSEWHERE, 403)

    def person(self, request: Request) -> Person | None:
        """Who is signed in, for any page."""
        value = request.cookies.get(COOKIE, "")
        if not value:
            return None
        try:
            account = sessions.holder(self._root, value)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            return None
        return Person(account.name, account.role) if account else None

    def sign_in(self, request: Request, name: str, password: str, way: str) -> Response:
        """To the page that was asked for, with a session.

        Raises:
            Denied: there is no such account, or too many have been tried.
        """
        request.state.way = way
        keys = [f"account {name[:100]}", f"address {counted(request.client.host if request.client else '')}"]
        try:
            wait = login_throttle.take(self._root, keys)
            if wait:
                raise Denied(too_many(wait), 429, wait)
            account = accounts.check(self._root, name, password)
            if account is None:
                known = accounts.find(self._root, name)
                LOG.warning("a wrong password for %s", known.name if known else "an account that doesn't exist")
                raise Denied(WRONG, 403)
            login_throttle.right(self._root, keys)
            audit_log.write(self._root, account.name, "sign in")
            value = sessions.begin(self._root, account)
        except RagError as error:
            LOG.error("%s", error)
            raise Denied(DAMAGED, 500) from None
        response = RedirectResponse(f"{up(request)}{_led(way, account.role)}", 303)
        self._set(request, response, value, limits.SESSION_SECONDS)
        return response

    def sign_out(self, request: Request) -> Response:
        """All of the account's sessions end, so that a cookie that somebody copied ends too."""
        response = RedirectResponse(f"{up(request)}sign-in", 303)
        person = self.person(request)
        if person:
            try:
                accounts.end_sessions(self._root, person.name)
            except RagError as error:
                LOG.error("%s", error)
                raise Denied(DAMAGED, 500) from None
        self._set(request, response, "", 0)
        return response

    def _set(self, request: Request, response: Response, value: str, seconds: int) -> None:
        # Without a path the browser takes this address's own folder: the desk's root, wherever that is.
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, value, max_age=seconds, path=None, httponly=True, samesite="lax", secure=secure)


class DoorRoute(APIRoute):
    """A route that nothing keeps a copy of, and that shows the door to whoever isn't let in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                response = await handle(request)
            except Denied as denied:
                await _drain(request)
                response = await run_in_threadpool(at_the_door, request, denied.line, denied.status)
                if denied.wait:
                    response.headers["Retry-After"] = str(math.ceil(denied.wait))
            for name, value in HEADERS.items():
                response.headers[name] = value
            return response

        return guarded


async def small_form(request: Request) -> FormData:
    """A form without files.

    Raises:
        Denied: what was sent is none.
    """
    try:
        return await request.form(max_files=0, max_fields=20)
    except HTTPException:
        raise Denied("What was sent can't be read. Please send it again.", 400) from None


SmallForm = Annotated[FormData, Depends(small_form)]


def field(sent: FormData, name: str) -> str:
    """A form's field, "" where it isn't there or is a file."""
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""


def signing(door: Door) -> APIRouter:
    """The routes at the door."""
    router = APIRouter(route_class=DoorRoute, dependencies=[Depends(door.is_there)])

    @router.get("/sign-in")
    def form(request: Request) -> Response:
        person = door.person(request)
        way = request.query_params.get("to", "")
        if person:
            return RedirectResponse(f"{up(request)}{_led(way, person.role)}", 303)
        return at_the_door(request, "", 200)

    @router.post("/sign-in")
    def sign_in(request: Request, sent: SmallForm) -> Response:
        return door.sign_in(request, field(sent, "name").strip(), field(sent, "password"), field(sent, "to"))

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        return door.sign_out(request)

    return router


def at_the_door(request: Request, line: str, status: int) -> HTMLResponse:
    """The form that takes name and password, or a sentence where none would help."""
    if status not in (200, 403, 429) or line in (NOT_YOURS, ELSEWHERE):
        return sentence(request, line, status)
    asked = getattr(request.state, "way", "") or request.query_params.get("to", "") or request.url.path.strip("/")
    to = asked if _WAY.fullmatch(asked) else ""
    return HTMLResponse(render("sign_in.html", line=line, status=status, to=to, up=up(request)), status)


def same_origin(request: Request) -> bool:
    """Whether the desk's own page sent this: the browser says so, and a page of another origin can't make it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return bool(origin and host) and urlsplit(origin or "").netloc.casefold() == (host or "").casefold()


def _led(way: str, role: Role) -> str:
    return way if _WAY.fullmatch(way) else role


def too_many(wait: float) -> str:
    """What is said to who has to wait so many seconds."""
    minutes = math.ceil(wait / 60)
    return f"Too many tries. Please try again in {minutes} minute{'' if minutes == 1 else 's'}."


async def _drain(request: Request) -> None:
    """Reads what comes with a request that is turned away; a browser that is still sending wouldn't read the answer."""
    got = 0
    with suppress(RuntimeError, ClientDisconnect):  # it was read already, or nobody is there any more
        async for part in request.stream():
            got += len(part)
            if got > _DRAINED:
                return
