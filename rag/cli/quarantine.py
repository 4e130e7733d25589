"""``python -m rag quarantine``: the files that couldn't be read, and why."""

from __future__ import annotations

from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.library import quarantine


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(context: Context) -> Outputs:
    """Lists each file with the day since which it couldn't be read, and the reason."""
    files = quarantine.read(context.library)
    lines = (one_line(f"{file.since}  {file.bulletin}: {file.reason}") for file in files)
    yield context.output(json_output.quarantined(files), "\n".join(lines) or "No file is in quarantine.")
