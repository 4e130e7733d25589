"""Every step by which a process changes the files under a folder, seen as it is about to be taken; what a power cut
leaves of the steps before.

Seen are, by Python's audit events and through ``os.fsync``, all files opened for writing, folders made, names given,
taken and replaced, and all waits for the disk, whichever module or package asks for them.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR
_DIGITS = re.compile(r"[0-9a-f]{16,}(?:\.\d+)?")
_PROCESS = re.compile(r"(?<=[._])\d+(?=/|$)")
_LOCK = "lock"  # held, not written

Stop = Callable[["Steps"], None]


@dataclass(slots=True)
class _Unsynced:
    """A change of a folder's names that the disk needn't have yet, and how it looks undone."""

    folder: str
    undo: Callable[[], None]


@dataclass(slots=True)
class Steps:
    """``names`` are the steps so far, with digests and process numbers left out; at step number ``at``, from 1,
    ``stop`` is called before it is taken."""

    root: str
    at: int | None = None
    stop: Stop | None = None
    names: list[str] = field(default_factory=list)
    written: dict[str, None] = field(default_factory=dict)
    changes: list[_Unsynced] = field(default_factory=list)
    _moved: list[tuple[str, str]] = field(default_factory=list)
    _busy: bool = False

    def watch(self) -> None:
        """From now on, for as long as the process lives."""
        real = os.fsync

        def fsync(handle: int) -> None:
            self._seen("sync", _path(handle))
            real(handle)

        os.fsync = fsync  # type: ignore[assignment]
        sys.addaudithook(self._audited)

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if self._busy:
            return
        if event == "open" and isinstance(args[2], int) and args[2] & _WRITING and not isinstance(args[0], int):
            self._seen("write", os.fsdecode(args[0]))
        elif event == "os.rename":
            self._seen("rename", _inside(args[0], args[2]), _inside(args[1], args[3]))
        elif event in ("os.mkdir", "os.remove", "os.rmdir"):
            self._seen(event.removeprefix("os."), _inside(args[0], args[-1]))

    def _seen(self, what: str, path: str, other: str = "") -> None:
        name = os.path.relpath(path, self.root)
        if name.startswith("..") or name == _LOCK:
            return
        if (what == "mkdir" and os.path.exists(path)) or (what in ("remove", "rmdir") and not os.path.lexists(path)):
            return
        self._busy = True
        try:
            self.names.append(_masked(f"{what} {name}"))
            if len(self.names) == self.at and self.stop:
                self.stop(self)
            self._remember(what, path, other)
        finally:
            self._busy = False

    def _remember(self, what: str, path: str, other: str) -> None:
        """What the disk needn't have: by POSIX a file's bytes until it is synced, a name until its folder is."""
        if what == "sync":
            self.written.pop(path, None)
            self.changes = [change for change in self.changes if self._now(change.folder) != path]
        elif what == "write":
            if not os.path.exists(path):
                self._change(path, lambda: Path(self._now(path)).unlink(missing_ok=True))
            self.written[path] = None
        elif what == "mkdir":
            self._change(path, lambda: _remove(self._now(path)))
        elif what == "remove":
            data = Path(path).read_bytes()
            self._change(path, lambda: _put(self._now(path), data))
        elif what == "rmdir":
            self._change(path, lambda: os.mkdir(self._now(path)))
        elif what == "rename":
            data = Path(other).read_bytes() if os.path.isfile(other) else b""
            replaced = os.path.lexists(other)
            if path in self.written:
                self.written.pop(path)
                self.written[other] = None
            self._moved.append((path, other))
            self._change(other, lambda: self._rename_back(path, other, data, replaced))

    def _change(self, path: str, undo: Callable[[], None]) -> None:
        self.changes.append(_Unsynced(os.path.dirname(path), undo))

    def _rename_back(self, path: str, other: str, data: bytes, replaced: bool) -> None:
        self._moved.remove((path, other))
        os.rename(self._now(other), self._now(path))
        if replaced:
            _put(self._now(other), data)

    def _now(self, path: str) -> str:
        """Where a path lies that a folder of it was renamed since."""
        for old, new in self._moved:
            if path.startswith(old + os.sep):
                path = new + path[len(old) :]
        return path

    def cut_power(self, seed: int | None) -> None:
        """Leaves the disk as a power cut may: without what wasn't synced.  With a ``seed``, each folder loses as many
        of the latest changes of its names as it draws, whatever the others lose."""
        self._busy = True
        draw = random.Random(seed)
        for path in self.written:
            if os.path.isfile(self._now(path)):
                os.truncate(self._now(path), 0)
        pending = Counter(change.folder for change in self.changes)
        left = {folder: 0 if seed is None else draw.randint(0, count) for folder, count in pending.items()}
        for change in reversed(self.changes):
            pending[change.folder] -= 1
            if pending[change.folder] >= left[change.folder]:
                with contextlib.suppress(FileNotFoundError):  # its folder is lost too
                    change.undo()


def die(steps: Steps) -> None:
    """Is killed here."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_half_written(steps: Steps) -> None:
    """Is killed where the file just written has only half its bytes."""
    path = next(reversed(steps.written), None)
    if path and os.path.isfile(path):
        os.truncate(path, os.path.getsize(path) // 2)
    die(steps)


def lose_power(steps: Steps, seed: int | None = None) -> None:
    steps.cut_power(seed)
    die(steps)


def _inside(path: Any, folder: int) -> str:
    name = os.fsdecode(path)
    return os.path.join(_path(folder), name) if folder >= 0 and not os.path.isabs(name) else name


def _path(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")


def _masked(name: str) -> str:
    return _PROCESS.sub("N", _DIGITS.sub("DIGEST", name))


def _remove(path: str) -> None:
    """A folder that the disk doesn't know has nothing in it either."""
    shutil.rmtree(path, ignore_errors=True)


def _put(path: str, data: bytes) -> None:
    Path(path).write_bytes(data)
