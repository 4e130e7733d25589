"""Who is let in to the operator's pages, and how the door looks to everybody else."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from rag.errors import LibraryDamaged
from rag.operating import token
from rag.web.operator.limiter import Limiter
from rag.web.render import render
from rag.web.routes import sentence, up

LOG = logging.getLogger(__name__)
COOKIE = "operator"
LONGEST = 200  # characters of what may be a token
# The guard's "no-referrer" would take the origin from the forms that are sent.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_DRAINED = 20_000_000  # bytes of a request that is turned away which are read, so that the browser gets to read why
NOBODY = "Sign in to operate the desk."
ELSEWHERE = "This was not sent from the desk's own page, so nothing was done."
WRONG = "This is not the token, or a newer one has been made since."
DAMAGED = "The operator's token can't be read. Make a new one at the command line: python -m rag operator-token"


class Denied(Exception):
    """What is said at the door, and the status; ``wait`` are seconds until the next try."""

    def __init__(self, line: str, status: int, wait: float = 0.0) -> None:
        self.line = line
        self.status = status
        self.wait = wait
        super().__init__(line)


class Door:
    """The operator's door to the library at ``root``.  Where no token was ever made there is none."""

    def __init__(self, root: Path, limiter: Limiter | None = None) -> None:
        self._root = root
        self._limiter = limiter or Limiter()

    def may_operate(self, request: Request) -> None:
        """Every operator's route depends on this.

        Raises:
            Denied: the request isn't the operator's, or would change something and comes from another page.
        """
        self.is_there(request)
        if not self.has_session(request):
            raise Denied(NOBODY, 403)

    def is_there(self, request: Request) -> None:
        """What the door itself depends on.

        Raises:
            Denied: no token was made, or the request would change something and comes from another page.
        """
        try:
            there = token.exists(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            raise Denied(DAMAGED, 500) from None
        if not there:
            raise Denied("There is no such page.", 404)
        if request.method not in ("GET", "HEAD") and not _same_origin(request):
            raise Denied(ELSEWHERE, 403)

    def has_session(self, request: Request) -> bool:
        return token.holds(self._root, request.cookies.get(COOKIE, ""))

    def sign_in(self, request: Request, given: str) -> Response:
        """To the operator's page, with the session.

        Raises:
            Denied: it isn't the token, or too many have been tried.
        """
        if wait := self._limiter.wait():
            minutes = math.ceil(wait / 60)
            line = f"Too many wrong tokens. Please try again in {minutes} minute{'' if minutes == 1 else 's'}."
            raise Denied(line, 429, wait)
        if len(given) > LONGEST or not token.check(self._root, given):
            raise Denied(WRONG, 403)
        self._limiter.right()
        response = RedirectResponse(f"{up(request)}operator", 303)
        # Without a path the browser takes this address's own folder: /operator, or the same below another address.
        response.set_cookie(
            COOKIE,
            token.new_session(self._root),
            max_age=token.LASTS,
            path=None,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def sign_out(self, request: Request) -> Response:
        response = RedirectResponse(f"{up(request)}operator", 303)
        response.set_cookie(COOKIE, "", max_age=0, path=None, httponly=True, samesite="strict")
        return response


class OperatorRoute(APIRoute):
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


def at_the_door(request: Request, line: str, status: int) -> HTMLResponse:
    """The form that takes the token, or a sentence where none would help."""
    if status not in (200, 403, 429):
        return sentence(request, line, status)
    return HTMLResponse(render("operator_door.html", line=line, status=status, up=up(request)), status)


async def _drain(request: Request) -> None:
    """Reads what comes with a request that is turned away; a browser that is still sending wouldn't read the answer."""
    got = 0
    with suppress(RuntimeError, ClientDisconnect):  # it was read already, or nobody is there any more
        async for part in request.stream():
            got += len(part)
            if got > _DRAINED:
                return


def _same_origin(request: Request) -> bool:
    """Whether the desk's own page sent this: the browser says so, and a page of another origin can't make it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return bool(origin and host) and urlsplit(origin or "").netloc.casefold() == (host or "").casefold()
