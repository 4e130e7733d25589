"""``python -m rag purge``: removes a text that no bulletin carries, for good."""

from __future__ import annotations

from rag.admin.purge import purge
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares the text."""
    parser.add_argument("text", metavar="TEXT", help="its digest, or the name of the bulletin that carried it")


def run(context: Context) -> Outputs:
    """Removes the text from the library, and says which it was."""
    root, text = context.library, context.args.text
    with audit_log.recorded(root, "purge", text=text):
        sha256 = purge(root, text)
    yield context.output({"purged": sha256}, f"The text {sha256} has been removed for good.")
