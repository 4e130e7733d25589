"""Which tests are slow by what they use, and a watch that keeps the others fast.

``make check`` runs the tests without these markers:

- ``model``: uses the real model;
- ``browser``: drives Chromium;
- ``process``: starts another process.

A test that uses the fixture of such a thing is marked by itself.  Any other must be marked by hand: a test that starts
a process or loads the model unmarked fails.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import pytest

MARKER_OF_FIXTURE = {"encoder": "model", "browser": "browser", "rag_process": "process", "apart": "process"}
_STARTS_PROCESS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
_MODEL_PACKAGE = "sentence_transformers"


def add_markers(items: Iterable[pytest.Item]) -> None:
    """Marks the tests that use a slow fixture, be it by way of others."""
    for item in items:
        for fixture in MARKER_OF_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKER_OF_FIXTURE[fixture])


class LaneGuard:
    """Fails a test that does what only tests with a marker may do; its shared fixtures count as its own."""

    def __init__(self) -> None:
        self._markers: set[str] | None = None
        self._failure = ""
        sys.addaudithook(self._audit)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._markers, self._failure = {marker.name for marker in item.iter_markers()}, ""
        try:
            return (yield)
        finally:
            self._markers = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Any:
        result = yield
        if self._failure:  # it was raised in another thread, or the tested code caught it
            pytest.fail(self._failure)
        return result

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._markers is None:
            return
        if event in _STARTS_PROCESS and not self._markers & {"process", "browser"}:
            self._fail(f"starts a process ({arguments[:1]}): mark it with pytest.mark.process")
        if event == "import" and arguments[0] == _MODEL_PACKAGE and "model" not in self._markers:
            self._fail("loads the model: mark it with pytest.mark.model")

    def _fail(self, reason: str) -> None:
        self._failure = f"a test without the marker {reason}"
        pytest.fail(self._failure)
