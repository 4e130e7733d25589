"""The command line: ``python -m rag COMMAND``.

Exit status 0 is done, 1 failed, 2 unusable arguments, 130 interrupted; an error is one line on standard error.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from rag import files, settings
from rag.cli.command import Command, CommandOutput, Context, emit
from rag.cli.parser import Parser, add_common_options
from rag.cli.progress import ProgressBar
from rag.errors import RagError, os_reason

# Every command with its line of --help, in the order of --help; its code is the module of its name in this package.
COMMANDS = {
    "parse": "show how files are read",
    "index": "build the library or bring it up to date",
    "add": "put bulletins into the folder and index",
    "sync": "fetch what a listing page links to, and index",
    "watch": "index whenever the folders change, until stopped",
    "correct": "correct what was misread in a bulletin",
    "generations": "list the generations that are kept",
    "back": "go back to the generation before, or to the one named",
    "questions": "the saved questions that --replay asks",
    "missing": "questions that got no answer, by frequency",
    "quarantine": "files that couldn't be read, and why",
    "purge": "remove a text that no bulletin carries, for good",
    "account": "who may see the staff's and the operator's pages",
    "log": "who changed what, and when",
    "tidy": "delete what was noted of questions long ago",
    "switch": "switch the desk off for the public, and on again",
    "ask": "ask a question, or a file of them",
    "cite": "cite a slice of a stored text",
    "check": "is a quotation really in the bulletins?",
    "notice": "a line above answers to questions with its words",
    "verify": "re-read the library and name any damage",
    "eval": "ask a question set and print how well it went",
}

HAS_ACTIONS = {"account"}  # the common options belong to its actions


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    _use_utf8()
    files.keep_private()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except RagError as error:
        return _fail(str(error), error.exit_status)
    except BrokenPipeError:
        # The reader has left; the interpreter's own flush at exit must not fail on it too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        where = error.filename or "standard output"
        return _fail(f"{where}: {os_reason(error)}; nothing more was done", 1)
    except KeyboardInterrupt:
        return _fail("stopped; the library is as it was, or whole and new", 130)


def _run(argv: Sequence[str]) -> int:
    args = _parse_arguments(argv)
    more = tuple(args.more_seeds) if args.more_seeds else None
    loaded = settings.load(seeds=args.seeds, more_seeds=more, library=args.library)
    status = 0
    with ProgressBar() as progress:
        for output in _command(args.command).run(Context(args, loaded, progress)):
            emit(output)
            status = max(status, output.status)
    sys.stdout.flush()
    return status


def _parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments typed.  Only the module of the command typed is imported: others may take a second to load."""
    parser = Parser(prog="python -m rag", description="News bulletins, quoted word for word.")
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    typed = next((word for word in argv if not word.startswith("-")), None)
    for name, description in COMMANDS.items():
        command_parser = commands.add_parser(name, help=description)
        if name not in HAS_ACTIONS:
            add_common_options(command_parser)
        if name == typed:
            _command(name).add_arguments(command_parser)
    return parser.parse_args(argv)


def _command(name: str) -> Command:
    return cast(Command, import_module(f"rag.cli.{name}"))


def _use_utf8() -> None:
    """Whatever the terminal's setting; a file name's bytes that are no text are written as their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(message: str, status: int) -> int:
    emit(CommandOutput(notes=(message,)))
    return status
