"""So many wrong tries in so much time, and no more."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable


class Limiter:
    """Lets ``most`` tries go wrong in ``seconds``.  Safe to use from several threads."""

    def __init__(self, most: int = 10, seconds: float = 300.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._wrong: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Takes a try; the seconds until there is one, 0 where it was taken."""
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0] <= now - self._seconds:
                self._wrong.popleft()
            if len(self._wrong) >= self._most:
                return self._wrong[0] + self._seconds - now
            self._wrong.append(now)
            return 0.0

    def right(self) -> None:
        """The try taken last was right, and doesn't count."""
        with self._lock:
            if self._wrong:
                self._wrong.pop()
