"""The routes by which one signs in and out, and the form that whoever isn't let in gets instead of a page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from rag import limits
from rag.admin.accounts import Role
from rag.web.auth.access import (
    OPERATORS_ONLY,
    OTHER_ORIGIN,
    UNNAMED_FRONT_SERVER,
    AccessControl,
    AccessDenied,
    cookie_name,
)
from rag.web.auth.forms import SmallForm, form_field
from rag.web.responses import sentence, up
from rag.web.templating import render

# The "no-referrer" of all other pages would take the origin from the forms that these send.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_DRAIN_BYTES = 20_000_000  # read of a request that is turned away, so that the browser gets to read why
_TARGET = re.compile(r"(?:staff|operator)(?:/[a-z-]+)?")  # where one may be led after signing in


class GuardedRoute(APIRoute):
    """A route that nothing caches, and that answers ``AccessDenied`` with the form to sign in or with its line."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wraps the handler of FastAPI."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                response = await handle(request)
            except AccessDenied as denied:
                await _drain(request)
                response = await run_in_threadpool(sign_in_page, request, denied.line, denied.status)
                if denied.wait:
                    response.headers["Retry-After"] = str(math.ceil(denied.wait))
            response.headers.update(HEADERS)
            return response

        return guarded


def sign_in_routes(access: AccessControl) -> APIRouter:
    """The routes over these accounts."""
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_accounts)])

    @router.get("/sign-in")
    def form(request: Request) -> Response:
        access.require_named_proxy(request)
        person = access.person(request)
        if person:
            return _redirect(request, request.query_params.get("to", ""), person.role)
        return sign_in_page(request, "", 200)

    @router.post("/sign-in")
    def sign_in(request: Request, sent: SmallForm) -> Response:
        request.state.target = target = form_field(sent, "to")
        access.require_named_proxy(request)
        account, session = access.sign_in(request, form_field(sent, "name").strip(), form_field(sent, "password"))
        response = _redirect(request, target, account.role)
        _set_cookie(request, response, session, limits.SESSION_SECONDS)
        return response

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        access.sign_out(request)
        response = RedirectResponse(f"{up(request)}sign-in", 303)
        _set_cookie(request, response, "", 0)
        return response

    return router


def sign_in_page(request: Request, line: str, status: int) -> HTMLResponse:
    """The form that takes name and password, or the line alone where signing in wouldn't help."""
    if status not in (200, 403, 429) or line in (OPERATORS_ONLY, OTHER_ORIGIN, UNNAMED_FRONT_SERVER):
        return sentence(request, line, status)
    target = getattr(request.state, "target", "") or request.query_params.get("to", "") or request.url.path.strip("/")
    to = target if _TARGET.fullmatch(target) else ""
    return HTMLResponse(render("sign_in.html", line=line, status=status, to=to, up=up(request)), status)


def _redirect(request: Request, target: str, role: Role) -> RedirectResponse:
    return RedirectResponse(f"{up(request)}{target if _TARGET.fullmatch(target) else role}", 303)


def _set_cookie(request: Request, response: Response, value: str, seconds: int) -> None:
    # A name that begins with "__Host-" needs the path "/".  Over http, without a path, the browser takes this address's
    # own folder: the server's root, wherever that is.
    secure = request.url.scheme == "https"
    path, name = ("/" if secure else None), cookie_name(request)
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


async def _drain(request: Request) -> None:
    """Reads the body of a request that is turned away: a browser that is still sending wouldn't read the answer."""
    received = 0
    with suppress(RuntimeError, ClientDisconnect):  # it was read already, or the client has left
        async for part in request.stream():
            received += len(part)
            if received > _DRAIN_BYTES:
                return
