"""``python -m rag log``: who changed what, and when."""

from __future__ import annotations

from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser, count
from rag.errors import one_line
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares how many entries are wanted."""
    parser.add_argument("--last", type=count, metavar="N", help="only the latest N entries")


def run(context: Context) -> Outputs:
    """Prints the audit log's entries, the latest first."""
    for entry in reversed(audit_log.read(context.library, context.args.last)):
        of = "  ".join(f"{key}={value}" for key, value in entry.of.items() if value != "")
        text = one_line(f"{entry.number} {entry.at} {entry.who}: {entry.what}  {of}")
        yield context.output(json_output.audit_entry(entry), text)
