"""Connections that say nothing, or never finish saying it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from rag import limits
from rag.web.idle import IdleConnections, SlowReaders
from tests.support.chat_client import AskEvent, ask, ask_event
from tests.support.desks import QUESTION, quotes_robots
from tests.support.effort import effort
from tests.support.server_process import ServerProcess, percentile, run_server

HALF_OPEN = 200
QUESTIONS = effort(20, 100)  # without the half-open connections, and again with them


class Transport:
    closed = False

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Connection:
    def __init__(self) -> None:
        self.transport = Transport()
        self.cycle: Any = None


def test_who_does_not_read_is_closed_and_who_reads_slowly_is_not() -> None:
    """So many bytes in so many seconds, or all that waits; more can only be written once most has been taken."""
    now = [0.0]
    slow = SlowReaders(30, 1_000, clock=lambda: now[0])
    waiting = {"still": 5_000, "slow": 5_000, "done": 500, "fed": 600}
    lines = {name: Connection() for name in waiting}
    for name, line in lines.items():
        line.transport.get_write_buffer_size = lambda name=name: waiting[name]  # type: ignore[attr-defined]
    for second in range(0, 29, 4):
        now[0] = second
        waiting["slow"] -= 200
        assert slow.close(lines.values()) == 0
    waiting |= {"done": 0, "fed": 700}
    for second in range(29, 49):
        now[0] = second
        slow.close(lines.values())
    assert [name for name, line in lines.items() if line.transport.closed] == ["still"]


def test_who_brings_nothing_is_closed_and_who_waits_for_an_answer_is_not() -> None:
    """From connecting on, and again from each response on."""
    now = [0.0]
    silent = IdleConnections(10, clock=lambda: now[0])
    new, served = Connection(), Connection()
    served.cycle = SimpleNamespace(response_complete=False)
    for second in range(0, 9, 3):
        now[0] = second
        assert silent.close([new, served]) == 0
    now[0] = 100
    assert silent.close([new, served]) == 1
    assert (new.transport.closed, served.transport.closed) == (True, False)
    served.cycle.response_complete = True
    assert silent.close([served]) == 0
    now[0] = 105
    served.cycle = SimpleNamespace(response_complete=True)  # it has brought another since
    assert silent.close([served]) == 0
    now[0] = 116
    assert silent.close([served]) == 1


def test_who_goes_on_asking_is_never_closed() -> None:
    """However short each request is: none of them is seen while it is being answered."""
    now = [0.0]
    silent, busy = IdleConnections(10, clock=lambda: now[0]), Connection()
    for _ in range(200):
        now[0] += 1
        busy.cycle = None  # what is gone may leave its place in memory to the next
        busy.cycle = SimpleNamespace(response_complete=True)
        assert silent.close([busy]) == 0


HEADS: list[Callable[[], bytes]] = [
    lambda: b"",
    lambda: b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    lambda: b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
    lambda: b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /heal",  # half of a second request
]


def half_open(port: int) -> list[socket.socket]:
    lines = []
    for number in range(HALF_OPEN):
        line = socket.create_connection(("127.0.0.1", port), 30)
        line.sendall(HEADS[number % len(HEADS)]())
        lines.append(line)
    return lines


async def asked(at: ServerProcess, number: int) -> list[float]:
    """Seconds of questions asked one after the other by four readers."""
    took: list[float] = []

    async def reader(client: httpx.AsyncClient, event: AskEvent) -> None:
        for _ in range(number // 4):
            began = time.perf_counter()
            answered = await ask(client, at.address, QUESTION, event)
            assert quotes_robots(answered)
            took.append(time.perf_counter() - began)

    async with httpx.AsyncClient(timeout=60) as client:
        event = await ask_event(client, at.address)
        await asyncio.gather(*(reader(client, event) for _ in range(4)))
    return took


@pytest.mark.soak
@pytest.mark.process
def test_half_open_connections_hold_nobody_up(library: Path) -> None:
    """Questions go on meanwhile; each of the others is closed, or told, by the server."""
    with run_server(library) as at:
        asyncio.run(asked(at, 20))
        without = asyncio.run(asked(at, QUESTIONS))
        lines = half_open(at.port)
        meanwhile = asyncio.run(asked(at, QUESTIONS))
        print(
            f"p95 of a question: {percentile(without, 95) * 1000:.0f} ms without, "
            f"{percentile(meanwhile, 95) * 1000:.0f} ms with {HALF_OPEN} half-open connections"
        )
        end = time.monotonic() + limits.REQUEST_HEAD_SECONDS + 35  # the body of one may take thirty seconds
        ended = 0
        for line in lines:
            line.settimeout(max(0.1, end - time.monotonic()))
            with contextlib.suppress(ConnectionError):
                while line.recv(65_536):
                    pass
            ended += 1
            line.close()
        assert ended == HALF_OPEN
        assert asyncio.run(asked(at, 4))
    assert "Traceback" not in at.log.read_text()


@pytest.mark.process
def test_a_head_without_end_is_broken_off(library: Path) -> None:
    """A request whose head goes on and on is refused long before it could fill the memory."""
    with run_server(library) as at, socket.create_connection(("127.0.0.1", at.port), 30) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        got = b""
        sent = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                sent += line.send(b"X: " + b"x" * 10_000 + b"\r\n")
                time.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            got = line.recv(65_536)
        assert sent < 1_000_000 or got.startswith(b"HTTP/1.1 400 ")
