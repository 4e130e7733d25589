"""Runs a reader as a process of its own; whatever becomes of that, one line says so."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import rag
from rag import limits
from rag.errors import os_reason
from rag.ingest.sandbox.confine import Refused


def read(
    reader: Literal["docx", "pdf"], data: bytes, *, seconds: float = limits.SANDBOX_WALL_SECONDS
) -> dict[str, Any]:
    """What a sandboxed reader's ``read`` makes of a file's bytes, if it is done in ``seconds``.

    Raises:
        Refused: it can't be read, or takes more memory or time than it may.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"rag.ingest.sandbox.{reader}"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what went wrong in there helps nobody out here
            timeout=seconds,
            cwd=Path(rag.__file__).parent.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("takes too long to read") from None
    except OSError as error:
        reason = os_reason(error)
        what = f"can't be read just now ({reason})"
        raise Refused(what, "Try again when the machine has room", passing=True) from error
    if done.returncode == -signal.SIGXCPU:
        raise Refused("takes too long to read")
    try:
        told: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    except ValueError:
        told = {}
    if "read" not in told:
        raise Refused(told.get("what", "takes too much memory or time to read"), told.get("remedy", ""))
    found: dict[str, Any] = told["read"]
    return found
