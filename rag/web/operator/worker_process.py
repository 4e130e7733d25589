"""The worker's process as the server holds it: started with the first job, and let go when there was none for long."""

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
from typing import IO, Protocol

from rag.admin import jobs
from rag.admin.job_runner import Request
from rag.admin.jobs import JOB_NAMES, Job, JobKind
from rag.errors import LibraryBusy, LibraryDamaged, OperatorRefused
from rag.settings import ROOT, Settings

LOG = logging.getLogger(__name__)
IDLE_SECONDS = 900.0  # seconds after the last job at which the process ends and gives its memory back
_STARTS = 60.0  # seconds that it may take to begin
_ENDS = 3.0  # seconds that it is given to end; nothing is lost by ending it


class Worker(Protocol):
    """What the pages need of it."""

    def start(self, what: JobKind, *, who: str = "", generation: str = "", allow_removal: bool = False) -> Job:
        """Begins a job; ``who`` asked for it.

        Raises:
            LibraryBusy: one is under way, here or in another process. OperatorRefused: the worker can't be started.
        """

    def wait(self, identity: str, seconds: float) -> None:
        """Until the job has ended, at most that long."""

    def latest(self) -> Job | None:
        """The job under way, whoever is at it, else the one before; None where there was none."""

    def cancel(self, identity: str) -> None:
        """Asks that the job be stopped.  Raises LibraryUnwritable."""

    def close(self) -> None:
        """Ends the process; what is under way is broken off."""


class WorkerProcess:
    """A ``Worker`` in a process of its own.  Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.library
        self._settings = _absolute(settings).model_dump_json()
        self._starting = threading.Lock()
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._told: Job | None = None  # what the process said last
        self._rest: threading.Timer | None = None

    def start(self, what: JobKind, *, who: str = "", generation: str = "", allow_removal: bool = False) -> Job:
        with self._starting:
            now = self.latest()
            if now and now.state == "running":
                raise _busy(now)
            request = Request(secrets.token_hex(8), what, generation, allow_removal, who)
            self._send(request)
            with self._news:
                self._news.wait_for(lambda: self._process is None or self._is_told(request.id), _STARTS)
                told = self._told
            if told is None or told.id != request.id:
                raise OperatorRefused("could not be begun", where=JOB_NAMES[what], remedy="The desk's log says why")
            if told.state == "failed" and told.error == LibraryBusy.__name__:
                now = self.latest()
                raise _busy(now) if now else LibraryBusy("another job is under way", remedy="Try again in a moment")
            return told

    def wait(self, identity: str, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: not (self._is_told(identity) and self._at_work()), seconds)

    def latest(self) -> Job | None:
        with self._news:
            if self._at_work():
                return self._told
        try:
            return jobs.read(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            return None

    def cancel(self, identity: str) -> None:
        jobs.cancel(self._root, identity)

    def close(self) -> None:
        with self._starting:
            process = self._let_go()
        if process:
            try:
                process.wait(_ENDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _at_work(self) -> bool:
        return self._told is not None and self._told.state == "running"

    def _is_told(self, identity: str) -> bool:
        return self._told is not None and self._told.id == identity

    def _send(self, request: Request) -> None:
        if self._rest:
            self._rest.cancel()
        line = f"{json.dumps(asdict(request))}\n"
        for _ in range(2):  # a process that has gone is noticed by the first try
            process = self._process or self._begun()
            assert process.stdin
            try:
                process.stdin.write(line)
                process.stdin.flush()
                return
            except (OSError, ValueError):
                process.kill()
                with self._news:
                    self._news.wait_for(lambda: self._process is None, _STARTS)

    def _begun(self) -> subprocess.Popen[str]:
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
            with self._news:
                self._told = jobs.from_line(line)
                self._news.notify_all()
                if not self._at_work():
                    self._rest_after(IDLE_SECONDS)
        lines.close()
        process.wait()
        _shut(process)
        with self._news:
            self._process = self._told = None
            self._news.notify_all()

    def _rest_after(self, seconds: float) -> None:
        if self._rest:
            self._rest.cancel()
        self._rest = threading.Timer(seconds, self._rest_now)
        self._rest.daemon = True
        self._rest.start()

    def _rest_now(self) -> None:
        with self._starting:
            if not self._at_work():
                self._let_go()

    def _let_go(self) -> subprocess.Popen[str] | None:
        if self._rest:
            self._rest.cancel()
        process = self._process
        if process:
            _shut(process)
        return process


def _shut(process: subprocess.Popen[str]) -> None:
    """Ends its standard input, and with that the process."""
    assert process.stdin
    with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
        process.stdin.close()


def _absolute(settings: Settings) -> Settings:
    """The child runs from the root of the checkout, so that every path is given from the root of the file system."""
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
