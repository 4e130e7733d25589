"""``python -m rag switch``: switches the desk off for the public, and on again."""

from __future__ import annotations

from rag.admin import off_switch
from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import SettingInvalid
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares the state wanted, and the reason for it."""
    parser.add_argument("to", nargs="?", choices=("off", "on"), metavar="off|on")
    parser.add_argument("--reason", metavar="WHY", help="for the log: why it is switched off")


def run(context: Context) -> Outputs:
    """Switches the desk, and says whether it is off then."""
    args, root = context.args, context.library
    if args.to == "off":
        if args.reason is None:
            raise SettingInvalid("a reason is missing", remedy='Run: python -m rag switch off --reason "…"')
        off_switch.turn_off(root, args.reason, audit_log.actor())
    elif args.reason is not None:
        raise SettingInvalid("--reason belongs to: switch off", remedy="Leave it out")
    elif args.to == "on":
        off_switch.turn_on(root, audit_log.actor())
    off = off_switch.off_state(root)
    text = f"The desk is off since {off.since} ({off.by}): {off.reason}" if off else "The desk is on."
    yield context.output(json_output.off_switch(off), text)
