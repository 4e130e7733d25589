"""``python -m rag tidy``: deletes what was noted of questions long ago."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.admin.retention import delete_expired
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.ingest.folders import ProgressCallback
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Deletes records older than ``kept_days``; exit status 1 where some could not be deleted."""
    deleted = delete_expired(settings.library, settings.kept_days)
    counts = {"asked": deleted.asked, "unanswered": deleted.unanswered, "feedback": deleted.feedback}
    status = 1 if None in counts.values() else 0
    if args.json:
        yield CommandOutput(json_output.line({"deleted": counts}), status=status)
    else:
        words = ", ".join(f"{name} {'could not be' if count is None else count}" for name, count in counts.items())
        yield CommandOutput(f"Deleted, of more than {settings.kept_days} days ago: {words}.", status=status)
