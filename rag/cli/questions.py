"""``python -m rag questions``: the saved questions that ``index --replay`` asks."""

from __future__ import annotations

from rag.admin import saved_questions
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.library import audit_log


def add_arguments(parser: Parser) -> None:
    """Declares the question to save or to remove."""
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="QUESTION")
    change.add_argument("--remove", metavar="QUESTION")


def run(context: Context) -> Outputs:
    """Saves or removes a question, and lists those that are saved then."""
    args, root = context.args, context.library
    if args.add is not None:
        with audit_log.recorded(root, "save question", question=args.add):
            saved_questions.add(root, args.add)
    if args.remove is not None:
        with audit_log.recorded(root, "unsave question", question=args.remove):
            saved_questions.remove(root, args.remove)
    questions = saved_questions.read(root)
    yield context.output({"questions": questions}, "\n".join(map(one_line, questions)) or "No question is saved.")
