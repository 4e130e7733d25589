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
from rag.admin import feedback, feedback_cases
from rag.errors import LibraryBusy, OperatorRefused, RagError
from rag.library import audit_log, receipts
from rag.web.auth.access import AccessControl
from rag.web.auth.forms import form_with
from rag.web.auth.sign_in import GuardedRoute
from rag.web.responses import up
from rag.web.service import Service
from rag.web.staff.pages import GONE, StaffPages

LOG = logging.getLogger(__name__)
# What the staff can put right; any other error is a fault of the service.
REFUSED = (OperatorRefused, LibraryBusy)


QuoteForm = Annotated[FormData, Depends(form_with(limits.MAX_FEEDBACK_QUOTES + 10))]  # a tick for each quote at most


def staff_routes(service: Service, access: AccessControl) -> APIRouter:
    """The routes over this service, for whoever is signed in."""
    pages = StaffPages(service)
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])
    _add_overview(router, service, pages)
    _add_feedback(router, service, pages)
    _add_receipts(router, service, pages)
    return router


def _add_overview(router: APIRouter, service: Service, pages: StaffPages) -> None:
    @router.get("/staff")
    @router.get("/staff/")
    def overview(request: Request) -> Response:
        return _page(service, pages, request, pages.overview)

    @router.get("/staff/missing")
    def missing(request: Request) -> Response:
        return _page(service, pages, request, pages.missing)


def _add_feedback(router: APIRouter, service: Service, pages: StaffPages) -> None:
    root, settings = service.settings.library, service.settings

    @router.get("/staff/feedback")
    def list_feedback(request: Request) -> Response:
        return _page(service, pages, request, pages.feedback_list)

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

    @router.get("/staff/receipts")
    def list_receipts(request: Request) -> Response:
        return _page(service, pages, request, pages.receipts)

    @router.post("/staff/receipts/{identity}/delete")
    def delete_receipt(request: Request, identity: str) -> Response:
        def act() -> str:
            if identity not in receipts.list_stored(root):
                raise OperatorRefused("There is no such kept answer any more")
            with audit_log.recorded(root, "delete kept answer", receipt=identity):
                receipts.remove(root, identity)
            return "receipts?done=deleted"

        return _action(service, pages, request, act)


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
