"""``python -m rag tidy``: deletes what was noted of questions long ago."""

from __future__ import annotations

from dataclasses import asdict

from rag.admin.retention import delete_expired
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser


def add_arguments(parser: Parser) -> None:
    """Declares no argument of its own."""


def run(context: Context) -> Outputs:
    """Deletes records older than ``kept_days``; exit status 1 where some could not be deleted."""
    kept_days = context.settings.kept_days
    deleted = delete_expired(context.library, kept_days)
    counts = asdict(deleted)
    words = ", ".join(f"{name} {'could not be' if count is None else count}" for name, count in counts.items())
    text = f"Deleted, of more than {kept_days} days ago: {words}."
    yield context.output({"deleted": counts}, text, status=1 if None in counts.values() else 0)
