"""``python -m rag correct``: corrects what was misread in a bulletin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parse import as_text
from rag.cli.parser import Parser, day
from rag.errors import OperatorRefused, SettingInvalid
from rag.ingest.corrections import sidecar
from rag.ingest.parse import parse
from rag.ingest.pipeline import correct
from rag.ingest.propose_corrections import propose
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares the bulletin, and what is right in it."""
    parser.add_argument("bulletin", metavar="BULLETIN", help="its name in the folder")
    parser.add_argument("--title", metavar="T", help="the right title")
    parser.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="the right date")
    parser.add_argument("--districts", metavar="NAMES", help="of a section, with ; between; empty for none")
    parser.add_argument("--heading", metavar="H", help="the section's headline, or its district where it has none")


def run(context: Context) -> Outputs:
    """Saves the corrections beside the bulletin's file, and shows how it is read with them."""
    args = context.args
    if all(value is None for value in (args.title, args.date, args.districts)):
        raise SettingInvalid("nothing is corrected", remedy="Add --title, --date or --districts")
    path = _file(args.bulletin, context.settings.folders)
    districts = {} if args.districts is None else {args.heading: _names(args.districts)}
    date = args.date.isoformat() if args.date else None
    bulletin = parse(path, name=args.bulletin)
    new = propose(path, title=args.title, date=date, districts=districts)
    with audit_log.recorded(context.library, "correct", file=args.bulletin, corrections=len(new)):
        sidecar.save(path, new)
    corrected = correct(bulletin, sidecar.read(path))
    text = f"{as_text(corrected.bulletin, corrected.sections)}\nIndex to publish it: python -m rag index"
    yield context.output(json_output.parsed(corrected.bulletin, corrected.sections), text, corrected.notes)


def _names(districts: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in districts.split(";") if name.strip())


def _file(name: str, folders: Sequence[Path]) -> Path:
    """The bulletin's file, in the first folder that has one of that name."""
    for folder in folders:
        path = folder / name
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    raise OperatorRefused("no bulletin has this name", where=name, remedy="Give its path inside the folder")
