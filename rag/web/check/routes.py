"""The pages that check quotations, and their reports as files: one quotation for anybody, whole drafts for the staff.
The server keeps nothing of a draft: each request brings it along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from rag import limits
from rag.checking.drafts import labels
from rag.checking.drafts.annotate import marked
from rag.checking.drafts.report_files import WRITERS, file_name
from rag.checking.models import Checked, Place
from rag.web.auth.access import Door, DoorRoute
from rag.web.check.form import FormRefused, read_form
from rag.web.check.jobs import Audits, Outcome
from rag.web.pages.routes import up
from rag.web.service import Desk
from rag.web.staff.pages import WAYS
from rag.web.templating import TEMPLATES, render

if TYPE_CHECKING:
    from rag.library.reader import Library

LINES = "application/x-ndjson"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "html": "text/html; charset=utf-8"}
TEMPLATES.filters.update(holds=labels.holds, of_what=labels.of_what, summary=labels.summary)


def check_page(desk: Desk) -> APIRouter:
    """The page where anybody checks one quotation."""
    return _page_at("check", APIRouter(), desk, Audits(desk), one=True)


def draft_page(desk: Desk, door: Door) -> APIRouter:
    """The page where the staff check whole drafts."""
    router = APIRouter(route_class=DoorRoute, dependencies=[Depends(door.staff)])
    return _page_at("staff/check", router, desk, Audits(desk), one=False)


def _page_at(address: str, router: APIRouter, desk: Desk, audits: Audits, *, one: bool) -> APIRouter:
    of_form = audits.of_one if one else audits.of_form

    def page(request: Request, outcome: Outcome) -> HTMLResponse:
        head = {} if one else {"person": request.state.person, "ways": WAYS, "current": "check", "how": "page"}
        values = {
            "address": address,
            "one": limits.MAX_PUBLIC_QUOTATION_CHARS if one else None,
            "up": up(request),
            **head,
        }
        html = render("check.html", outcome=outcome, result=_result(outcome), **values)
        return HTMLResponse(html, outcome.status, {"Cache-Control": "no-store"})

    async def shown(request: Request, outcome: Outcome) -> HTMLResponse:
        return await run_in_threadpool(page, request, outcome)  # a long draft takes its time

    def last(outcome: Outcome, up: str) -> dict[str, Any]:
        html = render("check_result.html", result=_result(outcome), outcome=outcome, address=address, up=up)
        return {"html": html, "draft": outcome.text, "name": outcome.name}

    @router.get(f"/{address}")
    async def form(request: Request, sha256: str = "", start: str = "", end: str = "") -> Response:
        if not sha256:
            return page(request, Outcome())
        return await shown(request, await audits.run(audits.of_slice(sha256, start, end)))

    @router.post(f"/{address}")
    async def check(request: Request) -> Response:
        try:
            sent = await read_form(request)
        except FormRefused as error:
            refused = Outcome(problem=f"{error}.", status=error.status)
            return page(request, refused)
        ready = desk.serving is not None
        work = of_form(sent) if ready else lambda progress: audits.unready(sent)
        if LINES in request.headers.get("accept", ""):
            status = 200 if ready else 503
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return StreamingResponse(audits.told(work, partial(last, up=sent.up)), status, headers, LINES)
        return await shown(request, await audits.run(work))

    @router.post(f"/{address}/report.{{kind}}")
    async def report(request: Request, kind: str) -> Response:
        try:
            outcome = await audits.run(of_form(await read_form(request)))
        except FormRefused as error:
            outcome = Outcome(problem=f"{error}.", status=error.status)
        if kind not in WRITERS:
            outcome = Outcome(outcome.text, outcome.name, problem=f"A report isn't saved as {kind[:20]}.", status=404)
        if outcome.report is None:
            return await shown(request, outcome)
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name(kind, dt.date.today())}"',
            "Cache-Control": "no-store",
        }
        written = await run_in_threadpool(WRITERS[kind], outcome.report)
        return Response(written, media_type=TYPES[kind], headers=headers)

    return router


def _result(outcome: Outcome) -> dict[str, Any] | None:
    """What the template shows of a report, None where there is none."""
    report, library = outcome.report, outcome.library
    if report is None or library is None:
        return None
    return {
        "report": report,
        "pieces": list(marked(report)),
        "good": labels.GOOD,
        "meanings": labels.VERDICTS,
        "problems": sum(row.verdict not in labels.GOOD for row in report.rows),
        "others": [_named(row.others[: limits.MAX_OTHER_SOURCES], library) for row in report.rows],
        "parts": [_named(_apart(row), library) for row in report.rows],
    }


def _apart(row: Checked) -> Sequence[Place]:
    """The pieces of a quotation where they say more than its place."""
    return row.pieces if len(row.pieces) > 1 else ()


def _named(places: Sequence[Place], library: Library) -> list[tuple[Place, str, dt.date | None]]:
    """Places with their bulletins' titles and dates."""
    found = []
    for place in places:
        bulletin = library.by_digest.get(place.sha256)
        found.append(
            (place, (bulletin.title if bulletin else None) or place.bulletin, bulletin.date if bulletin else None)
        )
    return found
