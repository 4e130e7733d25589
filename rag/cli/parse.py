"""``python -m rag parse``: shows how files are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser
from rag.errors import BulletinUnreadable, one_line
from rag.ingest.folders import bulletin_name
from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Section


def add_arguments(parser: Parser) -> None:
    """Declares the files, and whether the bare text is wanted."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--text", action="store_true", help="print the text that offsets count in, and nothing else")


def run(context: Context) -> Outputs:
    """Parses each file; one that can't be read gets a note, and the next one is read."""
    args = context.args
    for path in args.files:
        try:
            bulletin = parse(path, name=bulletin_name(path, context.settings.seeds))
        except BulletinUnreadable as error:
            yield CommandOutput(notes=(str(error),), status=error.exit_status)
            continue
        if args.text:
            yield CommandOutput(bulletin.text, end="")
        else:
            sections = split_sections(bulletin)
            notes = tuple(f"{one_line(bulletin.name)}: {note}" for note in bulletin.notes)
            yield context.output(json_output.parsed(bulletin, sections), as_text(bulletin, sections), notes)


def as_text(bulletin: Bulletin, sections: Sequence[Section]) -> str:
    """A bulletin's head, and a line for each section with its districts and heading."""
    head = [
        f"{one_line(bulletin.name)} ({bulletin.encoding})",
        f"  title   {bulletin.title or 'not stated'}",
        f"  date    {bulletin.date or 'not stated'}",
        f"  source  {bulletin.source or 'not stated'}",
        f"  url     {bulletin.url or 'not stated'}",
    ]
    rows = [
        f"  {section.start:>6}-{section.end:<6} {', '.join(section.districts) or 'no district'}:"
        f" {section.heading or 'no heading'}"
        for section in sections
        if section.role == "event"
    ]
    return "\n".join([*head, *rows])
