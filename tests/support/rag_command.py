"""``python -m rag …``: in a process of its own, as a person would run it, or within this process, which is faster."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from rag.cli.main import main
from tests.support.paths import ROOT

CompletedRag = subprocess.CompletedProcess[str]
RunRag = Callable[..., CompletedRag]
# Everything the tests ask comes from one address; tests of the rate limits set lower ones.
UNLIMITED = {"RAG_QUESTIONS_A_MINUTE": "100000", "RAG_REQUESTS_A_MINUTE": "1000000"}


def clean_environment() -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith("RAG_")}


def run_in_process(*arguments: object, **settings: str) -> CompletedRag:
    """Runs the command within this process; returns its status and what it printed."""
    words = [str(argument) for argument in arguments]
    with (
        tempfile.TemporaryDirectory() as folder,  # files, since the command may replace what stands behind its output
        Path(folder, "out").open("w", encoding="utf-8", newline="") as out,
        Path(folder, "err").open("w", encoding="utf-8", newline="") as err,
        mock.patch.dict(os.environ, clean_environment() | settings, clear=True),
        contextlib.chdir(ROOT),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            status = main(words)
        except SystemExit as exit:  # the parser's, of --help and of unusable arguments
            status = int(exit.code or 0)
        out.flush()
        err.flush()
        printed = [Path(folder, name).read_bytes().decode("utf-8") for name in ("out", "err")]
    return subprocess.CompletedProcess(words, status, *printed)


def run_rag(*arguments: object, **settings: str) -> CompletedRag:
    """Runs the command in a process of its own; returns its status and what it printed."""
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
