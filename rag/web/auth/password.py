"""Whoever has an account changes its password, by showing the one of before."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rag.admin import accounts, login_throttle
from rag.errors import AccountRefused, RagError
from rag.library import audit_log
from rag.web.auth.access import WRONG_PASSWORD, Door, DoorRoute, SmallForm, field, too_many
from rag.web.pages.routes import up
from rag.web.service import Desk
from rag.web.staff.pages import WAYS
from rag.web.templating import render

LOG = logging.getLogger(__name__)


def password(desk: Desk, door: Door) -> APIRouter:
    """The routes over this desk."""
    router = APIRouter(route_class=DoorRoute, dependencies=[Depends(door.staff)])
    root = desk.settings.library

    def page(request: Request, line: str = "", status: int = 200) -> Response:
        values = {"person": request.state.person, "ways": WAYS, "current": "password", "how": "page", "said": ""}
        shortest, longest = accounts.SHORTEST, accounts.LONGEST
        html = render("staff_password.html", line=line, up=up(request), least=shortest, most=longest, **values)
        return HTMLResponse(html, status)

    @router.get("/staff/password")
    def form(request: Request) -> Response:
        return page(request)

    @router.post("/staff/password")
    def change(request: Request, sent: SmallForm) -> Response:
        name = request.state.person.name
        keys = [f"account {name}"]
        try:
            if wait := login_throttle.take(root, keys):
                return page(request, too_many(wait), 429)
            if accounts.check(root, name, field(sent, "before")) is None:
                return page(request, WRONG_PASSWORD, 409)
            login_throttle.right(root, keys)
            if field(sent, "password") != field(sent, "again"):
                return page(request, "The new password was typed in two ways.", 409)
            with audit_log.acting(name), audit_log.noting(root, "change own password"):
                accounts.set_password(root, name, field(sent, "password"))
        except AccountRefused as error:
            return page(request, f"{error}.", 409)
        except RagError as error:
            LOG.error("%s", error)
            return page(request, "The password could not be changed. The desk's log says why.", 500)
        return RedirectResponse(f"{up(request)}sign-in", 303)

    return router
