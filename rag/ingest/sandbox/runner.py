"""Runs an extractor in its sandboxed process; whatever happens there, the caller gets a result or ``Refused``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import rag
from rag import limits
from rag.errors import os_reason
from rag.ingest.sandbox.confine import Refused


def extract(extractor: str, data: bytes, *, seconds: float = limits.SANDBOX_WALL_SECONDS) -> dict[str, Any]:
    """Returns the result of ``rag.ingest.sandbox.EXTRACTOR`` for a file's bytes, if it comes within ``seconds``.

    Raises:
        Refused: the file can't be read, or takes more memory or time than it may.
    """
    try:
        process = subprocess.run(
            [sys.executable, "-m", f"rag.ingest.sandbox.{extractor}"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's warnings help nobody out here
            timeout=seconds,
            cwd=Path(rag.__file__).parent.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("takes too long to read") from None
    except OSError as error:
        what = f"can't be read just now ({os_reason(error)})"
        raise Refused(what, "Try again when the machine has room", passing=True) from error
    if process.returncode == -signal.SIGXCPU:
        raise Refused("takes too long to read")
    try:
        output: dict[str, Any] = json.loads(process.stdout) if process.returncode == 0 else {}
    except ValueError:
        output = {}
    if "read" not in output:
        raise Refused(output.get("what", "takes too much memory or time to read"), output.get("remedy", ""))
    result: dict[str, Any] = output["read"]
    return result
