"""What is used of Gradio's and uvicorn's private parts, and what is said where they are others."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from rag.web import internals
from rag.web.internals import IncompatibleVersion, QuestionQueue
from tests.support.chat_client import ask
from tests.support.desks import QUESTION, quotes_robots
from tests.support.server_process import ServerProcess, run_server


def test_the_installed_versions_are_the_ones_this_was_made_for(caplog: pytest.LogCaptureFixture) -> None:
    """One line names them, and nothing is warned of."""
    with caplog.at_level(logging.INFO):
        internals.check_versions()
    assert [(line.levelname, line.getMessage()) for line in caplog.records] == [
        ("INFO", f"Made for gradio {internals.MADE_FOR['gradio']} and uvicorn {internals.MADE_FOR['uvicorn']}")
    ]


def test_another_version_is_one_warning(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is served all the same."""
    monkeypatch.setitem(internals.MADE_FOR, "uvicorn", "0.1")
    internals.check_versions()
    (warning,) = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert "not 0.1" in warning


def test_a_missing_part_is_one_clear_error() -> None:
    """It names the package, what it lacks and what to do."""
    page: Any = SimpleNamespace(_queue=SimpleNamespace())
    with pytest.raises(IncompatibleVersion, match=r"gradio: version .* has no 'pending_.*'; .* Run: make setup"):
        QuestionQueue(page)


class Looking:
    """A queue that looks for questions as Gradio's does, without pausing in between."""

    pending_messages_per_session = pending_event_ids_session = event_ids_to_events = None
    progress_update_sleep_when_free = 0.01
    stopped = False

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.taken: list[str] = []
        self.looks = 0

    def __len__(self) -> int:
        return len(self.waiting)

    async def push(self, question: str) -> str:
        self.waiting.append(question)
        return question

    async def start_processing(self) -> None:
        try:
            while not self.stopped:
                self.looks += 1
                if self.waiting:
                    self.taken.append(self.waiting.pop(0))
                await asyncio.sleep(0)
        finally:
            self.stopped = True


def test_a_queue_without_questions_is_not_looked_into() -> None:
    """Gradio looks a thousand times a second; once a question is in it is taken at once, and then it is quiet again."""
    queue: Any = Looking()
    page: Any = SimpleNamespace(_queue=queue)
    QuestionQueue(page)

    async def serve() -> list[int]:
        processing = asyncio.create_task(queue.start_processing())
        looks = []
        for question in ("one", "two", "three"):
            await turns(1000)
            looks.append(queue.looks)
            assert await queue.push(question=question) == question
            await turns(10)
            assert queue.taken[-1] == question
        processing.cancel()
        await asyncio.gather(processing, return_exceptions=True)
        return looks

    looks = asyncio.run(serve())
    assert looks[-1] <= 10
    assert queue.stopped  # its own clearing up was done


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def test_what_goes_wrong_in_the_queue_s_own_loop_is_raised() -> None:
    """What goes wrong in Gradio's loop isn't swallowed."""

    class Failing(Looking):
        async def start_processing(self) -> None:
            await asyncio.sleep(0)
            raise ValueError("broken")

    queue: Any = Failing()
    page: Any = SimpleNamespace(_queue=queue)
    QuestionQueue(page)

    async def serve() -> None:
        processing = asyncio.create_task(queue.start_processing())
        await turns(10)
        await queue.push(question="one")
        await processing

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(serve())


@pytest.mark.process
def test_a_desk_that_serves_nobody_sleeps(library: Path) -> None:
    """Some ten wake-ups a second are uvicorn's own; Gradio's queue would add a thousand."""
    with run_server(library) as at:
        asyncio.run(ask_once(at))
        assert wakeups(at, 3) < 300


def wakeups(at: ServerProcess, seconds: float) -> int:
    """How often a thread of the server has woken up meanwhile."""

    def so_far() -> int:
        tasks = Path(f"/proc/{at.process.pid}/task").glob("*/status")
        return sum(int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", task.read_text(), re.M)[0]) for task in tasks)

    before = so_far()
    time.sleep(seconds)
    return so_far() - before


async def ask_once(at: ServerProcess) -> None:
    async with httpx.AsyncClient() as client:
        assert quotes_robots(await ask(client, at.address, QUESTION))
