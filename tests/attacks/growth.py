"""How the processor's time grows with a text's length: the exponent between its longest lengths."""

from __future__ import annotations

import gc
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MAX_EXPONENT = 1.3
_TELLING = 0.02  # seconds for the longest length; what takes less has no room to have grown
_TRIES = 3  # of what seems to grow too fast: other work on the machine makes times longer


class _TookTooLong(BaseException):
    pass


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Ends what takes longer: ``re`` looks for signals while it matches."""

    def stop(*_: object) -> None:
        raise _TookTooLong

    former = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


def seconds(read: Callable[[Any], object], text: str | bytes, times: int = 1) -> float:
    """The processor's seconds, the best of some; infinite where they are too many by far."""
    best = math.inf
    gc.disable()  # which looks through all that other tests have left
    try:
        for _ in range(times):
            began = time.thread_time()
            with _at_most(3.0):
                read(text)
            best = min(best, time.thread_time() - began)
    except _TookTooLong:
        return math.inf
    finally:
        gc.enable()
    return best


def exponent(
    read: Callable[[Any], object], text: Callable[[int], Any], most: int, *, start: int = 64, enough: float = 0.3
) -> tuple[float, int, float]:
    """How steeply the time grows, from lengths that double up to ``most`` or until they take ``enough`` seconds; with
    the last length and its time."""
    length, times = min(start, most), []
    while True:
        times.append((length, seconds(read, text(length), 2)))
        if times[-1][1] > enough or length >= most:
            break
        length = min(2 * length, most)
    took = times[-1][1]
    if took < _TELLING or len(times) < 2:
        return (math.inf if took == math.inf else 0.0), length, took
    first, short = times[max(-5, -len(times))]  # a sixteenth: what a cache holds makes steps in between
    grows = math.log(took / short) / math.log(length / first)
    for _ in range(_TRIES - 1):
        if MAX_EXPONENT < grows < math.inf:
            took = min(took, seconds(read, text(length), 2))
            short = max(short, seconds(read, text(first), 1))
            grows = math.log(took / short) / math.log(length / first)
    return grows, length, took
