"""The process that runs the operator's jobs: started with the first job, ended when there was none for long."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO

from rag.admin import jobs
from rag.admin.job_runner import Request
from rag.admin.jobs import JOB_NAMES, Job, JobKind
from rag.errors import LibraryBusy, LibraryDamaged, OperatorRefused
from rag.settings import ROOT, Settings

LOG = logging.getLogger(__name__)
IDLE_SECONDS = 900.0  # after the last job, until the process ends and gives its memory back
_START_SECONDS = 60.0  # that it may take to start
_END_SECONDS = 3.0  # that it is given to end; nothing is lost by killing it


class WorkerProcess:
    """Runs jobs, one at a time, in a process of its own.  Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.library
        self._settings = _absolute(settings).model_dump_json()
        self._start_lock = threading.Lock()
        self._changed = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reported: Job | None = None  # the latest report of the process
        self._idle_timer: threading.Timer | None = None

    def start(self, what: JobKind, *, who: str = "", generation: str = "", allow_removal: bool = False) -> Job:
        """Starts a job that ``who`` asked for.

        Raises:
            LibraryBusy: one is under way, here or in another process. OperatorRefused: the process can't be started.
        """
        with self._start_lock:
            now = self.latest()
            if now and now.state == "running":
                raise _busy(now)
            request = Request(secrets.token_hex(8), what, generation, allow_removal, who)
            self._send(request)
            with self._changed:
                self._changed.wait_for(lambda: self._process is None or self._has_reported(request.id), _START_SECONDS)
                job = self._reported
            if job is None or job.id != request.id:
                raise OperatorRefused("could not be begun", where=JOB_NAMES[what], remedy="The desk's log says why")
            if job.state == "failed" and job.error == LibraryBusy.__name__:
                now = self.latest()
                raise _busy(now) if now else LibraryBusy("another job is under way", remedy="Try again in a moment")
            return job

    def wait(self, identity: str, seconds: float) -> None:
        """Waits until the job has ended, at most that long."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._has_reported(identity) and self._is_running()), seconds)

    def latest(self) -> Job | None:
        """The running job, of whichever process, else the last one; None where there was none."""
        with self._changed:
            if self._is_running():
                return self._reported
        try:
            return jobs.read(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            return None

    def cancel(self, identity: str) -> None:
        """Asks the job to stop.  Raises LibraryUnwritable."""
        jobs.cancel(self._root, identity)

    def close(self) -> None:
        """Ends the process, and the running job with it."""
        with self._start_lock:
            process = self._release()
        if process:
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _is_running(self) -> bool:
        return self._reported is not None and self._reported.state == "running"

    def _has_reported(self, identity: str) -> bool:
        return self._reported is not None and self._reported.id == identity

    def _send(self, request: Request) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
        line = f"{json.dumps(asdict(request))}\n"
        for _ in range(2):  # the first try notices a process that has ended
            process = self._process or self._spawn()
            assert process.stdin
            try:
                process.stdin.write(line)
                process.stdin.flush()
                return
            except (OSError, ValueError):
                process.kill()
                with self._changed:
                    self._changed.wait_for(lambda: self._process is None, _START_SECONDS)

    def _spawn(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.admin.worker", self._settings],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the server, which ends it
        )
        assert process.stdout
        self._process = process
        threading.Thread(target=self._listen, args=[process, process.stdout], name="worker", daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[str], lines: IO[str]) -> None:
        for line in lines:
            with self._changed:
                self._reported = jobs.from_line(line)
                self._changed.notify_all()
                if not self._is_running():
                    self._end_after(IDLE_SECONDS)
        lines.close()
        process.wait()
        _close_input(process)
        with self._changed:
            self._process = self._reported = None
            self._changed.notify_all()

    def _end_after(self, seconds: float) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
        self._idle_timer = threading.Timer(seconds, self._end_if_idle)
        self._idle_timer.daemon = True
        self._idle_timer.start()

    def _end_if_idle(self) -> None:
        with self._start_lock:
            if not self._is_running():
                self._release()

    def _release(self) -> subprocess.Popen[str] | None:
        if self._idle_timer:
            self._idle_timer.cancel()
        process = self._process
        if process:
            _close_input(process)
        return process


def _close_input(process: subprocess.Popen[str]) -> None:
    """Closes the standard input of the process, which ends it."""
    assert process.stdin
    with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
        process.stdin.close()


def _absolute(settings: Settings) -> Settings:
    """The settings with absolute paths: the process runs from the root of the checkout."""
    update: dict[str, object] = {
        "seeds": settings.seeds.absolute(),
        "more_seeds": tuple(folder.absolute() for folder in settings.more_seeds),
        "library": settings.library.absolute(),
    }
    if settings.model and Path(settings.model).is_dir():
        update["model"] = str(Path(settings.model).absolute())
    return settings.model_copy(update=update)


def _busy(now: Job) -> LibraryBusy:
    return LibraryBusy(f"{JOB_NAMES[now.what]} is under way", remedy="Wait until it is done, or cancel it")
