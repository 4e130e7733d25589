"""How many requests and questions one address or account may send within a minute, and how long they may take."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import limits
from rag.admin.sliding_window import SlidingWindow
from rag.budget import patiently
from rag.web.middleware.client_address import address_key, network_shares
from rag.web.responses import refusal

TOO_MANY = "There were too many requests from your address within a minute. Please try again in {wait} seconds."
TOO_MANY_QUESTIONS = "You have asked {number} within a minute. Please wait {wait} seconds and ask again."
TOO_MUCH_WORK = (
    "What you asked for within a minute has taken all the time that the desk has for one reader. "
    "Please try again in {wait} seconds."
)
UNCOUNTED_PATHS = ("/desk/", "/assets/", "/static/")  # files, of which a page takes a hundred at once


class PerMinuteLimiter:
    """Allows each sender so many hits within any minute, or within other ``seconds``; refused ones don't count.
    Thread-safe.

    Senders are held in bounded memory, under a digest with a key of this process.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic, *, seconds: float = 60.0) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._window = SlidingWindow(seconds)
        self._digest = _Digest()
        self._lock = threading.Lock()

    def wait(self, sender: str) -> float:
        """Takes a hit; returns the seconds until one is allowed, 0 where it was taken."""
        with self._lock:
            allowed = {self._digest(key): self.a_minute * share for key, share in network_shares(sender).items()}
            wait = self._window.take(allowed, self._clock())
        return max(1.0, wait) if wait else 0.0


class ProcessorSecondsLimiter:
    """Lets each sender go on until it has spent its processor seconds of a minute, which come back as time goes by.

    What one piece of work spends beyond them is waited for too, so that no sender gets more in the long run.
    Thread-safe, in bounded memory.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._back: OrderedDict[str, float] = OrderedDict()  # when all that each has spent will have come back
        self._digest = _Digest()
        self._lock = threading.Lock()
        self.max_senders = 50_000

    def wait(self, sender: str, a_minute: float) -> float:
        """The seconds until the sender may go on, 0 where it may now."""
        with self._lock:
            over = self._still_spent(self._digest(sender), a_minute) - a_minute
        return max(1.0, over * 60 / a_minute) if over >= 0 else 0.0

    def spent(self, sender: str, a_minute: float) -> float:
        """The processor seconds that haven't come back yet."""
        with self._lock:
            return self._still_spent(self._digest(sender), a_minute)

    def spend(self, sender: str, seconds: float, a_minute: float) -> None:
        """Counts processor seconds that were spent for the sender."""
        with self._lock:
            digest, now = self._digest(sender), self._clock()
            self._back[digest] = now + (self._still_spent(digest, a_minute) + seconds) * 60 / a_minute
            self._back.move_to_end(digest)  # the one that spent longest ago is forgotten first
            while len(self._back) > self.max_senders or (self._back and next(iter(self._back.values())) <= now):
                self._back.popitem(last=False)

    def _still_spent(self, digest: str, a_minute: float) -> float:
        return max(0.0, (self._back.get(digest, 0.0) - self._clock()) * a_minute / 60)


class Refusal(NamedTuple):
    """Why somebody has to wait, in a sentence, and for how many seconds."""

    line: str
    wait: float


class Pace:
    """How much one address, or one account, may ask for: questions and checks, and the processor time of all its work.

    ``account`` names who is signed in; an account has more time than an address, for the drafts of the staff.
    """

    def __init__(
        self, questions_a_minute: int, account: Callable[[Request], str | None] = lambda request: None
    ) -> None:
        self.account = account
        self._questions = PerMinuteLimiter(questions_a_minute)
        self._work = ProcessorSecondsLimiter()
        self._seconds = max(limits.QUESTION_CPU_SECONDS, questions_a_minute * limits.CPU_SECONDS_BY_QUESTION)

    def sender(self, request: Request | None) -> str:
        """Whose question, check or page it is."""
        if request is None:
            return ""
        name = self.account(request)
        return f"{_ACCOUNT}{name}" if name else address_key(request.client.host if request.client else "")

    def refusal(self, sender: str, *, asks: bool) -> Refusal | None:
        """Why the sender has to wait, None where it hasn't; ``asks`` says that it is a question or a check."""
        if wait := self._work.wait(sender, self._of_a_minute(sender)):
            return Refusal(TOO_MUCH_WORK.format(wait=math.ceil(wait)), wait)
        if asks and (wait := self._questions.wait(sender)):
            a_minute = self._questions.a_minute
            number = f"{a_minute:,} question{'' if a_minute == 1 else 's'}"
            return Refusal(TOO_MANY_QUESTIONS.format(number=number, wait=math.ceil(wait)), wait)
        return None

    @contextmanager
    def work(self, sender: str) -> Iterator[None]:
        """Counts the processor time of what this thread does within, which waits for its turn where the sender has had
        much already."""
        began, a_minute = time.thread_time(), self._of_a_minute(sender)
        has_had_much = self._work.spent(sender, a_minute) > limits.ORDINARY_SHARE * a_minute
        try:
            with patiently() if has_had_much else nullcontext():
                yield
        finally:
            self.charge(sender, time.thread_time() - began)

    @contextmanager
    def under_way(self, sender: str) -> Iterator[None]:
        """Holds back some of the sender's time while a question is answered, so that few are under way at once."""
        self.charge(sender, limits.RESERVED_CPU_SECONDS)
        try:
            yield
        finally:
            self.charge(sender, -limits.RESERVED_CPU_SECONDS)

    def charge(self, sender: str, seconds: float) -> None:
        """Counts processor seconds that were spent for the sender."""
        self._work.spend(sender, seconds, self._of_a_minute(sender))

    def _of_a_minute(self, sender: str) -> float:
        return self._seconds * (limits.WORK_OF_AN_ACCOUNT if sender.startswith(_ACCOUNT) else 1)


class _Digest:
    """A sender's digest, with a key of this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def __call__(self, sender: str) -> str:
        return hashlib.blake2b(sender.encode("utf-8", "surrogatepass"), digest_size=12, key=self._key).hexdigest()


_ACCOUNT = "account "


class RateLimit:
    """ASGI middleware: limits the requests of an address; an IPv6 network counts as one."""

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self.app = app
        self._limiter = PerMinuteLimiter(a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNCOUNTED_PATHS):
            wait = self._limiter.wait(address_key((scope.get("client") or ("", 0))[0]))
            if wait:
                line = TOO_MANY.format(wait=round(wait))
                return await refusal(scope, line, 429, wait=wait)(scope, receive, send)
        return await self.app(scope, receive, send)
