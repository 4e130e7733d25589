"""The staff's pages below /staff: charts, feedback that becomes evaluation cases, what is missing, kept answers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from rag import limits
from rag.admin import feedback, feedback_cases
from rag.errors import LibraryBusy, OperatorRefused, RagError
from rag.library import audit_log, receipts
from rag.web.auth.access import Denied, Door, DoorRoute, Person
from rag.web.pages.routes import up
from rag.web.service import Desk
from rag.web.staff.pages import GONE, Views

LOG = logging.getLogger(__name__)
# What the staff can put right; everything else is the desk's fault.
REFUSED = (OperatorRefused, LibraryBusy)


async def _ticks(request: Request) -> FormData:
    """A form with a tick for each quote of an answer at most."""
    try:
        return await request.form(max_files=0, max_fields=limits.MAX_FEEDBACK_QUOTES + 10)
    except HTTPException:
        raise Denied("What was sent can't be read. Please send it again.", 400) from None


Ticks = Annotated[FormData, Depends(_ticks)]


def staff(desk: Desk, door: Door) -> APIRouter:
    """The routes over this desk, for who is signed in."""
    views = Views(desk)
    router = APIRouter(route_class=DoorRoute, dependencies=[Depends(door.staff)])
    root, settings = desk.settings.library, desk.settings

    def shown(request: Request, make: Callable[[Request], str]) -> Response:
        return _answered(desk, views, request, lambda: HTMLResponse(make(request).encode(errors="backslashreplace")))

    def done(request: Request, do: Callable[[], str]) -> Response:
        """Does it in the name of who is signed in, then leads to the page below /staff that it returns."""
        person: Person = request.state.person

        def answer() -> Response:
            with audit_log.acting(person.name):
                return RedirectResponse(f"{up(request)}staff/{do()}", 303)

        return _answered(desk, views, request, answer)

    @router.get("/staff")
    @router.get("/staff/")
    def overview(request: Request) -> Response:
        return shown(request, views.overview)

    @router.get("/staff/missing")
    def missing(request: Request) -> Response:
        return shown(request, views.missing)

    @router.get("/staff/feedback")
    def listed(request: Request) -> Response:
        return shown(request, views.feedback)

    @router.get("/staff/feedback/{key}")
    def one(request: Request, key: str) -> Response:
        return shown(request, lambda request: views.one(request, key))

    @router.post("/staff/feedback/{key}/delete")
    def delete(request: Request, key: str) -> Response:
        def do() -> str:
            if not feedback.exists(root, key):
                raise OperatorRefused(GONE)
            with audit_log.noting(root, "delete feedback", answer=key):
                feedback.remove(root, key)
            return "feedback?done=deleted"

        return done(request, do)

    @router.post("/staff/feedback/{key}/case")
    def case(request: Request, key: str, sent: Ticks) -> Response:
        def do() -> str:
            given = views.given(key)
            ticked = {int(value) for value in sent.getlist("right") if isinstance(value, str) and value.isdecimal()}
            with audit_log.noting(root, "make evaluation case", answer=key, folder=str(settings.cases)):
                made = feedback_cases.make(settings.cases, settings.seeds, given, ticked)
                feedback.mark(root, key, made)
            return f"feedback/{key}?done=case"

        return done(request, do)

    @router.get("/staff/receipts")
    def receipts_page(request: Request) -> Response:
        return shown(request, views.receipts)

    @router.post("/staff/receipts/{identity}/delete")
    def forget(request: Request, identity: str) -> Response:
        def do() -> str:
            if identity not in receipts.stored(root):
                raise OperatorRefused("There is no such kept answer any more")
            with audit_log.noting(root, "delete kept answer", receipt=identity):
                receipts.remove(root, identity)
            return "receipts?done=deleted"

        return done(request, do)

    return router


def _answered(desk: Desk, views: Views, request: Request, make: Callable[[], Response]) -> Response:
    try:
        return make()
    except RagError as error:
        status = 409 if isinstance(error, REFUSED) else 500
        if status == 500:
            LOG.error("%s", error)
        return HTMLResponse(views.sentence(request, f"{error}."), status)
    except Exception:
        desk.metrics.failed()
        number = secrets.token_hex(4)
        LOG.exception("a staff's request failed, number %s", number)
        line = f"Something went wrong. If you report it, give the number {number}."
        return HTMLResponse(views.sentence(request, line), 500)
