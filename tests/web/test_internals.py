"""What is used of Gradio's and uvicorn's private parts, and what is said where they are others."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from rag.web import internals
from rag.web.internals import IncompatibleVersion, QuestionQueue


def test_the_installed_versions_are_the_ones_this_was_made_for(caplog: pytest.LogCaptureFixture) -> None:
    """One line names them, and nothing is warned of."""
    with caplog.at_level(logging.INFO):
        internals.check_versions()
    assert [(line.levelname, line.getMessage()) for line in caplog.records] == [
        ("INFO", f"Made for gradio {internals.MADE_FOR['gradio']} and uvicorn {internals.MADE_FOR['uvicorn']}")
    ]


def test_another_version_is_one_warning(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is served all the same."""
    monkeypatch.setitem(internals.MADE_FOR, "uvicorn", "0.1")
    internals.check_versions()
    (warning,) = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert "not 0.1" in warning


def test_a_missing_part_is_one_clear_error() -> None:
    """It names the package, what it lacks and what to do."""
    page: Any = SimpleNamespace(_queue=SimpleNamespace())
    with pytest.raises(IncompatibleVersion, match=r"gradio: version .* has no 'pending_.*'; .* Run: make setup"):
        QuestionQueue(page)
