"""``python -m rag watch``: indexes whenever the folders change, until it is stopped."""

from __future__ import annotations

import signal
import threading

from embeddings.factory import load_encoder
from rag.cli.command import CommandOutput, Context, Outputs, emit
from rag.cli.index import report_output
from rag.cli.parser import Parser
from rag.errors import RagError
from rag.library import audit_log
from rag.library.build.update import Report
from rag.library.build.watch import watch


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(context: Context) -> Outputs:
    """Watches until SIGTERM or SIGINT; each build is reported when it is done, a failed one by its line."""
    settings = context.settings
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def on_report(report: Report) -> None:
        emit(report_output(context, report))

    def on_error(error: RagError) -> None:
        emit(CommandOutput(notes=(str(error),)))

    with audit_log.as_actor("watch"):
        watch(
            settings.folders,
            settings.library,
            load_encoder(**settings.encoder),
            on_report=on_report,
            on_error=on_error,
            stop=stop,
            progress=context.progress,
        )
    yield CommandOutput("The folders aren't watched any more.")
