"""``python -m rag log``: who changed what, and when."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser, count
from rag.errors import one_line
from rag.ingest.folders import ProgressCallback
from rag.library import audit_log
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares how many entries are wanted."""
    parser.add_argument("--last", type=count, metavar="N", help="only the latest N entries")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Prints the audit log's entries, the latest first."""
    for entry in reversed(audit_log.read(settings.library, args.last)):
        if args.json:
            yield CommandOutput(json_output.line(json_output.audit_entry(entry)))
        else:
            of = "  ".join(f"{key}={value}" for key, value in entry.of.items() if value != "")
            yield CommandOutput(one_line(f"{entry.number} {entry.at} {entry.who}: {entry.what}  {of}"))
