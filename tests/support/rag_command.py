"""``python -m rag …`` as a person would run it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from tests.support.paths import ROOT

RunRag = Callable[..., "subprocess.CompletedProcess[str]"]
# Everything the tests ask comes from one address; tests of the rate limits set lower ones.
UNLIMITED = {"RAG_QUESTIONS_A_MINUTE": "100000", "RAG_REQUESTS_A_MINUTE": "1000000"}


def clean_environment() -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith("RAG_")}


def run_rag(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with these settings and returns its status and output."""
    return subprocess.run(
        [sys.executable, "-m", "rag", *map(str, arguments)],
        cwd=ROOT,
        env=clean_environment() | {"PYTHONWARNINGS": "default"} | settings,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
