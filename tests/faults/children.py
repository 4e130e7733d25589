"""Children to be killed or to do something alone: forked from a warm process of one thread, so each starts in
milliseconds and none inherits the tests' own threads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from rag.errors import RagError

PATIENCE = 120.0  # seconds after which a child counts as hung
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.warm"])
_ONE_THREAD = "OMP_NUM_THREADS"  # what NumPy and FAISS start more than one thread by, which no fork survives


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: ``code`` is its exit status, negative for the signal that killed it.  ``error`` is the type
    of what was raised and its line, of anything but a RagError a representation."""

    code: int
    returned: Any = None
    error: tuple[str, str] | None = None

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass(slots=True)
class Child:
    """One that runs; ``begun`` waits until its function is called."""

    process: BaseProcess
    pipe: Connection

    def begun(self) -> None:
        if self.pipe.poll(PATIENCE):
            self.pipe.recv()

    def ended(self) -> Ended:
        """Waits for its end.

        Raises:
            TimeoutError: it hangs, and has been killed.
        """
        returned, error = None, None
        deadline = time.monotonic() + PATIENCE
        while self.pipe.poll(max(0.0, deadline - time.monotonic())):
            try:
                kind, value = self.pipe.recv()
            except EOFError:
                break
            returned, error = (value, error) if kind == "returned" else (returned, value)
        self.process.join(max(0.1, deadline - time.monotonic()))
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise TimeoutError("a child hung")
        self.pipe.close()
        return Ended(self.process.exitcode, returned, error)

    def kill(self) -> None:
        self.process.kill()


def start(function: Callable[..., Any], *args: Any) -> Child:
    """Calls the function in a child; it must be importable, its arguments and result picklable."""
    _serve()
    mine, its = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_call, args=(its, function, args), daemon=True)
    process.start()
    its.close()
    return Child(process, mine)


def _serve() -> None:
    """Starts the warm process, if none runs."""
    before = os.environ.get(_ONE_THREAD)
    os.environ[_ONE_THREAD] = "1"
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[_ONE_THREAD]
        else:
            os.environ[_ONE_THREAD] = before


def alone(function: Callable[..., Any], *args: Any) -> Ended:
    """What comes of calling the function in a child."""
    child = start(function, *args)
    child.begun()
    return child.ended()


def _call(pipe: Connection, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    pipe.send(("begun", None))
    try:
        pipe.send(("returned", function(*args)))
    except RagError as error:
        pipe.send(("error", (type(error).__name__, str(error))))
    except Exception as error:  # noqa: BLE001
        pipe.send(("error", (type(error).__name__, repr(error))))
