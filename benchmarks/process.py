"""Measuring in a process of one's own, where nothing is warm and memory counts from nothing."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def new_process() -> ProcessPoolExecutor:
    """A new interpreter, started at the first call that is submitted to it."""
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))


def alone(measure: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``measure`` returns when a new process runs it."""
    with new_process() as process:
        return process.submit(measure, *args, **kwargs).result()


def peak_megabytes() -> float:
    """The most memory this process has held at once, in 1,000,000 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # Linux counts in KiB
