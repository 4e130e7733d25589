"""The pages that check quotations, and their reports as files: one quotation for anybody, whole drafts for the staff.

Nothing of a draft is stored: each request brings it along.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from rag import limits
from rag.admin.off_switch import off_state
from rag.budget import step
from rag.checking.drafts import labels
from rag.checking.drafts.annotate import annotate
from rag.checking.drafts.report_files import WRITERS, file_name
from rag.models import Slice
from rag.web.auth.access import AccessControl
from rag.web.auth.sign_in import GuardedRoute
from rag.web.check.form import FormRefused, SubmittedDraft, read_form
from rag.web.check.jobs import CheckJobs, Job, Outcome
from rag.web.middleware.rate_limit import Pace, Refusal
from rag.web.responses import up
from rag.web.service import Service
from rag.web.staff.pages import TABS
from rag.web.templating import TEMPLATES, render

if TYPE_CHECKING:
    from rag.checking.checker import Progress
    from rag.library.reader import Library

LINES = "application/x-ndjson"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "html": "text/html; charset=utf-8"}
TEMPLATES.filters.update(holds=labels.claim_status, of_what=labels.kind_label, summary=labels.summary)


def check_routes(service: Service, pace: Pace) -> APIRouter:
    """The routes by which anybody checks one quotation."""
    jobs = CheckJobs(service, limits.PUBLIC_CHECK_CPU_SECONDS, limits.PUBLIC_CHECK_SECONDS)
    page = _CheckPage("check", service, pace, jobs, jobs.of_quotation, max_chars=limits.MAX_PUBLIC_QUOTATION_CHARS)
    return page.add_routes(APIRouter())


def draft_check_routes(service: Service, access: AccessControl, pace: Pace) -> APIRouter:
    """The routes by which the staff check whole drafts."""
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])
    jobs = CheckJobs(service, limits.DRAFT_CPU_SECONDS, limits.DRAFT_SECONDS)
    return _CheckPage("staff/check", service, pace, jobs, jobs.of_draft).add_routes(router)


@dataclass
class _CheckPage:
    """The page at ``address``; ``max_chars`` limits a quotation of the public, None for the staff's drafts."""

    address: str
    service: Service
    pace: Pace
    jobs: CheckJobs
    job_of: Callable[[SubmittedDraft], Job]
    max_chars: int | None = None

    def add_routes(self, router: APIRouter) -> APIRouter:
        router.add_api_route(f"/{self.address}", self._get, methods=["GET"])
        router.add_api_route(f"/{self.address}", self._post, methods=["POST"])
        router.add_api_route(f"/{self.address}/report.{{kind}}", self._report, methods=["POST"])
        return router

    async def _get(self, request: Request, sha256: str = "", start: str = "", end: str = "") -> Response:
        if not sha256:
            return self._page(request, Outcome())
        if refused := self._refusal(request):
            return self._refused(request, refused)
        job = self._paced(request, self.jobs.of_slice(sha256, start, end))
        return await self._page_in_thread(request, await self.jobs.run(job, request))

    async def _post(self, request: Request) -> Response:
        try:
            sent = await read_form(request)
        except FormRefused as error:
            return self._page(request, Outcome(problem=f"{error}.", status=error.status))
        ready = self.service.serving is not None
        if refused := self._refusal(request):
            return self._refused(request, refused, sent)
        job = self._paced(request, self.job_of(sent)) if ready else lambda progress: self.jobs.unready(sent)
        if LINES in request.headers.get("accept", ""):
            lines = self.jobs.stream(job, partial(self._last_line, up=sent.up))
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return StreamingResponse(lines, 200 if ready else 503, headers, LINES)
        return await self._page_in_thread(request, await self.jobs.run(job, request))

    async def _report(self, request: Request, kind: str) -> Response:
        try:
            sent = await read_form(request)
        except FormRefused as error:
            return self._page(request, Outcome(problem=f"{error}.", status=error.status))
        if refused := self._refusal(request):
            return self._refused(request, refused, sent)
        if kind in WRITERS:
            outcome = await self.jobs.run(self._paced(request, self.job_of(sent)), request)
        else:
            outcome = Outcome(sent.text, sent.name, problem=f"A report isn't saved as {kind[:20]}.", status=404)
        return await self.jobs.show(outcome, partial(self._saved, request, kind))

    def _saved(self, request: Request, kind: str, outcome: Outcome) -> Response:
        if outcome.report is None:
            return self._page(request, outcome)
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name(kind, dt.date.today())}"',
            "Cache-Control": "no-store",
        }
        return Response(WRITERS[kind](outcome.report), media_type=TYPES[kind], headers=headers)

    def _page(self, request: Request, outcome: Outcome) -> HTMLResponse:
        values: dict[str, Any] = {"address": self.address, "max_chars": self.max_chars, "up": up(request)}
        if self.max_chars is None:
            values |= {"person": request.state.person, "tabs": TABS, "current": "check", "how": "page"}
        html = render("check.html", outcome=outcome, result=_result(outcome), **values)
        return HTMLResponse(html, outcome.status, {"Cache-Control": "no-store"})

    def _refusal(self, request: Request) -> Refusal | None:
        """Why nothing is checked now; checks of the public count as questions do."""
        return self.pace.refusal(self.pace.sender(request), asks=self.max_chars is not None)

    def _paced(self, request: Request, job: Job) -> Job:
        """The job, whose processor time is counted for whoever asks for it, also where nobody waits for it any more."""
        sender = self.pace.sender(request)

        def run(progress: Progress) -> Outcome:
            with self.pace.work(sender):
                return job(progress)

        return run

    def _refused(self, request: Request, refused: Refusal, sent: SubmittedDraft | None = None) -> Response:
        """The page with what was sent, and why it isn't checked now."""
        sent = sent or SubmittedDraft()
        page = self._page(request, Outcome(sent.text, sent.name, problem=refused.line, status=429))
        page.headers["Retry-After"] = str(math.ceil(refused.wait))
        return page

    async def _page_in_thread(self, request: Request, outcome: Outcome) -> HTMLResponse:
        return await self.jobs.show(outcome, partial(self._page, request))  # a long draft takes its time

    def _last_line(self, outcome: Outcome, up: str) -> dict[str, Any]:
        # The page that waits for this line was begun before; what is sent at once the middleware holds back.
        if self.max_chars is not None and (off := off_state(self.service.settings.library)):
            outcome = Outcome(outcome.text, outcome.name, problem=off.line, status=503)
        html = render("check_result.html", result=_result(outcome), outcome=outcome, address=self.address, up=up)
        return {"html": html, "draft": outcome.text, "name": outcome.name}


def _result(outcome: Outcome) -> dict[str, Any] | None:
    """What the template shows of a report; None without one."""
    report, library = outcome.report, outcome.library
    if report is None or library is None:
        return None
    return {
        "report": report,
        "pieces": list(annotate(report)),
        "good": labels.GOOD,
        "meanings": labels.VERDICTS,
        "problems": sum(row.verdict not in labels.GOOD for row in report.rows),
        "others": [_titled(row.other_sources[: limits.MAX_OTHER_SOURCES], library) for row in report.rows],
        "parts": [_titled(row.fragments if len(row.fragments) > 1 else (), library) for row in report.rows],
    }


def _titled(places: Sequence[Slice], library: Library) -> list[tuple[Slice, str, dt.date | None]]:
    """The places with their bulletins' titles and dates."""
    step()
    titled = []
    for place in places:
        bulletin = library.by_digest.get(place.sha256)
        titled.append(
            (place, (bulletin.title if bulletin else None) or place.bulletin, bulletin.date if bulletin else None)
        )
    return titled
