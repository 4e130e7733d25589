"""``python -m rag quarantine``: the files that couldn't be read, and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.folders import ProgressCallback
from rag.library import quarantine
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Lists each file with the day since which it couldn't be read, and the reason."""
    files = quarantine.read(settings.library)
    if args.json:
        yield CommandOutput(json_output.line(json_output.quarantined(files)))
    else:
        lines = (one_line(f"{file.since}  {file.bulletin}: {file.reason}") for file in files)
        yield CommandOutput("\n".join(lines) or "No file is in quarantine.")
