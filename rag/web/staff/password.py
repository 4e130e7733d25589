"""The page on which whoever is signed in changes the account's password, by giving the present one."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rag.admin import accounts, login_throttle
from rag.errors import AccountRefused, RagError
from rag.library import audit_log
from rag.web.auth.access import AccessControl, too_many_tries
from rag.web.auth.forms import SmallForm, form_field
from rag.web.auth.sign_in import GuardedRoute
from rag.web.responses import up
from rag.web.service import Service
from rag.web.staff.pages import TABS
from rag.web.templating import render

LOG = logging.getLogger(__name__)
WRONG_PASSWORD = "This is not the account’s password."


def password_routes(service: Service, access: AccessControl) -> APIRouter:
    """The routes over this service."""
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])
    root = service.settings.library

    def page(request: Request, line: str = "", status: int = 200) -> Response:
        values = {"person": request.state.person, "tabs": TABS, "current": "password", "how": "page", "said": ""}
        shortest, longest = accounts.MIN_PASSWORD_CHARS, accounts.MAX_PASSWORD_CHARS
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
                return page(request, too_many_tries(wait), 429)
            if accounts.authenticate(root, name, form_field(sent, "before")) is None:
                return page(request, WRONG_PASSWORD, 409)
            login_throttle.give_back(root, keys)
            if form_field(sent, "password") != form_field(sent, "again"):
                return page(request, "The new password was typed in two ways.", 409)
            with audit_log.as_actor(name), audit_log.recorded(root, "change own password"):
                accounts.set_password(root, name, form_field(sent, "password"))
        except AccountRefused as error:
            return page(request, f"{error}.", 409)
        except RagError as error:
            LOG.error("%s", error)
            return page(request, "The password could not be changed. The desk's log says why.", 500)
        return RedirectResponse(f"{up(request)}sign-in", 303)

    return router
