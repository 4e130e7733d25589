"""The process that does the operator's jobs and gives way to the one that answers questions.

``python -m rag.admin.worker SETTINGS`` reads a request a line on standard input, {"id", "what", "generation",
"allow_removal", "who"}, and prints the job as JSON, a line each time it gets further.  SETTINGS is JSON too.  The
model stays loaded between jobs.  The process ends when standard input does.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import sys
import threading
import time

from pydantic import TypeAdapter

from rag.admin import jobs
from rag.admin.job_runner import POLL_SECONDS, JobRunner, Request
from rag.admin.jobs import Job
from rag.admin.log_setup import configure
from rag.errors import RagError
from rag.settings import load

LOG = logging.getLogger(__name__)
NICENESS = 10  # added to the process's nice value, so that the server goes first
GRACE_SECONDS = 10.0  # that a cancelled job is given to stop before the process is ended
_REQUEST = TypeAdapter(Request)


def main() -> int:
    """Does the jobs requested on standard input until it ends; returns the exit status."""
    os.nice(NICENESS)
    configure()  # its standard error is the server's
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing else is printed between the lines

    def report(job: Job) -> None:
        with contextlib.suppress(BrokenPipeError):  # the server has gone; standard input will end
            out.write(f"{jobs.to_line(job)}\n")
            out.flush()

    runner = JobRunner(load(**json.loads(sys.argv[1])), on_progress=report)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=[runner, lines], daemon=True).start()
    threading.Thread(target=_watch_cancelled, args=[runner], daemon=True).start()
    while line := lines.get():
        request = _REQUEST.validate_json(line)
        try:
            runner.run(request)
        except RagError as error:
            report(Job(request.id, request.what, "failed", line=str(error), error=type(error).__name__))
        if request.what == "check":
            threading.Thread(target=runner.warm_up, daemon=True).start()
    return 0


def _read_requests(runner: JobRunner, lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    runner.end()
    lines.put("")


def _watch_cancelled(runner: JobRunner) -> None:
    """Ends the process if a cancelled job doesn't stop; what it was writing is no part of the library yet."""
    cancelled_at = None
    while True:
        time.sleep(POLL_SECONDS)
        if not runner.is_cancelled():
            cancelled_at = None
        elif cancelled_at is None:
            cancelled_at = time.monotonic()
        elif time.monotonic() > cancelled_at + GRACE_SECONDS:
            LOG.error("a job did not stop within %s seconds", GRACE_SECONDS)
            os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
