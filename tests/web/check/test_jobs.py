"""Checks that are refused, too costly, or waited for by nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag import limits
from rag.budget import Abandoned, step
from rag.checking.checker import Checker
from rag.checking.verdict import VerdictEngine
from rag.web.check.form import SubmittedDraft
from rag.web.check.jobs import TOO_LONG, CheckJobs, Outcome
from rag.web.server import build_app
from tests.support.desks import QUOTE, ready_desk


def no_progress(done: int, of: int) -> None:
    pass


def test_several_quotations_are_refused_before_one_is_checked(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed stays on the page; so it does where it is too long."""
    monkeypatch.setattr(Checker, "audit", None)
    with TestClient(build_app(ready_desk(library))) as client:
        several = client.post("/check", data={"draft": "“a " * 33})
        assert several.status_code == 422
        assert "one is checked at a time" in several.text
        assert "“a " * 32 in several.text
        long = client.post("/check", data={"draft": "kites " * 400})
        assert long.status_code == 413
        assert "kites " * 400 in long.text


def test_a_slice_is_no_longer_than_what_anybody_may_send(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, and the words are there to send a part of."""
    monkeypatch.setattr(limits, "MAX_PUBLIC_QUOTATION_CHARS", 20)
    desk = ready_desk(library)
    assert desk.library
    bulletin = next(b for b in desk.library.bulletins if QUOTE in desk.library.text(b.sha256))
    start = desk.library.text(bulletin.sha256).index(QUOTE)
    address = {"sha256": bulletin.sha256, "start": start, "end": start + len(QUOTE)}
    with TestClient(build_app(desk)) as client:
        page = client.get("/check", params=address)
        assert page.status_code == 413
        assert f"This quote has {len(QUOTE)} characters, and up to 20 are checked at a time" in page.text
        assert QUOTE in page.text


def test_a_check_over_its_budget_is_ended(library: Path) -> None:
    """With one line, and nothing that was typed is lost."""
    jobs = CheckJobs(ready_desk(library), 0.0, 60.0)
    jobs._service.checker()
    for job in (jobs.of_quotation, jobs.of_draft):
        spent = jobs.do(job(SubmittedDraft("“Twenty robots”")), no_progress)
        assert (spent.problem, spent.text, spent.report) == (TOO_LONG, "“Twenty robots”", None)


def test_what_was_checked_until_the_budget_was_spent_is_shown(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third quotation takes the rest of the budget; the first two are shown, and a line says so."""
    check, left = VerdictEngine.check, [2]

    def check_two(self: VerdictEngine, *arguments: Any) -> object:
        while not left[0]:
            step()
        left[0] -= 1
        return check(self, *arguments)

    monkeypatch.setattr(VerdictEngine, "check", check_two)
    desk = ready_desk(library)
    desk.checker()
    jobs = CheckJobs(desk, 0.5, 120.0)
    spent = jobs.do(jobs.of_draft(SubmittedDraft("“Twenty robots” “greeted guests” “from Norway”")), no_progress)
    shown = asyncio.run(jobs.show(spent, lambda outcome: outcome))
    assert shown.report
    assert [row.quote for row in shown.report.rows] == ["Twenty robots", "greeted guests"]
    assert "stopped after quotation 2 of 3" in shown.report.messages[-1]
    spent = jobs.do(jobs.of_draft(SubmittedDraft("“Twenty robots”")), no_progress)  # the first one takes all
    assert (spent.problem, spent.report) == (TOO_LONG, None)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_check_that_nobody_waits_for_is_ended(library: Path, streamed: bool) -> None:
    """Whether its progress is read or not."""
    begun, ended = threading.Event(), threading.Event()

    def check(progress: Any) -> Outcome:
        try:
            deadline = time.monotonic() + 60
            begun.set()
            while time.monotonic() < deadline:
                step()
        except Abandoned:
            ended.set()
            raise
        return Outcome()

    class Gone:
        async def is_disconnected(self) -> bool:
            return begun.is_set()

    async def leave() -> None:
        jobs = CheckJobs(ready_desk(library), 120.0, 120.0)
        if streamed:
            lines = jobs.stream(check, lambda outcome: {})
            async for _ in lines:
                if begun.is_set():
                    break
            await lines.aclose()  # type: ignore[attr-defined]
        else:
            await jobs.run(check, Gone())  # type: ignore[arg-type]

    asyncio.run(leave())
    assert ended.wait(60)
