"""``python -m rag notice``: the line above answers to questions with its words."""

from __future__ import annotations

from rag.answer import notice as notices
from rag.answer.notice import Notice
from rag.cli import json_output
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import SettingInvalid
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares the notice to set, or that it is to be taken down."""
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="LINE", help="the line, at most 300 characters")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--words", metavar="WORDS", help="what it is for: “lost passport, arrested, earthquake”")
    where.add_argument("--all", action="store_true", help="above all answers")
    change.add_argument("--clear", action="store_true", help="take it down")


def run(context: Context) -> Outputs:
    """Sets or clears the notice, and shows the one that is in force then."""
    args, root = context.args, context.library
    if (args.set is None) is not (args.words is None and not args.all):
        remedy = 'Run: python -m rag notice --set "…" --words "…, …", or --set "…" --all'
        raise SettingInvalid("a notice is a line and the words it is for", remedy=remedy)
    if args.clear:
        with audit_log.recorded(root, "notice clear"):
            notices.clear(root)
    elif args.set is not None:
        new = notices.parse_notice(args.set, args.words)
        with audit_log.recorded(root, "notice set", line=new.line, words=", ".join(new.words)):
            notices.save(root, new)
    notice = notices.read(root)
    yield context.output(json_output.noticed(notice), _text(notice))


def _text(notice: Notice | None) -> str:
    if notice is None:
        return "No notice is set."
    with_words = f"answers to questions with {', '.join(f'“{phrase}”' for phrase in notice.words)}"
    return f"Above {with_words if notice.words else 'all answers'}:\n  {notice.line}"
