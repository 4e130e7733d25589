"""``python -m rag purge``: removes a text that no bulletin carries, for good."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.admin.purge import purge
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.ingest.folders import ProgressCallback
from rag.library import audit_log
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares the text."""
    parser.add_argument("text", metavar="TEXT", help="its digest, or the name of the bulletin that carried it")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Removes the text from the library, and says which it was."""
    with audit_log.recorded(settings.library, "purge", text=args.text):
        sha256 = purge(settings.library, args.text)
    if args.json:
        yield CommandOutput(json_output.line({"purged": sha256}))
    else:
        yield CommandOutput(f"The text {sha256} has been removed for good.")
