"""Stopping without losing a question: those under way are answered, and streams that wait for nothing are ended."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from threading import Event
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web import internals
from rag.web.idle import IdleConnections, SlowReaders, StaleAnswers
from rag.web.internals import QuestionQueue
from rag.web.middleware import security_headers
from rag.web.streams import serve_until

LOG = logging.getLogger(__name__)
DRAINING = "Stopping: no further questions are taken, those under way are answered."
GRACE_SECONDS = 20  # for questions under way
QUIET_SECONDS = 3.0  # in which an instant is awaited at which no request is coming in
ACCEPT_SECONDS = 1.0  # of these, while questions are still taken
NEW_CONNECTION_SECONDS = 0.3  # in which a new connection is expected to bring its request
OVERDUE_SECONDS = 5.0  # after ``GRACE_SECONDS``, until the process ends whatever is still at work


class DrainingStreams:
    """ASGI middleware around the whole application: knows which questions are under way.

    While ``draining``, every response asks for its connection to be closed.  Once ``full`` is set, questions are
    refused unread, so that a front server may pass them on.  Once ``ending`` is set, idle streams are ended.
    """

    def __init__(self, app: ASGIApp, queue: QuestionQueue, draining: Event) -> None:
        self.app = app
        self.full = False
        self.ending = asyncio.Event()
        self.queue = queue
        self._draining = draining
        self._joining = 0
        self._streams: Counter[str] = Counter()  # open streams of answers, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._draining.is_set():
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        if path == internals.JOIN and self.full:
            response = JSONResponse({"detail": DRAINING}, 503)
            security_headers.add_headers(response.headers, scope)
            await response(scope, receive, send_closing)
        elif path == internals.JOIN:
            self._joining += 1
            try:
                await self.app(scope, receive, send_closing)
            finally:
                self._joining -= 1
        elif path == internals.DATA:
            session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            self._streams[session] += 1
            try:
                await serve_until(self._wait_for_end(session), self.app, scope, receive, send_closing)
            finally:
                self._streams[session] -= 1
                self._streams += Counter()  # drops those at 0
        elif path.startswith(internals.HEARTBEAT):
            await serve_until(self._wait_for_end(""), self.app, scope, receive, send_closing)
        else:
            await self.app(scope, receive, send_closing)

    def expects_requests(self) -> bool:
        """Whether a question is coming in, or has come in and its page hasn't opened the stream of its answer yet."""
        pending = (session for session in self.queue.unread() if self.queue.is_pending(session))
        return self._joining > 0 or any(session not in self._streams for session in pending)

    async def _wait_for_end(self, session: str) -> None:
        """Returns once streams are to end and no question of the session is pending."""
        await self.ending.wait()
        while self.queue.is_pending(session):
            await asyncio.sleep(0.05)


class DrainingServer(uvicorn.Server):
    """Stops at the first signal once the questions under way are answered, at the second signal at once."""

    def __init__(self, config: uvicorn.Config, streams: DrainingStreams, draining: Event) -> None:
        super().__init__(config)
        self._streams = streams
        self._draining = draining
        self._idle_connections = IdleConnections()
        self._slow_readers = SlowReaders()
        self._stale_answers = StaleAnswers(streams.queue)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to serve; raises IncompatibleVersion where this uvicorn lacks what is needed to stop it."""
        internals.require_connection_fields(self)
        await super().startup(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Closes idle and slow connections and drops stale answers, once a second."""
        if counter % 10 == 0:
            self._idle_connections.close(internals.connections(self))
            self._slow_readers.close(internals.connections(self))
            self._stale_answers.drop()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop; a second signal has its usual effect."""
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops listening, waits for the questions under way and ends idle streams."""
        self._draining.set()
        _end_after(GRACE_SECONDS + OVERDUE_SECONDS)
        await self._stop_listening(sockets or [])
        self._streams.ending.set()
        await super().shutdown(sockets)

    async def _stop_listening(self, listeners: Sequence[socket.socket]) -> None:
        """Stops at an instant at which no connection is half-way in: closing resets those that are, and a question
        needs two."""
        clock = asyncio.get_running_loop().time
        began = clock()
        first_seen: dict[Any, float] = {}
        while clock() < began + QUIET_SECONDS:
            idle = [connection for connection in internals.connections(self) if _is_idle(connection)]
            for connection in idle:
                first_seen.setdefault(connection, clock())
            silent = (connection for connection in idle if internals.last_request(connection) is None)
            new = any(clock() < first_seen[connection] + NEW_CONNECTION_SECONDS for connection in silent)
            sockets = [*(connection.transport.get_extra_info("socket") for connection in idle), *listeners]
            if not new and not self._streams.expects_requests() and not _is_readable(sockets):
                break
            await asyncio.sleep(0.005)
            self._streams.full = clock() > began + ACCEPT_SECONDS  # else, with many coming in, there is no such instant
        internals.stop_listening(self)
        self._streams.full = True  # for requests that slipped in


def _is_idle(connection: Any) -> bool:
    """Whether the connection is open and no request of it is being answered."""
    return not connection.transport.is_closing() and not internals.is_answering(connection)


def _is_readable(sockets: Sequence[socket.socket]) -> bool:
    """Whether one of the sockets has a connection or data that hasn't been read."""
    poll = select.poll()
    for sock in sockets:
        poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _end_after(seconds: float) -> None:
    """Ends the process after so many seconds: a thread at work can't be stopped, and would be waited for."""

    def end() -> None:
        LOG.error("stopped while something was still at work")
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
