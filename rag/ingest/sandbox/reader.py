"""Reads foreign files in workers: processes that can do nothing else, each of which reads many files.

A worker ends when it has nothing to do for a while, has read many files, or takes too much memory or time for one; then
that file alone is refused, and the next is read by another worker.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

import rag
from rag import limits
from rag.errors import os_reason
from rag.ingest.formats import FORMATS, Worker
from rag.ingest.readers.page_links import PageLinks
from rag.ingest.refused import Refused
from rag.ingest.sandbox import confinement, replies
from rag.ingest.sandbox.replies import BadReply, Draft
from rag.ingest.sandbox.worker import LENGTH, OUT_OF_MEMORY
from rag.models import Document

# The worker sees neither the environment nor what lies in the working folder; ``rag`` is found by its place.
_MAIN = "import sys; sys.path.insert(0, sys.argv[1]); from rag.ingest.sandbox.worker import main; main(sys.argv[2])"
_FLAGS = ["-B"] if sys.dont_write_bytecode else []
_TOO_LONG, _TOO_MUCH = "takes too long to read", "takes too much memory or time to read"
_REASONS = {-signal.SIGPROF: _TOO_LONG, -signal.SIGXCPU: _TOO_LONG, OUT_OF_MEMORY: "takes too much memory to read"}
"""By the exit status of a worker."""
_READ_BYTES = 1 << 20
LOG = logging.getLogger(__name__)
_Read = TypeVar("_Read")


class _TimeUp(Exception):
    """The time for one file is over."""


class _Process:
    """A worker's process; not for two threads at once."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.read_files = 0
        self.idle_since = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-I", *_FLAGS, "-c", _MAIN, str(Path(rag.__file__).parent.parent), worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's warnings help nobody out here
            env={},
            cwd="/",
            bufsize=0,
            start_new_session=True,  # a signal from the keyboard is for the desk
        )
        self._input, self._output = _pipe(self._process.stdin), _pipe(self._process.stdout)
        self._deadline = time.monotonic() + limits.SANDBOX_START_SECONDS
        try:
            lacking = replies.start(self._receive()).lacking
        except (BadReply, EOFError, OSError, _TimeUp) as error:
            self.end()
            raise _unready("its reader doesn't start") from error
        for means in set(lacking) - set(confinement.missing()):  # what the system lacks is told at the start
            LOG.warning("Foreign files are read without %s, though this system has it.", means)

    @property
    def is_usable(self) -> bool:
        """Whether it can read another file."""
        is_quiet = not _is_ready(self._output, select.POLLIN, 0)  # one that says more than it is asked is no good
        return is_quiet and self._process.poll() is None and self.read_files < limits.SANDBOX_FILES

    def ask(self, task: str, suffix: str, data: bytes) -> bytes:
        """Returns the reply to a request.

        Raises:
            Refused: the file takes more memory or time than it may. BadReply, OSError, EOFError: the worker is no good.
        """
        order = json.dumps({"task": task, "suffix": suffix, "seconds": limits.SANDBOX_CPU_SECONDS}).encode()
        self.read_files += 1
        self._deadline = time.monotonic() + limits.SANDBOX_WALL_SECONDS
        for part in (order, data):
            self._send(LENGTH.pack(len(part)) + part)
        return self._receive()

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            _wait(self._input, select.POLLOUT, self._deadline)
            left = left[os.write(self._input, left) :]

    def _receive(self) -> bytes:
        (size,) = LENGTH.unpack(self._read(LENGTH.size))
        if size > limits.SANDBOX_OUTPUT_BYTES:
            raise BadReply
        return self._read(size)

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            _wait(self._output, select.POLLIN, self._deadline)
            part = os.read(self._output, min(size - len(parts), _READ_BYTES))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def end(self, *, dying: bool = False) -> int:
        """Ends it, and returns its exit status, which is its own where it is ``dying`` by itself."""
        with suppress(subprocess.TimeoutExpired):
            if dying:
                self._process.wait(1)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        return self._process.wait()


def _pipe(file: IO[bytes] | None) -> int:
    assert file is not None
    os.set_blocking(file.fileno(), False)
    return file.fileno()


def _wait(descriptor: int, event: int, deadline: float) -> None:
    if not _is_ready(descriptor, event, deadline - time.monotonic()):
        raise _TimeUp


def _is_ready(descriptor: int, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(seconds, 0) * 1000))


def _unready(reason: str) -> Refused:
    return Refused(f"can't be read just now ({reason})", "Try again when the machine has room", passing=True)


class _Workers:
    """The workers that are idle, of each kind; a busy one is with the thread that uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._clock: threading.Timer | None = None

    def ask(self, task: str, suffix: str, data: bytes, check: Callable[[bytes], _Read]) -> _Read:
        """Returns what ``check`` makes of a worker's reply; raises ``Refused``."""
        process = self._take(FORMATS[suffix].worker)
        try:
            try:
                return self._checked(process, process.ask(task, suffix, data), check)
            except (EOFError, OSError, BadReply):
                if process.read_files == 1:
                    raise
                # What it has read before may be the reason: this file isn't judged by it.
                process.end()
                process = self._start(process.worker)
                return self._checked(process, process.ask(task, suffix, data), check)
        except Refused:  # by the worker
            raise
        except _TimeUp:
            process.end()
            raise Refused(_TOO_LONG) from None
        except (EOFError, OSError):
            raise Refused(_REASONS.get(process.end(dying=True), _TOO_MUCH)) from None
        except BadReply:
            process.end()
            raise Refused(_TOO_MUCH) from None
        except BaseException:  # an interruption leaves it amid a file
            process.end()
            raise

    def _checked(self, process: _Process, reply: bytes, check: Callable[[bytes], _Read]) -> _Read:
        """Returns what the reply says, and keeps the worker if it makes sense."""
        try:
            read = check(reply)
        except Refused:
            self._give_back(process)
            raise
        self._give_back(process)
        return read

    def close(self, idle_for: float = 0.0) -> None:
        """Ends the workers that have been idle for so many seconds."""
        with self._lock:
            latest = time.monotonic() - idle_for
            ended = [process for process in self._idle if process.idle_since <= latest]
            self._idle = [process for process in self._idle if process not in ended]
            self._clock = None
            if self._idle:
                self._set_clock()
        for process in ended:
            process.end()

    def _take(self, worker: Worker) -> _Process:
        with self._lock:
            for process in [process for process in self._idle if process.worker == worker]:
                self._idle.remove(process)
                if process.is_usable:
                    return process
                process.end()
        return self._start(worker)

    def _start(self, worker: Worker) -> _Process:
        try:
            return _Process(worker)
        except OSError as error:
            raise _unready(os_reason(error)) from error

    def _give_back(self, process: _Process) -> None:
        process.idle_since = time.monotonic()
        with self._lock:
            self._idle.append(process)
            if self._clock is None:
                self._set_clock()

    def _set_clock(self) -> None:
        self._clock = threading.Timer(limits.SANDBOX_IDLE_SECONDS, self.close, (limits.SANDBOX_IDLE_SECONDS,))
        self._clock.daemon = True
        self._clock.start()


_WORKERS = _Workers()
atexit.register(_WORKERS.close)


def read_bulletin(suffix: str, data: bytes) -> tuple[Document, str]:
    """Returns the document in a file's bytes and its encoding: that of its text, or "pdf" or "docx".

    Raises:
        Refused: it can't be read, or takes more memory or time than it may.
    """
    return ask("bulletin", suffix, data, replies.bulletin)


def read_draft(suffix: str, data: bytes) -> Draft:
    """Returns the text of a draft's file and the block quotations in it; raises as ``read_bulletin`` does."""
    return ask("draft", suffix, data, replies.draft)


def read_links(data: bytes) -> PageLinks:
    """Returns the links of a web page; raises as ``read_bulletin`` does."""
    return ask("links", ".html", data, replies.links)


ask = _WORKERS.ask
"""Where requests go; the fast tests put the readers themselves here."""
