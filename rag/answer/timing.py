"""Timing of the stages of one question."""

from __future__ import annotations

import time


class Stopwatch:
    """The seconds that each stage took; for one thread.  Stages that come twice add up."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}  # seconds
        self._began = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Ends a stage: adds the time since the previous lap, or since the start, to it."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> float:
        """The time from the start to the last lap."""
        return self._last - self._began
