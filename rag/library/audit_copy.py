"""The audit log's heads outside the library (setting ``audit_copy``): a log and head put back together are noticed.

A file holds a line {"number", "sha256"} for each entry, in order; it may be one that can only be added to.  Syslog is
told the same and can't be asked again.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, NoReturn

from pydantic import Field, TypeAdapter, ValidationError

from rag import files, settings
from rag.errors import LibraryDamaged, LibraryUnwritable, os_reason

SYSLOG = "syslog"
_SOCKET = "/dev/log"
_REMEDY = "Correct or unset RAG_AUDIT_COPY"


@dataclass(frozen=True, slots=True)
class Head:
    """The number of an entry of the audit log, and its SHA-256 in hexadecimal.  Those that are read have an entry."""

    number: Annotated[int, Field(ge=1)]
    sha256: str


_HEAD = TypeAdapter(Head)
_TAIL_BYTES = 1_000  # in which the last two lines lie


class _SysLog(logging.handlers.SysLogHandler):
    def handleError(self, record: logging.LogRecord) -> NoReturn:  # noqa: N802
        raise


def append(head: Head) -> None:
    """Sends a head to where the setting says; does nothing where it isn't set.

    Raises:
        LibraryUnwritable: it can't be written there.
    """
    target = settings.load().audit_copy
    line = json.dumps(asdict(head)).encode()
    try:
        if target == SYSLOG:
            _send(line.decode())
        elif target:
            _add_line(Path(target), line)
    except OSError as error:
        what = f"the audit log's head can't be written there ({os_reason(error)})"
        raise LibraryUnwritable(what, where=target, remedy=_REMEDY) from error


def read() -> list[Head] | None:
    """Returns the heads that were sent to a file, oldest first; None where no file is set.

    Raises:
        LibraryDamaged: the file can't be read, or a line of it is no head.
    """
    path = _file()
    return _heads(path, files.read_bytes(path, _REMEDY) or b"") if path else None


def last() -> Head | None:
    """Returns the head that was sent to a file last; None where no file is set or it is empty.  Raises as ``read``."""
    path = _file()
    if path is None or not path.exists():
        return None
    try:
        tail, begin = files.read_tail(path, _TAIL_BYTES)
    except OSError as error:
        raise LibraryDamaged(f"can't be read ({os_reason(error)})", where=path, remedy=_REMEDY) from error
    heads = _heads(path, tail.partition(b"\n")[2] if begin else tail)
    return heads[-1] if heads else None


def _file() -> Path | None:
    target = settings.load().audit_copy
    return None if target in ("", SYSLOG) else Path(target)


def _heads(path: Path, lines: bytes) -> list[Head]:
    """Returns the heads of whole lines; one that a crash cut short is passed over, wherever it stands."""
    try:
        return [_HEAD.validate_json(line) for line in lines.split(b"\n") if line and not _is_torn(line)]
    except ValidationError:
        raise LibraryDamaged("a line is no head of the audit log", where=path, remedy=_REMEDY) from None


def _is_torn(line: bytes) -> bool:
    return line.startswith(b'{"') and not line.endswith(b"}")


def _add_line(path: Path, line: bytes) -> None:
    """Adds a line and waits until the disk has it, by adding alone; behind a line cut short it begins a new one."""
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        is_whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
        os.write(handle, (b"" if is_whole else b"\n") + line + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        files.sync_folder(path.parent)


def _send(line: str) -> None:
    handler = _SysLog(_SOCKET, facility=logging.handlers.SysLogHandler.LOG_AUTH)
    try:
        text = f"bulletin-desk[{os.getpid()}]: audit log head {line}"
        handler.emit(logging.LogRecord("audit", logging.INFO, "", 0, text, None, None))
    finally:
        handler.close()
