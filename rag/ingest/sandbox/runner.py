"""Both ends of an extractor's sandboxed process: ``serve`` runs in it, ``extract`` starts it and reads its JSON.

The output is {"read": …} with the extractor's result, or {"what": …, "remedy": …} where it refused the file.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rag
from rag import limits
from rag.errors import os_reason


class Refused(Exception):
    """The file can't be read: ``what`` is wrong, and its ``remedy``, "" where that depends on the file's use;
    ``passing`` says that the machine is the cause, not the file."""

    def __init__(self, what: str, remedy: str = "", *, passing: bool = False) -> None:
        self.what, self.remedy, self.passing = what, remedy, passing
        super().__init__(what)


def serve(extract: Callable[[bytes], dict[str, Any]]) -> int:
    """Runs the extractor on standard input within the limits, and returns the exit status."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.SANDBOX_MEMORY_BYTES, limits.SANDBOX_MEMORY_BYTES))
    # The soft limit ends the process by SIGXCPU, from which its parent knows the reason.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SANDBOX_CPU_SECONDS, limits.SANDBOX_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        output = json.dumps({"read": extract(sys.stdin.buffer.read())})
    except Refused as refused:
        output = json.dumps({"what": refused.what, "remedy": refused.remedy})
    except MemoryError:
        output = json.dumps({"what": "takes too much memory to read"})
    sys.stdout.write(output)
    return 0


def extract(extractor: str, data: bytes) -> dict[str, Any]:
    """Returns the result of ``rag.ingest.sandbox.EXTRACTOR`` for a file's bytes.

    Raises:
        Refused: the file can't be read, or takes more memory or time than it may.
    """
    try:
        process = subprocess.run(
            [sys.executable, "-m", f"rag.ingest.sandbox.{extractor}"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's warnings help nobody out here
            timeout=limits.SANDBOX_WALL_SECONDS,
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
