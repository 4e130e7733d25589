"""The routes below /operator."""

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
from rag.web.auth.access import NO_PAGE, AccessControl, AccessDenied
from rag.web.auth.forms import form_with
from rag.web.auth.sign_in import GuardedRoute
from rag.web.operator.account_pages import AccountPages
from rag.web.operator.actions import Action, OperatorActions
from rag.web.operator.pages import OperatorPages
from rag.web.operator.uploads import read_uploads
from rag.web.operator.worker_process import WorkerProcess
from rag.web.service import Service

LOG = logging.getLogger(__name__)
# What the operator can put right; any other error is a fault of the service.
REFUSED = (
    *(AccountRefused, BulletinUnreadable, CorrectionUnusable, LibraryBusy, OperatorRefused, QuestionRefused),
    SettingInvalid,
)
ALL_METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]


OperatorForm = Annotated[FormData, Depends(form_with(limits.MAX_FORM_FIELDS))]


def operator_routes(service: Service, access: AccessControl, worker: WorkerProcess | None = None) -> APIRouter:
    """The routes over this service; ``worker`` runs the jobs (default: one that starts with the first job)."""
    used_worker = worker or WorkerProcess(service.settings)
    pages = OperatorPages(service, used_worker)
    actions = OperatorActions(service, used_worker, pages)
    account_pages = AccountPages(service, access, pages)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(used_worker.close)

    router = APIRouter(lifespan=lifespan, route_class=GuardedRoute, dependencies=[Depends(access.require_operator)])
    for address in ("/operator", "/operator/"):
        router.add_api_route(address, _page_route(pages, pages.overview), methods=["GET"])
    for name, make in {**pages.pages, **account_pages.pages}.items():
        router.add_api_route(f"/operator/{name}", _page_route(pages, make), methods=["GET"])
    for name, act in {**actions.actions, **account_pages.actions}.items():
        router.add_api_route(f"/operator/{name}", _action_route(pages, act), methods=["POST"])
    _add_job_and_upload(router, pages, actions)

    @router.api_route("/operator/{page:path}", methods=ALL_METHODS)
    @router.api_route("/operator", methods=ALL_METHODS[1:])
    def no_page() -> Response:
        raise AccessDenied(NO_PAGE, 404)

    return router


def _page_route(pages: OperatorPages, make: Callable[[Request], str]) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return _guarded(pages, request, lambda: HTMLResponse(make(request).encode(errors="backslashreplace")))

    return page


def _action_route(pages: OperatorPages, act: Action) -> Callable[[Request, FormData], Response]:
    def action(request: Request, form: OperatorForm) -> Response:
        with audit_log.as_actor(request.state.person.name):
            return _guarded(pages, request, lambda: act(request, form))

    return action


def _add_job_and_upload(router: APIRouter, pages: OperatorPages, actions: OperatorActions) -> None:
    @router.get("/operator/job.json")
    def progress() -> Response:
        return JSONResponse(actions.progress())

    @router.post("/operator/upload")
    async def upload(request: Request) -> Response:
        try:
            files = await read_uploads(request)
        except RagError as error:
            return await run_in_threadpool(_error_page, pages, request, error)

        def stage(request: Request) -> str:
            with audit_log.as_actor(request.state.person.name):
                return pages.new(request, actions.upload(files))

        try:
            return await run_in_threadpool(_page_route(pages, stage), request)
        finally:
            for file in files:
                await file.close()


def _guarded(pages: OperatorPages, request: Request, make: Callable[[], Response]) -> Response:
    try:
        return make()
    except RagError as error:
        return _error_page(pages, request, error)
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("an operator's request failed, number %s", number)
        line = f"Something went wrong. If you report it, give the number {number}."
        return HTMLResponse(pages.sentence(request, line), 500)


def _error_page(pages: OperatorPages, request: Request, error: RagError) -> Response:
    status = 409 if isinstance(error, REFUSED) else 500
    if status == 500:
        LOG.error("%s", error)
    return HTMLResponse(pages.sentence(request, f"{error}."), status)
