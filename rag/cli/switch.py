"""``python -m rag switch``: switches the desk off for the public, and on again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.admin import off_switch
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.errors import SettingInvalid
from rag.ingest.folders import ProgressCallback
from rag.library import audit_log
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares the state wanted, and the reason for it."""
    parser.add_argument("to", nargs="?", choices=("off", "on"), metavar="off|on")
    parser.add_argument("--reason", metavar="WHY", help="for the log: why it is switched off")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Switches the desk, and says whether it is off then."""
    if args.to == "off":
        if args.reason is None:
            raise SettingInvalid("a reason is missing", remedy='Run: python -m rag switch off --reason "…"')
        off_switch.turn_off(settings.library, args.reason, audit_log.actor())
    elif args.reason is not None:
        raise SettingInvalid("--reason belongs to: switch off", remedy="Leave it out")
    elif args.to == "on":
        off_switch.turn_on(settings.library, audit_log.actor())
    off = off_switch.off_state(settings.library)
    if args.json:
        yield CommandOutput(json_output.line(json_output.off_switch(off)))
    else:
        yield CommandOutput(f"The desk is off since {off.since} ({off.by}): {off.reason}" if off else "The desk is on.")
