"""The server's log: every record of Python's logging as a JSON object a line, or as a readable line on a terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from typing import TextIO

import structlog
from structlog.typing import Processor

from rag.admin.question_event import Seen

FIELDS = ("status", "kind", "quotes", "generation", "ms", "stages")


def configure() -> None:
    """Everything that is logged in this process goes to standard error from now on, with what is bound to its context
    (``question_id``); of the desk's own also what is no trouble."""
    root = logging.getLogger()
    if not any(isinstance(handler, _Handler) for handler in root.handlers):
        root.addHandler(_Handler())
    root.setLevel(logging.WARNING)
    logging.getLogger("rag").setLevel(logging.INFO)
    logging.captureWarnings(True)


class _Handler(logging.StreamHandler[TextIO]):
    """To what is standard error at the time."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(_formatter(sys.stderr.isatty()))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _formatter(terminal: bool) -> logging.Formatter:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if terminal:
        # its usual tracebacks show the values of variables, and with them what was asked
        plain = structlog.dev.plain_traceback
        shown: list[Processor] = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    else:
        shown = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown]
    )


def about_question(identity: str) -> AbstractContextManager[None]:
    """Within this, every line that is logged carries the question's id."""
    return structlog.contextvars.bound_contextvars(question_id=identity)


def fields(seen: Seen) -> dict[str, object]:
    """What a record of a question carries beside its event."""
    return {
        "status": seen.status,
        "kind": seen.kind,
        "quotes": seen.quotes,
        "generation": seen.generation,
        "ms": round(seen.seconds * 1000, 1),
        "stages": {stage: round(seconds * 1000, 1) for stage, seconds in seen.stages.items()},
    }
