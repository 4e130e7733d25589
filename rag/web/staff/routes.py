"""The routes below /staff."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from rag import limits
from rag.admin import accounts, feedback, feedback_cases
from rag.errors import AccountRefused, LibraryBusy, OperatorRefused, RagError
from rag.library import audit_log, receipts
from rag.web.auth.access import WRONG_PASSWORD, AccessControl, AccessDenied
from rag.web.auth.forms import SmallForm, form_field, form_with
from rag.web.auth.sign_in import GuardedRoute
from rag.web.responses import up
from rag.web.service import Service
from rag.web.staff.pages import GONE, TABS, StaffPages
from rag.web.templating import render

LOG = logging.getLogger(__name__)
# What the staff can put right; any other error is a fault of the service.
REFUSED = (OperatorRefused, LibraryBusy)
QuoteForm = Annotated[FormData, Depends(form_with(limits.MAX_FEEDBACK_QUOTES + 10))]  # a tick for each quote at most


def staff_routes(service: Service, access: AccessControl) -> APIRouter:
    """The routes over this service, for whoever is signed in."""
    pages = StaffPages(service)
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])

    def add_page(address: str, make: Callable[[Request], str]) -> None:
        def page(request: Request) -> Response:
            return _page(service, pages, request, make)

        router.add_api_route(address, page, methods=["GET"])

    add_page("/staff/", pages.overview)
    add_page("/staff", pages.overview)
    add_page("/staff/missing", pages.missing)
    add_page("/staff/feedback", pages.feedback_list)
    _add_feedback(router, service, pages)
    add_page("/staff/receipts", pages.receipts)
    _add_receipts(router, service, pages)
    _add_password(router, service, access)
    return router


def _add_feedback(router: APIRouter, service: Service, pages: StaffPages) -> None:
    root, settings = service.settings.library, service.settings

    @router.get("/staff/feedback/{key}")
    def show_feedback(request: Request, key: str) -> Response:
        return _page(service, pages, request, lambda request: pages.feedback_page(request, key))

    @router.post("/staff/feedback/{key}/delete")
    def delete_feedback(request: Request, key: str) -> Response:
        def act() -> str:
            if not feedback.exists(root, key):
                raise OperatorRefused(GONE)
            with audit_log.recorded(root, "delete feedback", answer=key):
                feedback.remove(root, key)
            return "feedback?done=deleted"

        return _action(service, pages, request, act)

    @router.post("/staff/feedback/{key}/case")
    def make_case(request: Request, key: str, form: QuoteForm) -> Response:
        def act() -> str:
            given = pages.read_feedback(key)
            ticked = {int(value) for value in form.getlist("right") if isinstance(value, str) and value.isdecimal()}
            with audit_log.recorded(root, "make evaluation case", answer=key, folder=str(settings.cases)):
                case = feedback_cases.write_case(settings.cases, settings.seeds, given, ticked)
                feedback.mark_as_case(root, key, case)
            return f"feedback/{key}?done=case"

        return _action(service, pages, request, act)


def _add_receipts(router: APIRouter, service: Service, pages: StaffPages) -> None:
    root = service.settings.library

    @router.post("/staff/receipts/{identity}/delete")
    def delete_receipt(request: Request, identity: str) -> Response:
        def act() -> str:
            if identity not in receipts.list_stored(root):
                raise OperatorRefused("There is no such kept answer any more")
            with audit_log.recorded(root, "delete kept answer", receipt=identity):
                receipts.remove(root, identity)
            return "receipts?done=deleted"

        return _action(service, pages, request, act)


def _add_password(router: APIRouter, service: Service, access: AccessControl) -> None:
    """The page on which one changes the password of one's account, by giving the present one."""
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
        try:
            access.authenticate(request, name, form_field(sent, "before"), "change own password")
            if form_field(sent, "password") != form_field(sent, "again"):
                return page(request, "The new password was typed in two ways.", 409)
            with audit_log.as_actor(name), audit_log.recorded(root, "change own password"):
                accounts.set_password(root, name, form_field(sent, "password"))
        except AccessDenied as denied:
            wrong = denied.status == 403
            return page(request, WRONG_PASSWORD if wrong else denied.line, 409 if wrong else denied.status)
        except AccountRefused as error:
            return page(request, f"{error}.", 409)
        except RagError as error:
            LOG.error("%s", error)
            return page(request, "The password could not be changed. The desk's log says why.", 500)
        return RedirectResponse(f"{up(request)}sign-in", 303)


def _page(service: Service, pages: StaffPages, request: Request, make: Callable[[Request], str]) -> Response:
    return _guarded(service, pages, request, lambda: HTMLResponse(make(request).encode(errors="backslashreplace")))


def _action(service: Service, pages: StaffPages, request: Request, act: Callable[[], str]) -> Response:
    """Acts in the name of who is signed in, then leads to the page below /staff that ``act`` returns."""

    def answer() -> Response:
        with audit_log.as_actor(request.state.person.name):
            return RedirectResponse(f"{up(request)}staff/{act()}", 303)

    return _guarded(service, pages, request, answer)


def _guarded(service: Service, pages: StaffPages, request: Request, make: Callable[[], Response]) -> Response:
    try:
        return make()
    except RagError as error:
        status = 409 if isinstance(error, REFUSED) else 500
        if status == 500:
            LOG.error("%s", error)
        return HTMLResponse(pages.sentence(request, f"{error}."), status)
    except Exception:
        service.metrics.record_failure()
        number = secrets.token_hex(4)
        LOG.exception("a staff's request failed, number %s", number)
        line = f"Something went wrong. If you report it, give the number {number}."
        return HTMLResponse(pages.sentence(request, line), 500)
