"""Two servers over one library behind one address: bulletins come in and both are restarted while questions go on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from rag.library.reader import Library
from tests.support.chat_client import ChatAnswer, Unanswered, ask, ask_event
from tests.support.effort import effort
from tests.support.paths import ROOT
from tests.support.proxy import Proxy
from tests.support.rag_command import UNLIMITED
from tests.support.sample_bulletins import FIRST, SECOND
from tests.support.server_log import problem_lines

THIRD = """A Kite Festival in Yanqing
Date: 2024-06-02
Source: Foreign Affairs Office of Yanqing District

Forty kite flyers from Portugal came to a festival on May 30. The largest kite was nine metres wide."""
NEW = "How many kite flyers came from Portugal?"
QUESTIONS = (
    NEW,
    "Which robots greeted guests from Norway?",
    "What consular protection events happened?",
    "Where did a train with peaches leave for?",
    "What is the hotline?",
    "What happened in Miyun District?",
    "Which embassy opened a swimming pool?",
)
READERS = 4  # asking at once
PATIENCE = 120  # seconds


@dataclass
class Seen:
    """What the readers saw; ``last`` are the answers to ``NEW`` that each server gave at the end, ``moved`` and
    ``again`` are the proxy's."""

    answers: list[ChatAnswer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    exits: list[int | None] = field(default_factory=list)
    logs: list[list[str]] = field(default_factory=list)
    last: list[ChatAnswer] = field(default_factory=list)
    moved: int = 0
    again: int = 0


class Site:
    """The folder of bulletins, the library, and the servers over it, by port."""

    def __init__(self, folder: Path) -> None:
        self.seeds, self.library, self._logs = folder / "seeds", folder / "library", folder / "logs"
        self._logs.mkdir()
        self.ports = _free_ports(2)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        settings = {"RAG_SEEDS": str(self.seeds), "RAG_LIBRARY": str(self.library)}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RAG_")}
        self._environment = kept | settings | UNLIMITED

    def start(self, port: int) -> None:
        with (self._logs / str(port)).open("ab") as log:
            command = [sys.executable, "app.py", "--port", str(port)]
            self._running[port] = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, stderr=log
            )

    async def ready(self, port: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await _readiness(port)).get("status") != "ready":
                assert self._running[port].poll() is None, self.logs()
                await asyncio.sleep(0.1)

    async def restart(self, port: int) -> int:
        """What the server that was stopped exited with."""
        self._running[port].send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(self._running[port].wait, PATIENCE)
        self.start(port)
        await self.ready(port)
        return status

    async def index(self) -> None:
        indexing = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rag", "index", cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
        )
        assert await indexing.wait() == 0

    def stop(self) -> list[int | None]:
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        exits: list[int | None] = []
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            exits.append(process.returncode)
            process.kill()
            process.wait()
        return exits

    def logs(self) -> list[list[str]]:
        return [problem_lines(path) for path in sorted(self._logs.iterdir())]


def questions_go_on(folder: Path, questions: int) -> Seen:
    """Ask that many questions, or more, through one address; meanwhile a third process adds a bulletin and each server
    is restarted once."""
    return asyncio.run(_questions_go_on(folder, questions))


async def _questions_go_on(folder: Path, questions: int) -> Seen:
    (folder / "seeds").mkdir()
    (folder / "seeds" / "first.txt").write_text(FIRST, encoding="utf-8")
    (folder / "seeds" / "second.txt").write_text(SECOND, encoding="utf-8")
    site, seen = Site(folder), Seen()
    proxy = Proxy(site.ports)
    address = await proxy.start()
    try:
        for port in site.ports:  # both at once: one of them makes the library, the other waits for it
            site.start(port)
        for port in site.ports:
            await site.ready(port)
        done = asyncio.Event()
        readers = [asyncio.create_task(_reader(address, n, seen, done)) for n in range(READERS)]
        for step in range(1, 4):
            await _until(lambda share=step: len(seen.answers) + len(seen.failures) >= questions * share // 4)
            if step == 1:
                (site.seeds / "third.txt").write_text(THIRD, encoding="utf-8")
                await site.index()
            else:
                seen.exits.append(await site.restart(site.ports[step - 2]))
        await _until(lambda: len(seen.answers) + len(seen.failures) >= questions)
        done.set()
        await asyncio.gather(*readers)
        async with httpx.AsyncClient() as client:
            seen.last = [await ask(client, f"http://127.0.0.1:{port}", NEW) for port in site.ports]
    finally:
        proxy.stop()
        seen.exits += site.stop()
    seen.logs, seen.moved, seen.again = site.logs(), proxy.moved, proxy.again
    return seen


async def _reader(address: str, first: int, seen: Seen, done: asyncio.Event) -> None:
    """Asks one question after another, each on a page of its own, until it is told to stop."""
    async with httpx.AsyncClient() as client:
        page = await ask_event(client, address)
        for number in range(first, 1_000_000):
            if done.is_set():
                return
            try:
                seen.answers.append(await ask(client, address, QUESTIONS[number % len(QUESTIONS)], page))
            except (Unanswered, httpx.HTTPError) as error:
                seen.failures.append(f"{type(error).__name__}: {error}")


async def _until(reached: Callable[[], bool]) -> None:
    while not reached():
        await asyncio.sleep(0.05)


async def _readiness(port: int) -> dict[str, object]:
    async with httpx.AsyncClient() as client:
        try:
            return dict((await client.get(f"http://127.0.0.1:{port}/readyz", timeout=30)).json())
        except httpx.TransportError:
            return {}


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in sockets]


def mixed(seen: Seen, root: Path) -> list[str]:
    """The answers that aren't whole: they name no generation, or a quote isn't a bulletin's of the one they name."""
    opened: dict[str, Library] = {}
    found = []
    for one in seen.answers:
        if not one.generation:
            found.append(one.html)
            continue
        if one.generation not in opened:
            opened[one.generation] = Library.open(root, generation=one.generation)
        library = opened[one.generation]
        for quote in one.quotes:
            held = quote.sha256 in library.by_digest
            if not held or library.text(quote.sha256)[quote.start : quote.end] != quote.text:
                found.append(f"{one.generation}: {quote}")
    return found


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.model
def test_questions_go_on_while_bulletins_come_in_and_servers_are_restarted(tmp_path: Path) -> None:
    """No question fails, every answer is of one generation, and in the end both servers find the new bulletin."""
    seen = questions_go_on(tmp_path, effort(80, 300))
    print(f"{len(seen.answers)} answers, {seen.moved} requests moved to the other server, {seen.again} sent again")
    assert seen.failures == []
    assert seen.exits == [0, 0, 0, 0]
    assert seen.logs == [[], []]
    assert mixed(seen, tmp_path / "library") == []
    assert len({one.generation for one in seen.answers}) == 2
    assert seen.moved > 0
    assert ["Forty kite flyers from Portugal" in one.html for one in seen.last] == [True, True]
