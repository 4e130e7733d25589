"""What a reader's own process does: it takes on its limits, reads standard input and prints JSON.

That is {"read": what was read} or {"what", "remedy"}: what is wrong, and what to do about it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from rag import limits


class Refused(Exception):
    """What is wrong, and what to do about it; "" where that depends on what the file is for.  ``passing`` says that it
    is the machine's trouble, not the file's."""

    def __init__(self, what: str, remedy: str = "", *, passing: bool = False) -> None:
        self.what, self.remedy, self.passing = what, remedy, passing
        super().__init__(what)


def serve(read: Callable[[bytes], dict[str, Any]]) -> int:
    """Reads standard input within the limits; gives the exit status."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.SANDBOX_MEMORY_BYTES, limits.SANDBOX_MEMORY_BYTES))
    resource.setrlimit(
        resource.RLIMIT_CPU, (limits.SANDBOX_CPU_SECONDS, limits.SANDBOX_CPU_SECONDS + 1)
    )  # the first gives SIGXCPU, which tells
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = json.dumps({"read": read(sys.stdin.buffer.read())})
    except Refused as refused:
        told = json.dumps({"what": refused.what, "remedy": refused.remedy})
    except MemoryError:
        told = json.dumps({"what": "takes too much memory to read", "remedy": ""})
    sys.stdout.write(told)
    return 0
