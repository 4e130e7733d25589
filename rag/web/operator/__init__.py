"""The operator's pages: bulletins come in, are looked at, corrected and published, and can be gone back from; accounts,
the audit log, the notice and the off switch."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from rag import limits
from rag.errors import (
    AccountRefused,
    BulletinUnreadable,
    CorrectionUnusable,
    LibraryBusy,
    OperatorRefused,
    QuestionRefused,
    RagError,
    SettingInvalid,
)
from rag.library import audit_log
from rag.web.auth.access import NO_PAGE, Denied, Door, DoorRoute, Person
from rag.web.operator.account_pages import Keys
from rag.web.operator.actions import Act, Acts
from rag.web.operator.pages import Views
from rag.web.operator.uploads import received
from rag.web.operator.worker_process import Child, Worker
from rag.web.service import Desk

LOG = logging.getLogger(__name__)
# What the operator can put right; everything else is the desk's fault.
REFUSED = (
    *(AccountRefused, BulletinUnreadable, CorrectionUnusable, LibraryBusy, OperatorRefused, QuestionRefused),
    SettingInvalid,
)
OTHERS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=0, max_fields=limits.MAX_FORM_FIELDS)
    except HTTPException:
        raise Denied("What was sent can't be read. Please send it again.", 400) from None


Sent = Annotated[FormData, Depends(_form)]


def operator(desk: Desk, door: Door, worker: Worker | None = None) -> APIRouter:
    """The routes over this desk; ``worker`` does the jobs (default: a process of its own, begun with the first)."""
    own = worker or Child(desk.settings)
    views = Views(desk, own)
    acts, keys = Acts(desk, own, views), Keys(desk, views)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(own.close)

    router = APIRouter(lifespan=lifespan, route_class=DoorRoute, dependencies=[Depends(door.operator)])
    Operator = Annotated[Person, Depends(door.operator)]  # noqa: N806 a type, though made here

    def page_of(make: Callable[[Request], str]) -> Callable[[Request], Response]:
        def page(request: Request) -> Response:
            return _answered(views, request, lambda: HTMLResponse(make(request).encode(errors="backslashreplace")))

        return page

    def act_of(do: Act) -> Callable[..., Response]:
        # FastAPI reads the types of the arguments where they are made, not where they are written
        def act(request: Request, person, sent) -> Response:  # type: ignore[no-untyped-def]
            with audit_log.acting(person.name):
                return _answered(views, request, lambda: do(request, sent))

        act.__annotations__ = {"request": Request, "person": Operator, "sent": Sent, "return": Response}
        return act

    for address in ("/operator", "/operator/"):
        router.add_api_route(address, page_of(views.overview), methods=["GET"])
    for name, make in {**views.pages, **keys.pages}.items():
        router.add_api_route(f"/operator/{name}", page_of(make), methods=["GET"])
    for name, do in {**acts.acts, **keys.acts}.items():
        router.add_api_route(f"/operator/{name}", act_of(do), methods=["POST"])

    @router.get("/operator/job.json")
    def progress() -> Response:
        return JSONResponse(acts.progress())

    @router.post("/operator/upload")
    async def upload(request: Request) -> Response:
        try:
            files = await received(request)
        except RagError as error:
            return await run_in_threadpool(_told, views, request, error)
        person: Person = request.state.person

        def taken(request: Request) -> str:
            with audit_log.acting(person.name):
                return views.new(request, acts.upload(files))

        try:
            return await run_in_threadpool(page_of(taken), request)
        finally:
            for file in files:
                await file.close()

    @router.api_route("/operator/{page:path}", methods=OTHERS)
    @router.api_route("/operator", methods=OTHERS[1:])
    def nothing() -> Response:
        raise Denied(NO_PAGE, 404)

    return router


def _answered(views: Views, request: Request, make: Callable[[], Response]) -> Response:
    try:
        return make()
    except RagError as error:
        return _told(views, request, error)
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("an operator's request failed, number %s", number)
        line = f"Something went wrong. If you report it, give the number {number}."
        return HTMLResponse(views.sentence(request, line), 500)


def _told(views: Views, request: Request, error: RagError) -> Response:
    status = 409 if isinstance(error, REFUSED) else 500
    if status == 500:
        LOG.error("%s", error)
    return HTMLResponse(views.sentence(request, f"{error}."), status)
