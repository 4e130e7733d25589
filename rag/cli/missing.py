"""``python -m rag missing``: the questions that got no answer, by frequency."""

from __future__ import annotations

from rag.admin import unanswered
from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import one_line


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(context: Context) -> Outputs:
    """Lists each question with how often and when it was last asked."""
    missing = unanswered.most_frequent(context.library, kept_days=context.settings.kept_days)
    lines = (f"{row.count:>5}  {row.last}  {one_line(row.question)}" for row in missing)
    yield context.output(json_output.missing(missing), "\n".join(lines) or "No question went unanswered.")
