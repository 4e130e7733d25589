"""Checks that readers ask for: run in threads, a few at once, with progress; nothing is kept afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import CapacityLimiter, to_thread

from rag import limits
from rag.budget import Abandoned, OverBudget, limited
from rag.checking.attribution import parse_claims
from rag.checking.drafts.annotate import verify_report
from rag.checking.drafts.find_quotations import find_quotations
from rag.checking.drafts.read_draft import draft_from_text, draft_to_text, read_draft
from rag.errors import DraftUnreadable, RagError, one_line
from rag.web.check.form import SubmittedDraft
from rag.web.pages.bulletin import parse_span
from rag.web.responses import failure_line
from rag.web.service import Service

if TYPE_CHECKING:
    from fastapi import Request

    from rag.checking.checker import Checker, Progress
    from rag.checking.models import CheckReport
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
WHOLE_DRAFTS = "The office’s staff check whole drafts on a page of their own."
NO_FILE = f"Files aren’t taken here: paste the quotation. {WHOLE_DRAFTS}"
TOO_LONG = "This takes too long to check. Please check a shorter part of it by itself."
NOBODY_WAITS = "Nobody waited for this check."
PROGRESS_SECONDS = 0.2  # between two lines of progress, and between two looks whether somebody waits


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with the library that it was made from, or the ``problem`` that prevented it; ``text`` is the draft as
    it can be sent again."""

    text: str = ""
    name: str = ""
    report: CheckReport | None = None
    library: Library | None = None
    problem: str = ""
    status: int = 200


Job = Callable[["Progress"], Outcome]
Shown = TypeVar("Shown")


class CheckJobs:
    """Makes the checking jobs of one service, and runs them, each within processor seconds and seconds on the clock."""

    def __init__(self, service: Service, cost: float, seconds: float) -> None:
        self._service = service
        self._cost, self._seconds = cost, seconds
        self._limiter = CapacityLimiter(limits.MAX_CHECKS_AT_ONCE)

    async def run(self, job: Job, request: Request) -> Outcome:
        """Waits for its turn and returns the outcome; the job is abandoned when the client has gone."""
        task, gone = self._start(job, lambda done, of: None)
        try:
            while not (await asyncio.wait({task}, timeout=PROGRESS_SECONDS))[0]:
                if await request.is_disconnected():
                    return Outcome(problem=NOBODY_WAITS, status=499)
            return task.result()
        finally:
            gone.set()

    async def stream(self, job: Job, last_line: Callable[[Outcome], dict[str, Any]]) -> AsyncIterator[bytes]:
        """Yields lines of JSON: {"done", "of"} while the job runs, then what ``last_line`` makes of the outcome.

        The job is abandoned when nobody reads on.
        """
        latest = [0, 0]

        def progress(done: int, of: int) -> None:
            latest[:] = done, of

        task, gone = self._start(job, progress)
        try:
            while not task.done():
                yield _line({"done": latest[0], "of": latest[1]})
                await asyncio.wait({task}, timeout=PROGRESS_SECONDS)
            yield _line(await self.show(task.result(), last_line))
        finally:
            gone.set()

    async def show(self, outcome: Outcome, shown: Callable[[Outcome], Shown]) -> Shown:
        """Returns what is shown of the outcome, made in a thread, its slices compared with the stored texts once more.

        Where that takes too long, the report is left out, with a line that says so.
        """
        return await to_thread.run_sync(_shown, outcome, shown)

    def do(self, job: Job, progress: Progress, gone: Event | None = None) -> Outcome:
        """Does the job in this thread, within its budget.

        Raises:
            Abandoned: nobody waits for it any more.
        """
        with limited(self._cost, self._seconds, TOO_LONG, gone):
            if gone and gone.is_set():
                raise Abandoned
            return job(progress)

    def _start(self, job: Job, progress: Progress) -> tuple[asyncio.Future[Outcome], Event]:
        """The job under way, or waiting for its turn, and what abandons it."""
        gone = Event()
        task = asyncio.ensure_future(to_thread.run_sync(self.do, job, progress, gone, limiter=self._limiter))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task, gone

    def of_draft(self, sent: SubmittedDraft) -> Job:
        """The job that checks a draft; a file takes precedence over the text."""

        def check(checker: Checker, progress: Progress) -> Outcome:
            text = sent.text
            if sent.file:
                draft = read_draft(sent.data, sent.file)
                text = draft_to_text(draft)
            else:
                draft = draft_from_text(text, name=one_line(sent.name)[-120:] or None)
            report = checker.audit(
                draft.text, blocks=draft.blocks, name=draft.name, messages=draft.messages, progress=progress
            )
            return Outcome(text, draft.name or "", report, checker.library)

        return partial(self._guarded, check, sent)

    def of_quotation(self, sent: SubmittedDraft) -> Job:
        """The job that checks the one quotation that anybody may send, with or without quotation marks."""

        def check(checker: Checker, progress: Progress) -> Outcome:
            if sent.file:
                return Outcome(sent.text, problem=NO_FILE, status=403)
            most = limits.MAX_PUBLIC_QUOTATION_CHARS
            if len(sent.text) > most:
                problem = f"This text has {len(sent.text):,} characters, more than {most:,}. {WHOLE_DRAFTS}"
                return Outcome(sent.text, problem=problem, status=413)
            draft = draft_from_text(sent.text)
            count = len(find_quotations(draft.text, draft.blocks)[0])
            if count > 1:
                problem = f"This text holds {count} quotations, and one is checked at a time. {WHOLE_DRAFTS}"
                return Outcome(sent.text, problem=problem, status=422)
            if count or not draft.text.strip():
                report = checker.audit(draft.text, blocks=draft.blocks, messages=draft.messages, progress=progress)
            else:
                report = checker.check(draft.text, quote=draft.text.strip())
            return Outcome(sent.text, "", report, checker.library)

        return partial(self._guarded, check, sent)

    def of_slice(self, sha256: str, start: str, end: str) -> Job:
        """The job that checks a slice of a bulletin, with the bulletin's date and title as its attribution."""

        def check(checker: Checker, progress: Progress) -> Outcome:
            bulletin = checker.library.by_digest.get(sha256)
            text = checker.library.text(sha256) if bulletin else ""
            at = parse_span(start, end, len(text))
            if bulletin is None or at is None or not at.of(text).strip():
                return Outcome(problem="The desk holds no such words under this address.", status=404)
            words = at.of(text).replace("\r\n", "\n").replace("\r", "\n").strip()
            named = ", ".join(filter(None, (bulletin.title, str(bulletin.date or ""))))
            quoted = "\n".join(f"> {line}" for line in words.split("\n"))
            most = limits.MAX_PUBLIC_QUOTATION_CHARS
            if len(words) > most:
                problem = f"This quote has {len(words):,} characters, and up to {most:,} are checked at a time."
                return Outcome(f"{named}:\n\n{quoted}", problem=f"{problem} Leave a part of it.", status=413)
            report = checker.check(
                f"{named}:\n\n{words}",
                quote=words,
                claims=parse_claims(str(bulletin.date) if bulletin.date else None, bulletin.title, None),
            )
            return Outcome(f"{named}:\n\n{quoted}", "", report, checker.library)

        return partial(self._guarded, check, SubmittedDraft())

    def unready(self, sent: SubmittedDraft) -> Outcome:
        """The outcome before the library is open."""
        stage = self._service.state.stage
        still = "The desk is still getting ready. Please try again in a moment."
        return Outcome(sent.text, sent.name, problem=stage.line if stage.name == "failed" else still, status=503)

    def _guarded(
        self, check: Callable[[Checker, Progress], Outcome], sent: SubmittedDraft, progress: Progress
    ) -> Outcome:
        """Checks; whatever goes wrong is an outcome with a problem, and the draft isn't lost."""
        try:
            checker = self._service.checker()
            return check(checker, progress) if checker else self.unready(sent)
        except Abandoned:
            raise
        except OverBudget as error:
            LOG.warning("a check was ended: it cost too much")
            return Outcome(sent.text, sent.name, problem=str(error), status=422)
        except DraftUnreadable as error:
            return Outcome(sent.text, sent.name, problem=f"{error}.", status=422)
        except Exception as error:  # noqa: BLE001 - it is logged, with its number
            line = failure_line(error, "the draft was not checked")
            return Outcome(sent.text, sent.name, problem=line, status=500)


def _shown(outcome: Outcome, shown: Callable[[Outcome], Shown]) -> Shown:
    try:
        # A budget of its own: what was checked until that of the check was spent is shown.
        with limited(limits.REPORT_CPU_SECONDS, limits.REPORT_SECONDS, TOO_LONG):
            if outcome.report and outcome.library:
                verify_report(outcome.report, outcome.library)
            return shown(outcome)
    except OverBudget as error:
        return shown(Outcome(outcome.text, outcome.name, problem=str(error), status=422))
    except RagError as error:
        line = failure_line(error, "the draft was not checked")
        return shown(Outcome(outcome.text, outcome.name, problem=line, status=500))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
