"""Stopping without losing a question: those under way are answered, long-lived streams don't hold it up."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Event
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web.middleware import security_headers
from rag.web.middleware.idle_connections import Silent
from rag.web.middleware.stale_answers import Unread

LOG = logging.getLogger(__name__)
DRAINING = "Stopping: no further questions are taken, those under way are answered."
LONGEST = 20  # seconds that questions under way are given
QUIET = 3.0  # seconds in which an instant is waited for at which nobody is just coming in
TAKEN = 1.0  # of these, seconds in which questions are still taken
NEW = 0.3  # seconds in which a new connection is expected to bring its request
OVERDUE = 5.0  # seconds after ``LONGEST`` at which the process ends, whatever is still at work
# Gradio's page puts a question by one request and comes for the answer by a second, a stream of events
_JOIN, _DATA, _BEAT = "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/heartbeat/"


class Streams:
    """ASGI middleware around the whole page: knows which questions are under way.

    While ``draining``, every response asks for its connection to be closed.  Once ``full`` is set, questions are turned
    away, unread: a front server may put them to another.  Once ``ending`` is set, streams that wait for nothing end.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks, draining: Event) -> None:
        self.app = app
        self.full = False
        self.ending = asyncio.Event()
        self.queue = page._queue
        self._draining = draining
        self._joining = 0
        self._open: Counter[str] = Counter()  # streams of answers, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._draining.is_set():
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        if path == _JOIN and self.full:
            response = JSONResponse({"detail": DRAINING}, 503)
            security_headers.add(response.headers, scope)
            await response(scope, receive, send_closing)
        elif path == _JOIN:
            self._joining += 1
            try:
                await self.app(scope, receive, send_closing)
            finally:
                self._joining -= 1
        elif path == _DATA:
            session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            self._open[session] += 1
            try:
                await self._stream(scope, receive, send_closing, session)
            finally:
                self._open[session] -= 1
                self._open += Counter()  # without those at 0
        elif path.startswith(_BEAT):
            await self._stream(scope, receive, send_closing, "")
        else:
            await self.app(scope, receive, send_closing)

    def awaited(self) -> bool:
        """Whether a question is just being put, or has been and its page hasn't come for the answer yet."""
        return self._joining > 0 or any(session not in self._open for session in self._unread())

    def _unread(self) -> Iterator[str]:
        """Sessions with a question whose messages nobody has read yet."""
        messages = self.queue.pending_messages_per_session
        for session, events in self.queue.pending_event_ids_session.items():
            if events and session in messages and not messages[session].empty():
                yield session

    async def _stream(self, scope: Scope, receive: Receive, send: Send, session: str) -> None:
        """The app is told of the end as if the reader had left; the reader gets a response that is complete."""
        started = complete = ended = False

        async def send_on(message: Message) -> None:
            nonlocal started, complete
            if not ended:
                started = True
                complete = message["type"] == "http.response.body" and not message.get("more_body", False)
                await send(message)

        serving = asyncio.ensure_future(self.app(scope, receive, send_on))
        ending = asyncio.ensure_future(self._idle(session))
        try:
            await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
            ended = not serving.done()
        finally:
            ending.cancel()
            serving.cancel()
        await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()
        if started and not complete:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _idle(self, session: str) -> None:
        """Returns once the streams are to end and no question of the session is under way."""
        await self.ending.wait()
        while self.queue.pending_event_ids_session.get(session):
            await asyncio.sleep(0.05)


class DrainingServer(uvicorn.Server):
    """Stops at the first signal once the questions under way are answered; at the second one at once."""

    def __init__(self, config: uvicorn.Config, streams: Streams, draining: Event) -> None:
        super().__init__(config)
        self._streams = streams
        self._draining = draining
        self._silent = Silent()
        self._unread = Unread(streams.queue)

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            self._silent.close(self.server_state.connections)
            self._unread.drop()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._draining.set()
        _end_after(LONGEST + OVERDUE)
        await self._close_the_door(sockets or [])
        self._streams.ending.set()
        await super().shutdown(sockets)

    async def _close_the_door(self, listeners: Sequence[socket.socket]) -> None:
        """Lets nobody in any more, from an instant on at which nobody is half-way: closing resets the connections that
        stand in the door, and a question needs two of them."""
        clock = asyncio.get_running_loop().time
        began = clock()
        first_seen: dict[Any, float] = {}
        while clock() < began + QUIET:
            idle = [one for one in self.server_state.connections if _is_idle(one)]
            for one in idle:
                first_seen.setdefault(one, clock())
            new = any(_cycle(one) is None and clock() < first_seen[one] + NEW for one in idle)
            doors = [*(one.transport.get_extra_info("socket") for one in idle), *listeners]
            if not new and not self._streams.awaited() and not _readable(doors):
                break
            await asyncio.sleep(0.005)
            self._streams.full = clock() > began + TAKEN  # with so many coming in, no such instant comes by itself
        for server in self.servers:
            server.close()
        self._streams.full = True  # for whoever slipped in


def _cycle(connection: Any) -> Any:
    """The request that the connection has brought last, with its response; None where it hasn't brought any."""
    return getattr(connection, "cycle", None)


def _is_idle(connection: Any) -> bool:
    """Whether it is open and no request of its is being answered."""
    cycle = _cycle(connection)
    return not connection.transport.is_closing() and (cycle is None or cycle.response_complete)


def _readable(doors: Sequence[socket.socket]) -> bool:
    """Whether anybody or anything has come in by one of them that hasn't been read."""
    poll = select.poll()
    for door in doors:
        poll.register(door, select.POLLIN)
    return bool(poll.poll(0))


def _end_after(seconds: float) -> None:
    """Ends the process then: a thread at work can't be stopped, and would be waited for."""

    def end() -> None:
        LOG.error("stopped while something was still at work")
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
