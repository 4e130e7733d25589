"""How many questions may wait, and how many requests may be under way, at once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from rag import limits
from rag.web.internals import CALL, DATA, HEARTBEAT, JOIN
from rag.web.middleware.client_address import address_key, network_shares
from rag.web.responses import refusal
from rag.web.streams import serve_until

BUSY = "The desk is busy: many questions are waiting at this moment. Please ask again in a few seconds."
CROWDED = "The desk is busy: too many readers are connected at this moment. Please try again in a few seconds."
MANY_OPEN = "Too many pages are open from your address at this moment. Please try again in a few seconds."
PROBES = ("/healthz", "/readyz")  # they must not take a busy server for a dead one
RETRY_SECONDS = 2.0
_STAFF = re.compile(r"/(?:sign-in|sign-out|(?:staff|operator)(?:/.*)?)", re.DOTALL)


@dataclass(eq=False)
class Room:
    """So many places for requests of one kind, of which an address may take a part and the networks around an IPv6
    address a few times that part; ``taken`` counts by all of these."""

    places: int
    of_address: int
    taken: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def refusal(self, address: str) -> str:
        """Why one more isn't let in, "" where it is."""
        if self.total >= self.places:
            return CROWDED
        return MANY_OPEN if self.full_for(address) else ""

    def full_for(self, address: str) -> str:
        """The address itself, or the network around it, that has all that it may; "" for none."""
        shares = network_shares(address).items()
        return next((key for key, share in shares if self.taken[key] >= self.of_address * share), "")

    def enter(self, address: str) -> None:
        """Takes a place."""
        self.total += 1
        self.taken.update(network_shares(address).keys())

    def leave(self, address: str) -> None:
        """Gives it back."""
        self.total -= 1
        for key in network_shares(address):
            self.taken[key] -= 1
            if not self.taken[key]:
                del self.taken[key]


class Heartbeats(Room):
    """Streams that an open page holds and that do nothing: one more is let in always, and where there are as many as
    there may be, the oldest of whoever has most is ended for it."""

    def __init__(self, places: int, of_address: int) -> None:
        super().__init__(places, of_address)
        # what ends each, the oldest first; and what it is counted under, its address before the networks around that
        self._open: dict[asyncio.Event, tuple[str, ...]] = {}

    async def serve(self, address: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one until it is ended, or a conversation would be forgotten."""
        while key := self.full_for(address):
            self._end(key)
        if self.total >= self.places:
            self._end(Counter(address for address, *_ in self._open.values()).most_common(1)[0][0])
        end = asyncio.Event()
        self._open[end] = tuple(network_shares(address))
        self.enter(address)
        try:
            await serve_until(_wait(end, limits.CONVERSATION_SECONDS), app, scope, receive, send)
        finally:
            self._close(end)

    def _end(self, key: str) -> None:
        self._close(next(end for end, counted in self._open.items() if key in counted))

    def _close(self, end: asyncio.Event) -> None:
        if counted := self._open.pop(end, None):
            self.leave(counted[0])
        end.set()


async def _wait(end: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(end.wait(), seconds)
    except TimeoutError:
        return


@dataclass(eq=False)
class ConcurrencyLimit:
    """ASGI middleware; ``queue`` holds the questions that wait, ``on_refused`` is called for each refused request.

    Who signs in or is of the staff, pages' heartbeats, streams of answers, and all other requests have each a room of
    their own, so that none of them takes the others' places.
    """

    app: ASGIApp
    queue: Sized
    on_refused: Callable[[], None] = lambda: None
    max_waiting: int = limits.MAX_WAITING_QUESTIONS
    requests: Room = field(
        default_factory=lambda: Room(limits.MAX_REQUESTS_AT_ONCE, limits.MAX_REQUESTS_OF_ONE_ADDRESS)
    )
    staff: Room = field(
        default_factory=lambda: Room(limits.MAX_STAFF_REQUESTS, limits.MAX_STAFF_REQUESTS_OF_ONE_ADDRESS)
    )
    answers: Room = field(
        default_factory=lambda: Room(limits.MAX_ANSWER_STREAMS, limits.MAX_ANSWER_STREAMS_OF_ONE_ADDRESS)
    )
    heartbeats: Heartbeats = field(
        default_factory=lambda: Heartbeats(limits.MAX_HEARTBEATS, limits.MAX_HEARTBEATS_OF_ONE_ADDRESS)
    )
    _joining: int = 0  # questions on their way into the queue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            return await self.app(scope, receive, send)
        path, get = scope["path"], scope["method"] == "GET"
        address = address_key((scope.get("client") or ("", 0))[0])
        if get and path.startswith(HEARTBEAT):
            return await self.heartbeats.serve(address, self.app, scope, receive, send)
        asks = scope["method"] == "POST" and (path == JOIN or path.startswith(CALL))
        if asks and self._joining + len(self.queue) >= self.max_waiting:
            return await self._refuse(BUSY, scope, receive, send)
        streams = get and (path == DATA or path.startswith(CALL))
        room = self.staff if _STAFF.fullmatch(path) else self.answers if streams else self.requests
        if line := room.refusal(address):
            return await self._refuse(line, scope, receive, send)
        room.enter(address)
        self._joining += asks
        try:
            if streams:
                end = asyncio.sleep(limits.ANSWER_STREAM_SECONDS)
                return await serve_until(end, self.app, scope, receive, send)
            return await self.app(scope, receive, send)
        finally:
            self._joining -= asks
            room.leave(address)

    async def _refuse(self, line: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.on_refused()
        await refusal(scope, line, 503, wait=RETRY_SECONDS)(scope, receive, send)
