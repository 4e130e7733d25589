"""How long each stage of one question took."""

from __future__ import annotations

import time


class Stopwatch:
    """For one question, in one thread.  Stages that come twice add up."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}  # seconds
        self._began = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """What has passed since the lap before, or since the start, was this stage."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> float:
        """From the start to the last lap."""
        return self._last - self._began
