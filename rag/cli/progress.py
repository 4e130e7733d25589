"""A progress bar on standard error."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

from tqdm import tqdm


class ProgressBar(AbstractContextManager["ProgressBar"]):
    """Progress callback for long work: one bar for each stage; no bar where standard error is no terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] = tqdm(disable=True)
        self._stage = ""

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Shows that ``done`` of ``total`` items of the stage are done; a new stage gets a new bar."""
        if stage != self._stage:
            self._bar.close()
            self._stage = stage
            self._bar = tqdm(None, desc=stage, total=total, file=sys.stderr, disable=None, unit="")
        self._bar.update(done - self._bar.n)
