"""The routes of bulletins, and of the permanent links of quotes and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rag import limits
from rag.answer.citation.receipt import of_answer
from rag.answer.csv_export import file_name, to_csv
from rag.budget import OverBudget, limited
from rag.errors import RagError
from rag.library import audit_log, receipts
from rag.web.auth.access import AccessControl
from rag.web.auth.sign_in import GuardedRoute
from rag.web.middleware.rate_limit import Pace
from rag.web.pages.answer import answer_page
from rag.web.pages.bulletin import bulletin_html, comparison_html
from rag.web.pages.catalogue import browse
from rag.web.pages.quote import FILES, File, quote_file, quote_html
from rag.web.responses import failure_line, refusal, sentence, up
from rag.web.service import Service
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

NO_ANSWER = "The desk keeps no answer under this address."
TOO_MUCH = "This page would take too long to make. Please open a bulletin by itself, or search for less."
Made = TypeVar("Made")


def page_routes(service: Service, pace: Pace) -> APIRouter:
    """The routes over this service."""
    router = APIRouter()
    _add_csv_file(router, service, pace)
    _add_bulletin_pages(router, service, pace)
    _add_permanent_links(router, service, pace)
    return router


def receipt_routes(service: Service, access: AccessControl) -> APIRouter:
    """The route by which the staff link an answer: whoever has the link can open its receipt from then on."""
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])

    @router.post("/answer/{key}/keep")
    def keep_answer(request: Request, key: str) -> Response:
        answer = service.answers.get(key)
        if answer is None:
            gone = "The desk no longer keeps this answer. Please ask again, and link the new one."
            return sentence(request, gone, 404)
        today = dt.date.today()
        kept = _with_library(
            service, request, lambda library: receipts.store(library.root, of_answer(answer, library, today))
        )
        if isinstance(kept, Response):
            return kept
        audit_log.write(service.settings.library, request.state.person.name, "link answer", receipt=kept)
        return RedirectResponse(f"{up(request)}answer/{kept}", 303)

    return router


def _add_csv_file(router: APIRouter, service: Service, pace: Pace) -> None:
    @router.get("/answer/{key}.csv")
    def answer_csv(request: Request, key: str) -> Response:
        answer = service.answers.get(key)
        if service.serving is None or answer is None:
            gone = "The desk no longer keeps this answer. Please ask again, and save the new answer."
            return sentence(request, gone, 404)
        # its texts are kept, whatever its generation
        table = _with_library(service, request, lambda library: to_csv(answer, library), pace)
        if isinstance(table, Response):
            return table
        name = file_name(answer, dt.date.today())
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def _add_bulletin_pages(router: APIRouter, service: Service, pace: Pace) -> None:
    @router.get("/bulletins")
    def bulletins(request: Request) -> Response:
        def make(library: Library) -> str:
            catalogue = browse(library, request.query_params.multi_items())
            return render("bulletins.html", catalogue=catalogue, filters=catalogue.filters, up=up(request))

        return _respond(service, pace, request, make, "")

    @router.get("/bulletin/{sha256}/beside/{other}")
    def comparison(request: Request, sha256: str, other: str) -> Response:
        missing = "The desk holds no two texts under this address."
        return _respond(
            service, pace, request, lambda library: comparison_html(library, sha256, other, up=up(request)), missing
        )

    @router.get("/bulletin/{sha256:path}")
    def bulletin(request: Request, sha256: str, start: str | None = None, end: str | None = None) -> Response:
        missing = "The desk holds no bulletin under this address."
        return _respond(
            service, pace, request, lambda library: bulletin_html(library, sha256, start, end, up=up(request)), missing
        )


def _add_permanent_links(router: APIRouter, service: Service, pace: Pace) -> None:
    @router.get("/quote/{address:path}")
    def quote(request: Request, address: str) -> Response:
        missing = "The desk holds no quote under this address: its text or its place there is unknown."
        sha256, _, name = address.partition("/")
        place, dot, ending = name.partition(".")
        suffix = dot + ending
        if suffix and suffix not in FILES:
            return sentence(request, missing, 404)

        def make(library: Library) -> str | File | None:
            if suffix:
                return quote_file(library, sha256, place, suffix)
            return quote_html(library, sha256, place, up=up(request))

        return _respond(service, pace, request, make, missing)

    @router.get("/answer/{identity:path}.json")
    def receipt(request: Request, identity: str) -> Response:
        def make(library: Library) -> File | None:
            stored = receipts.load(library.root, identity)
            return File(stored.to_bytes(), "application/json", f"answer-{identity[:12]}.json") if stored else None

        return _respond(service, pace, request, make, NO_ANSWER)

    @router.get("/answer/{identity:path}")
    def answer(request: Request, identity: str) -> Response:
        return _respond(
            service, pace, request, lambda library: answer_page(library, identity, up=up(request)), NO_ANSWER
        )


def _respond(
    service: Service, pace: Pace, request: Request, make: Callable[[Library], str | File | None], missing: str
) -> Response:
    """The page or file that ``make`` makes of the library; where it can't, a page that says why."""
    made = _with_library(service, request, make, pace)
    if isinstance(made, Response):
        return made
    if made is None:
        return sentence(request, missing, 404)
    if isinstance(made, str):  # the name of a file may hold bytes that are no text; they are shown by their numbers
        return HTMLResponse(made.encode(errors="backslashreplace"))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)


def _with_library(
    service: Service, request: Request, make: Callable[[Library], Made], pace: Pace | None = None
) -> Made | Response:
    """Returns what ``make`` makes of the library, at the reader's ``pace``; where it can't, a page that says why."""
    serving = service.serving
    if serving is None:
        return sentence(request, "The desk is still getting ready. Please try again in a moment.", 503)
    sender = pace.sender(request) if pace else ""
    if pace and (refused := pace.refusal(sender, asks=False)):
        return refusal(request.scope, refused.line, 429, wait=refused.wait)
    try:
        with (
            pace.work(sender) if pace else nullcontext(),
            limited(limits.PAGE_CPU_SECONDS, limits.PAGE_SECONDS, TOO_MUCH),
        ):
            return make(serving.library)
    except OverBudget as error:
        return sentence(request, str(error), 422)
    except Exception as error:  # noqa: BLE001 - it is logged, with its number
        if not isinstance(error, RagError):
            service.metrics.record_failure()
        return sentence(request, failure_line(error, "this page was not made"), 500)
