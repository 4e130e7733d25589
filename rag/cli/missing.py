"""``python -m rag missing``: the questions that got no answer, by frequency."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.admin import unanswered
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.folders import ProgressCallback
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Lists each question with how often and when it was last asked."""
    missing = unanswered.most_frequent(settings.library, kept_days=settings.kept_days)
    if args.json:
        yield CommandOutput(json_output.line(json_output.missing(missing)))
    else:
        lines = (f"{row.count:>5}  {row.last}  {one_line(row.question)}" for row in missing)
        yield CommandOutput("\n".join(lines) or "No question went unanswered.")
