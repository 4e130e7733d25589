"""Drafts checked for readers: in threads, a few at once, with how far each has come; nothing is kept afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter, to_thread

from rag import limits
from rag.checking.attribution import given
from rag.checking.drafts.annotate import prove
from rag.checking.drafts.read_draft import as_typed, read_draft, typed
from rag.errors import DraftUnreadable, RagError, one_line
from rag.models import Span
from rag.web.check.form import Sent
from rag.web.service import Desk

if TYPE_CHECKING:
    from rag.checking.checker import Progress
    from rag.checking.models import Report
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
WHOLE_DRAFTS = "The office’s staff check whole drafts on a page of their own."
NO_FILE = f"Files aren’t taken here: paste the quotation. {WHOLE_DRAFTS}"
TICK = 0.2  # seconds between two words on how far it has come


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with the library that it is of, or a sentence why there is none; ``text`` is the draft in the form that
    it can be sent again in."""

    text: str = ""
    name: str = ""
    report: Report | None = None
    library: Library | None = None
    problem: str = ""
    status: int = 200


class Stopped(Exception):
    """Nobody waits for the report any more."""


class Audits:
    """Runs what a desk is asked to check."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._limiter = CapacityLimiter(limits.MAX_CHECKS_AT_ONCE)

    async def run(self, work: Callable[[Progress], Outcome]) -> Outcome:
        """The outcome, once it has been its turn."""
        return await to_thread.run_sync(work, _untold, limiter=self._limiter)

    async def told(
        self, work: Callable[[Progress], Outcome], last: Callable[[Outcome], dict[str, Any]]
    ) -> AsyncIterator[bytes]:
        """Lines of JSON: {"done", "of"} while it is at work, then what ``last`` makes of the outcome.  It stops when
        nobody reads on."""
        stop = Event()
        far = [0, 0]

        def progress(done: int, of: int) -> None:
            if stop.is_set():
                raise Stopped
            far[:] = done, of

        task = asyncio.ensure_future(to_thread.run_sync(work, progress, limiter=self._limiter))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            while not task.done():
                yield _line({"done": far[0], "of": far[1]})
                await asyncio.wait({task}, timeout=TICK)
            yield _line(await to_thread.run_sync(last, task.result()))
        finally:
            stop.set()
            task.cancel()

    def of_form(self, sent: Sent) -> Callable[[Progress], Outcome]:
        """Checks what a reader sent; a file counts before the text."""

        def work(progress: Progress) -> Outcome:
            checker = self._desk.checker()
            if checker is None:
                return self.unready(sent)
            text = sent.text
            if sent.file:
                draft = read_draft(sent.data, sent.file)
                text = as_typed(draft)
            else:
                draft = typed(text, name=one_line(sent.name)[-120:] or None)
            report = checker.audit(
                draft.text, blocks=draft.blocks, name=draft.name, messages=draft.messages, progress=progress
            )
            prove(report, checker.library)
            return Outcome(text, draft.name or "", report, checker.library)

        return partial(_guarded, work, sent)

    def of_one(self, sent: Sent) -> Callable[[Progress], Outcome]:
        """Checks the one quotation that anybody may send; text without quotation marks is itself the quotation."""

        def work(progress: Progress) -> Outcome:
            checker = self._desk.checker()
            if checker is None:
                return self.unready(sent)
            if sent.file:
                return Outcome(sent.text, problem=NO_FILE, status=403)
            most = limits.MAX_PUBLIC_QUOTATION_CHARS
            if len(sent.text) > most:
                problem = f"This text has {len(sent.text):,} characters, more than {most:,}. {WHOLE_DRAFTS}"
                return Outcome(sent.text[:most], problem=problem, status=413)
            draft = typed(sent.text)
            report = checker.audit(draft.text, blocks=draft.blocks, messages=draft.messages, progress=progress)
            if not report.rows and draft.text.strip():
                report = checker.check(draft.text, quote=draft.text.strip())
            if len(report.rows) > 1:
                problem = f"This text holds {len(report.rows)} quotations, and one is checked at a time. {WHOLE_DRAFTS}"
                return Outcome(sent.text, problem=problem, status=422)
            prove(report, checker.library)
            return Outcome(sent.text, "", report, checker.library)

        return partial(_guarded, work, sent)

    def of_slice(self, sha256: str, start: str, end: str) -> Callable[[Progress], Outcome]:
        """Checks a stretch of a bulletin, with the bulletin's date and title as what is claimed of it."""

        def work(progress: Progress) -> Outcome:
            checker = self._desk.checker()
            if checker is None:
                return self.unready(Sent())
            bulletin = checker.library.by_digest.get(sha256)
            text = checker.library.text(sha256) if bulletin else ""
            at = _span(start, end)
            if bulletin is None or at is None or at.end > len(text) or not at.of(text).strip():
                return Outcome(problem="The desk holds no such words under this address.", status=404)
            words = at.of(text).replace("\r\n", "\n").replace("\r", "\n").strip()
            named = ", ".join(filter(None, (bulletin.title, str(bulletin.date or ""))))
            report = checker.check(
                f"{named}:\n\n{words}",
                quote=words,
                claims=given(str(bulletin.date) if bulletin.date else None, bulletin.title, None),
            )
            prove(report, checker.library)
            quoted = "\n".join(f"> {line}" for line in words.split("\n"))
            return Outcome(f"{named}:\n\n{quoted}", "", report, checker.library)

        return partial(_guarded, work, Sent())

    def unready(self, sent: Sent) -> Outcome:
        """What is said before the library is open."""
        stage = self._desk.state.stage
        still = "The desk is still getting ready. Please try again in a moment."
        return Outcome(sent.text, sent.name, problem=stage.line if stage.name == "failed" else still, status=503)


def _guarded(work: Callable[[Progress], Outcome], sent: Sent, progress: Progress) -> Outcome:
    """Whatever goes wrong is a sentence, and the draft isn't lost."""
    try:
        return work(progress)
    except Stopped:
        raise
    except DraftUnreadable as error:
        return Outcome(sent.text, sent.name, problem=f"{error}.", status=422)
    except RagError as error:
        LOG.error("%s", error)
        return Outcome(sent.text, sent.name, problem=f"{error}.", status=500)
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("a draft was not checked, number %s", number)
        line = f"Something went wrong and the draft was not checked. If you report it, give the number {number}."
        return Outcome(sent.text, sent.name, problem=line, status=500)


def _span(start: str, end: str) -> Span | None:
    """A pair of offsets from an address; more than nine digits are no offset in a bulletin."""
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in (start, end)):
        return None
    span = Span(int(start), int(end))
    return span if span.start < span.end else None


def _untold(done: int, of: int) -> None:
    """Nobody is told how far it has come."""


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace") + b"\n"
