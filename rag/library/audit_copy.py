"""The audit log's heads outside the library (setting ``audit_copy``): a log and head put back together are noticed.

A file holds a line {"number", "sha256"} for each entry, in order; syslog is told the same and can't be asked again.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import TypeAdapter, ValidationError

from rag import files, settings
from rag.errors import LibraryDamaged, LibraryUnwritable, os_reason

SYSLOG = "syslog"
_SOCKET = "/dev/log"
_REMEDY = "Correct or unset RAG_AUDIT_COPY"


@dataclass(frozen=True, slots=True)
class Head:
    """The number of an entry of the audit log, and its SHA-256 in hexadecimal."""

    number: int
    sha256: str


_HEAD = TypeAdapter(Head)


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
            path = Path(target)
            files.append_synced(path, line + b"\n", path.stat().st_size if path.exists() else 0)
    except OSError as error:
        what = f"the audit log's head can't be written there ({os_reason(error)})"
        raise LibraryUnwritable(what, where=target, remedy=_REMEDY) from error


def read() -> list[Head]:
    """Returns the heads that were sent to a file, oldest first; none if there is no such file.

    Raises:
        LibraryDamaged: the file can't be read, or a line of it is no head.
    """
    target = settings.load().audit_copy
    if target in ("", SYSLOG):
        return []
    lines = (files.read_bytes(Path(target), _REMEDY) or b"").split(b"\n")[:-1]
    try:
        return [_HEAD.validate_json(line) for line in lines]
    except ValidationError:
        raise LibraryDamaged("a line is no head of the audit log", where=target, remedy=_REMEDY) from None


def _send(line: str) -> None:
    handler = _SysLog(_SOCKET, facility=logging.handlers.SysLogHandler.LOG_AUTH)
    try:
        text = f"bulletin-desk[{os.getpid()}]: audit log head {line}"
        handler.emit(logging.LogRecord("audit", logging.INFO, "", 0, text, None, None))
    finally:
        handler.close()
