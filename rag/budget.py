"""What one piece of work may cost: a question, a check, a draft, a comparison, a preview.

Whoever opens a door to strangers sets a budget with ``limited``; the loops beneath it call ``step``, which ends the
work once its processor time or its time is spent, or nobody waits for it any more.  Where no budget is set, as at the
command line, ``step`` does nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rag import limits
from rag.errors import RagError


class OverBudget(RagError):
    """The work was ended, since it would have cost more than one piece of work may."""


class Abandoned(Exception):
    """Nobody waits for the work any more."""


class _Budget:
    """The processor seconds of this thread, and the seconds, that one piece of work may take.

    Work that has taken longer than an ordinary question
    goes on one at a time, and so does all work of whoever has had much (``patiently``), in a lane of its own.  Both
    rest while ordinary work is under way: Python runs one thread at a time, and whoever computes without a pause holds
    up all who do a little at a time.
    """

    def __init__(self, cost: float, seconds: float, line: str, gone: threading.Event | None = None) -> None:
        self._gone = gone or threading.Event()
        self._cost, self._line = cost, line
        self._began, self._deadline = time.thread_time(), time.monotonic() + seconds
        self._turn: threading.Semaphore | None = None
        self._rested = 0.0
        if not _PATIENT.get():
            _ORDINARY.add(self)

    def check(self) -> None:
        """Goes on, waits for its turn, or ends the work.

        Raises:
            OverBudget: the budget is spent. Abandoned: nobody waits for the work any more.
        """
        spent = time.thread_time() - self._began
        if self._gone.is_set():
            raise Abandoned
        if spent > self._cost or time.monotonic() > self._deadline:
            raise OverBudget(self._line)
        if self._turn is None:
            if _PATIENT.get():
                self._take_turn(_PATIENT_WORK)
            elif spent > limits.ORDINARY_CPU_SECONDS:
                self._take_turn(_SLOW_WORK)
        elif _ORDINARY and spent - self._rested > WORK_SECONDS:
            time.sleep(REST_SECONDS)
            self._rested = spent

    def _take_turn(self, turn: threading.Semaphore) -> None:
        _ORDINARY.discard(self)
        while not turn.acquire(timeout=0.1):
            if self._gone.is_set():
                raise Abandoned
            if time.monotonic() > self._deadline:
                raise OverBudget(BUSY)
        self._turn = turn

    def close(self) -> None:
        """Lets the next slow work go on."""
        _ORDINARY.discard(self)
        if self._turn:
            self._turn.release()
            self._turn = None


BUSY = "The desk is busy with other work. Please try again in a minute"
WORK_SECONDS, REST_SECONDS = 0.01, 0.06  # of slow work beside ordinary work
_ORDINARY: set[_Budget] = set()  # those under way that have taken no longer than an ordinary question
_SLOW_WORK, _PATIENT_WORK = threading.Semaphore(1), threading.Semaphore(1)
_PATIENT: ContextVar[bool] = ContextVar("patient", default=False)
_CURRENT: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def limited(cost: float, seconds: float, line: str, gone: threading.Event | None = None) -> Iterator[None]:
    """Sets the budget of what this thread does within: ``cost`` in processor seconds, ``seconds`` on the clock.

    ``line`` tells the reader that it was too much, and what to do; it is OverBudget's.  ``gone`` ends the work once it
    is set.  Within another budget the outer one holds.
    """
    if _CURRENT.get() is not None:
        yield
        return
    budget = _Budget(cost, seconds, line, gone)
    token = _CURRENT.set(budget)
    try:
        yield
    finally:
        _CURRENT.reset(token)
        budget.close()


@contextmanager
def patiently() -> Iterator[None]:
    """What this thread does within is the work of somebody who has had much already: it waits for its turn at once."""
    token = _PATIENT.set(True)
    try:
        yield
    finally:
        _PATIENT.reset(token)


def step() -> None:
    """One step of a loop over what strangers sent: costs under a microsecond.

    Raises:
        OverBudget, Abandoned: see ``_Budget.check``.
    """
    budget = _CURRENT.get()
    if budget is not None:
        budget.check()
