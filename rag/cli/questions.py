"""``python -m rag questions``: the saved questions that ``index --replay`` asks."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rag.admin import saved_questions
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.folders import ProgressCallback
from rag.library import audit_log
from rag.settings import Settings


def add_arguments(parser: Parser) -> None:
    """Declares the question to save or to remove."""
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="QUESTION")
    change.add_argument("--remove", metavar="QUESTION")


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Saves or removes a question, and lists those that are saved then."""
    root = settings.library
    if args.add is not None:
        with audit_log.recorded(root, "save question", question=args.add):
            saved_questions.add(root, args.add)
    if args.remove is not None:
        with audit_log.recorded(root, "unsave question", question=args.remove):
            saved_questions.remove(root, args.remove)
    questions = saved_questions.read(root)
    if args.json:
        yield CommandOutput(json_output.line({"questions": list(questions)}))
    else:
        yield CommandOutput("\n".join(map(one_line, questions)) or "No question is saved.")
