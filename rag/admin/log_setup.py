"""The log: every record of Python's logging as one line of JSON, or as a readable line on a terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from typing import TextIO

import structlog
from structlog.typing import Processor

from rag.admin.question_log import QuestionEvent

EVENT_FIELDS = ("status", "kind", "quotes", "generation", "ms", "stages")


def configure() -> None:
    """Sends every log record of this process to standard error, with what is bound to its context (``question_id``).

    Loggers of this project log from INFO on, all others from WARNING on.
    """
    root = logging.getLogger()
    if not any(isinstance(handler, _Handler) for handler in root.handlers):
        root.addHandler(_Handler())
    root.setLevel(logging.WARNING)
    logging.getLogger("rag").setLevel(logging.INFO)
    logging.captureWarnings(True)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to whatever ``sys.stderr`` is when a record comes."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(_formatter(sys.stderr.isatty()))

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        self.stream = sys.stderr
        super().emit(record)


def _formatter(terminal: bool) -> logging.Formatter:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(EVENT_FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if terminal:
        # The usual tracebacks show the values of variables, and with them the words of questions.
        plain = structlog.dev.plain_traceback
        renderers: list[Processor] = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    else:
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers]
    )


def question_context(identity: str) -> AbstractContextManager[None]:
    """A context in which every log record carries the question's id."""
    return structlog.contextvars.bound_contextvars(question_id=identity)


def event_fields(event: QuestionEvent) -> dict[str, object]:
    """The fields of the log record of a question."""
    return {
        "status": event.status,
        "kind": event.kind,
        "quotes": event.quotes,
        "generation": event.generation,
        "ms": round(event.seconds * 1000, 1),
        "stages": {stage: round(seconds * 1000, 1) for stage, seconds in event.stages.items()},
    }
