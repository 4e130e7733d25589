"""The operator's pages: bulletins come in, are looked at, corrected and published, and can be gone back from.

Where no token was made with ``python -m rag operator-token`` no address below /operator exists.
"""

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

from rag.errors import (
    BulletinUnreadable,
    CorrectionUnusable,
    LibraryBusy,
    OperatorRefused,
    QuestionRefused,
    RagError,
    SettingInvalid,
)
from rag.web.desk import Desk
from rag.web.operator.acts import Acts, field
from rag.web.operator.child import Child, Worker
from rag.web.operator.door import Denied, Door, OperatorRoute, at_the_door
from rag.web.operator.uploads import received
from rag.web.operator.views import Views

LOG = logging.getLogger(__name__)
MOST_FIELDS = 20_000  # of a form; a bulletin may have many sections, and each as many boxes as there are districts
# What the operator can put right; everything else is the desk's fault.
REFUSED = (BulletinUnreadable, CorrectionUnusable, LibraryBusy, OperatorRefused, QuestionRefused, SettingInvalid)
OTHERS = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]
NO_PAGE = "There is no such page."


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=0, max_fields=MOST_FIELDS)
    except HTTPException:
        raise Denied("What was sent can't be read. Please send it again.", 400) from None


Sent = Annotated[FormData, Depends(_form)]


def operator(desk: Desk, worker: Worker | None = None) -> APIRouter:
    """The routes over this desk; ``worker`` does the jobs (default: a process of its own, begun with the first)."""
    own = worker or Child(desk.settings)
    door, views = Door(desk.settings.library), Views(desk, own)
    acts = Acts(desk, own, views)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(own.close)

    def made(request: Request, make: Callable[[Request], str]) -> Response:
        """The page; where it can't be made, the sentence that says why."""
        return _answered(views, request, lambda: HTMLResponse(make(request).encode(errors="backslashreplace")))

    router = APIRouter(lifespan=lifespan)
    outside = APIRouter(route_class=OperatorRoute, dependencies=[Depends(door.is_there)])
    inside = APIRouter(route_class=OperatorRoute, dependencies=[Depends(door.may_operate)])

    @outside.get("/operator")
    @outside.get("/operator/")
    def overview(request: Request) -> Response:
        return made(request, views.overview) if door.has_session(request) else at_the_door(request, "", 200)

    @outside.post("/operator/sign-in")
    def sign_in(request: Request, sent: Sent) -> Response:
        return door.sign_in(request, field(sent, "token"))

    @outside.post("/operator/sign-out")
    def sign_out(request: Request) -> Response:
        return door.sign_out(request)

    @inside.get("/operator/job.json")
    def progress() -> Response:
        return JSONResponse(acts.progress())

    @inside.post("/operator/upload")
    async def upload(request: Request) -> Response:
        try:
            files = await received(request)
        except RagError as error:
            return await run_in_threadpool(_told, views, request, error)
        try:
            return await run_in_threadpool(made, request, lambda request: views.new(request, acts.upload(files)))
        finally:
            for file in files:
                await file.close()

    @inside.get("/operator/{page:path}")
    def page(request: Request, page: str) -> Response:
        make = views.pages.get(page)
        if make is None:
            raise Denied(NO_PAGE, 404)
        return made(request, make)

    @inside.post("/operator/{act:path}")
    def act(request: Request, act: str, sent: Sent) -> Response:
        do = acts.acts.get(act)
        if do is None:
            raise Denied(NO_PAGE, 404)
        return _answered(views, request, lambda: do(request, sent))

    @inside.api_route("/operator", methods=OTHERS)
    @inside.api_route("/operator/{page:path}", methods=OTHERS)
    def nothing() -> Response:
        raise Denied(NO_PAGE, 404)

    router.include_router(outside)
    router.include_router(inside)
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
