"""The sandboxed process of an extractor: it sets its limits, reads standard input and prints JSON.

The output is {"read": …} with the extractor's result, or {"what": …, "remedy": …} where it refused the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from rag import limits


class Refused(Exception):
    """The file can't be read: what is wrong, and what to do about it, "" where that depends on the file's use.

    ``passing`` says that the machine is the cause, not the file.
    """

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
        data = json.dumps({"read": extract(sys.stdin.buffer.read())})
    except Refused as refused:
        data = json.dumps({"what": refused.what, "remedy": refused.remedy})
    except MemoryError:
        data = json.dumps({"what": "takes too much memory to read", "remedy": ""})
    sys.stdout.write(data)
    return 0
