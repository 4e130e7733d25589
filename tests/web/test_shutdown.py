"""A server that is told to stop: a real process over a real library, with questions under way."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from rag import limits, settings
from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.web.server import build_app
from rag.web.service import Service
from rag.web.shutdown import DrainingStreams
from tests.support.chat_client import API, AskEvent, ChatAnswer, ask, ask_event, join_queue, read_stream
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import ROOT

QUESTION = "Which robots greeted guests from Norway?"
QUOTE = "Twenty robots greeted guests from Norway on May 3.  They bowed twice."


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[str]
    address: str
    log: Path

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(sig)

    def takes_nobody(self) -> bool:
        """Whether a new connection is refused."""
        host, port = self.address.removeprefix("http://").split(":")
        try:
            socket.create_connection((host, int(port)), 5).close()
        except ConnectionRefusedError:
            return True
        return False

    async def closed(self) -> None:
        """Waits until nobody new is let in."""
        while not self.takes_nobody():
            assert self.process.poll() is None
            await asyncio.sleep(0.02)

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, 60)


@contextmanager
def server(library: Path, seconds: float) -> Iterator[Server]:
    """A desk that takes so long for each question."""
    log = library.with_name("log")
    command = [sys.executable, "-m", "tests.support.slow_server", str(library), str(seconds)]
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+$", line.strip())
            assert found, f"it said {line!r} and {log.read_text()!r}"
            yield Server(process, found[0], log)
        finally:
            process.kill()


@asynccontextmanager
async def page(client: httpx.AsyncClient, address: str, session: str) -> AsyncIterator[None]:
    """What an open page holds on to: its heartbeat."""
    async with client.stream("GET", f"{address}/{API}/heartbeat/{session}", timeout=60) as beat:
        lines = beat.aiter_lines()
        assert "ALIVE" in await anext(lines)
        yield
        async for _ in lines:
            pass


async def begun(client: httpx.AsyncClient, at: Server, event: AskEvent, number: int) -> list[asyncio.Task[object]]:
    """Questions that are being answered, their pages waiting for the answers."""
    sessions = [f"session{n}" for n in range(number)]
    for session in sessions:
        await join_queue(client, at.address, QUESTION, session, event)
    opened = [asyncio.Event() for _ in sessions]
    tasks: list[asyncio.Task[object]] = [
        asyncio.create_task(read_stream(client, at.address, session, one))
        for session, one in zip(sessions, opened, strict=True)
    ]
    await asyncio.wait_for(asyncio.gather(*(one.wait() for one in opened)), 60)
    return tasks


def quoted(answers: list[object]) -> list[bool]:
    return [isinstance(one, ChatAnswer) and QUOTE in [quote.text for quote in one.quotes] for one in answers]


@pytest.mark.process
@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_questions_under_way_are_answered(library: Path, sig: signal.Signals) -> None:
    """Those being answered and those still in the queue get their answers, nobody new is let in meanwhile, open pages
    don't hold it up, and the server ends without a complaint."""

    async def run(at: Server) -> None:
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client:
            event = await ask_event(client, at.address)
            async with page(client, at.address, "idle"):
                answers = await begun(client, at, event, limits.QUESTIONS_AT_ONCE + 4)  # some wait in the queue
                at.stop(sig)
                await at.closed()
                assert not any(task.done() for task in answers)
                assert quoted(await asyncio.gather(*answers)) == [True] * len(answers)
            assert await at.ended() == 0

    with server(library, 2) as at:
        asyncio.run(run(at))
        assert at.log.read_text() == ""


@pytest.mark.process
def test_an_answer_that_nobody_has_come_for_yet_is_waited_for(library: Path) -> None:
    """A page puts a question by one connection and comes for the answer by another: it is let in once more."""

    async def run(at: Server) -> None:
        async with httpx.AsyncClient() as client:
            event = await ask_event(client, at.address)
            await join_queue(client, at.address, QUESTION, "late", event)
        at.stop()
        await asyncio.sleep(0.5)
        async with httpx.AsyncClient() as client:
            assert quoted([await read_stream(client, at.address, "late")]) == [True]
        assert await at.ended() == 0

    with server(library, 1) as at:
        asyncio.run(run(at))
        assert at.log.read_text() == ""


@pytest.mark.process
def test_a_reader_who_has_left_is_not_waited_for(library: Path) -> None:
    """Neither one who never came for the answer, nor one whose stream broke off, nor a connection that asks nothing."""

    async def run(at: Server) -> None:
        host, port = at.address.removeprefix("http://").split(":")
        silent = socket.create_connection((host, int(port)))
        async with httpx.AsyncClient() as client:
            event = await ask_event(client, at.address)
            await join_queue(client, at.address, QUESTION, "gone", event)
            left = asyncio.create_task(ask(client, at.address, QUESTION, event))
            await asyncio.sleep(0.5)
            left.cancel()
        at.stop()
        assert await at.ended() == 0
        silent.close()

    with server(library, 1) as at:
        asyncio.run(run(at))


@pytest.mark.process
def test_a_stream_with_nothing_to_come_is_ended(library: Path) -> None:
    """One that is opened again after its answer has been read ends without an error for its reader."""

    async def run(at: Server) -> list[str]:
        async with httpx.AsyncClient() as client:
            event = await ask_event(client, at.address)
            await join_queue(client, at.address, QUESTION, "again", event)
            assert quoted([await read_stream(client, at.address, "again")]) == [True]
            url = f"{at.address}/{API}/queue/data?session_hash=again"
            async with client.stream("GET", url, timeout=60) as stream:
                at.stop()
                return [line async for line in stream.aiter_lines() if line]

    with server(library, 0) as at:
        assert asyncio.run(run(at)) == []
        assert at.process.wait(60) == 0


@pytest.mark.process
def test_a_second_signal_ends_at_once(library: Path) -> None:
    """Whatever is under way is given up."""

    async def run(at: Server) -> None:
        async with httpx.AsyncClient() as client:
            event = await ask_event(client, at.address)
            answers = await begun(client, at, event, 1)
            at.stop()
            await at.closed()
            at.stop()
            assert await at.ended() == -signal.SIGTERM
            assert quoted(await asyncio.gather(*answers, return_exceptions=True)) == [False]

    with server(library, 600) as at:
        asyncio.run(run(at))


def test_whoever_still_gets_through_is_told_that_it_stops(library: Path) -> None:
    """A front server that asks is told to send nobody more; the pages can still be read."""
    desk = Service(settings.load(library=library))
    desk.show(Library.open(library))
    desk.serve(Assistant(Library.open(library), HashingEncoder()))
    with TestClient(build_app(desk)) as client:
        assert client.get("/readyz").status_code == 200
        desk.draining.set()
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        assert client.get("/healthz").status_code == 200
        assert client.get("/bulletins").status_code == 200


def test_a_question_that_slips_in_is_turned_away(library: Path) -> None:
    """With a status by which a front server knows that it may put it to another desk: nothing has been done with it."""
    desk = Service(settings.load(library=library))
    desk.show(Library.open(library))
    app = build_app(desk)
    streams = DrainingStreams(app, app.state.queue, desk.draining)
    with TestClient(streams) as client:
        put = {"data": [QUESTION, None, None], "fn_index": 0, "session_hash": "late"}
        assert client.post(f"/{API}/queue/join", json=put).status_code == 200
        desk.draining.set()
        streams.full = True
        late = client.post(f"/{API}/queue/join", json=put)
        assert (late.status_code, late.headers["connection"]) == (503, "close")
        assert "Stopping" in late.json()["detail"]
        assert client.get("/bulletins").status_code == 200
