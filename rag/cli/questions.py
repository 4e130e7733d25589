"""``python -m rag questions``: the saved questions that ``index --replay`` asks; they begin as the chat's examples."""

from __future__ import annotations

from pathlib import Path

from rag.admin import saved_questions
from rag.answer.examples import example_questions
from rag.cli.command import Context, Outputs
from rag.cli.parser import Parser
from rag.errors import RagError, one_line
from rag.library import audit_log
from rag.library.reader import Library


def add_arguments(parser: Parser) -> None:
    """Declares the question to save or to remove."""
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="QUESTION")
    change.add_argument("--remove", metavar="QUESTION")


def run(context: Context) -> Outputs:
    """Saves or removes a question, and lists those that are saved then."""
    args, root = context.args, context.library
    # Saved questions begin with the examples: without them a change would drop what is listed.
    changes = args.add is not None or args.remove is not None
    examples = example_questions(Library.open(root)) if changes else _examples(root)
    if args.add is not None:
        with audit_log.recorded(root, "save question", question=args.add):
            saved_questions.add(root, args.add, examples)
    if args.remove is not None:
        with audit_log.recorded(root, "unsave question", question=args.remove):
            saved_questions.remove(root, args.remove, examples)
    questions = saved_questions.read(root, examples)
    yield context.output({"questions": questions}, "\n".join(map(one_line, questions)) or "No question is saved.")


def _examples(root: Path) -> tuple[str, ...]:
    """The chat's example questions; none where no library can be opened."""
    try:
        return example_questions(Library.open(root))
    except RagError:
        return ()
