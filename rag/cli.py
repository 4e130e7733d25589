"""The command line.  One line for an error; exit status 0 done, 1 failed, 2 unusable arguments."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rag import settings
from rag.errors import RagError, SettingInvalid, one_line
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.assistant import Assistant


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    _speak_utf8()
    try:
        args = _parser().parse_args(argv)
        chosen = settings.load(seeds=args.seeds, library=args.library)
        status: int = args.run(args, chosen)
        sys.stdout.flush()
        return status
    except RagError as error:
        return _complain(str(error), error.exit_status)
    except BrokenPipeError:
        # Whoever was reading has left; the interpreter's own flush at exit must not fail on it too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        where = error.filename or "standard output"
        return _complain(f"{where}: {(error.strerror or str(error)).lower()}; nothing more was done", 1)
    except KeyboardInterrupt:
        return _complain("stopped; the library is as it was, or whole and new", 130)


def _speak_utf8() -> None:
    """Whatever the terminal's setting; a file name's bytes that are no text are written as their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise SettingInvalid(message, remedy=f"Run: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--seeds", type=Path, metavar="DIR", help="the bulletins (RAG_SEEDS; default seeds/)")
    common.add_argument("--library", type=Path, metavar="DIR", help="the built index (RAG_LIBRARY; default library/)")
    common.add_argument("--json", action="store_true", help="print JSON, one object a line")
    parser = _Parser(prog="python -m rag", description="News bulletins, quoted word for word.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    parse = commands.add_parser("parse", parents=[common], help="show how files are read")
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parse.add_argument("--text", action="store_true", help="print the text that offsets count in, and nothing else")
    parse.set_defaults(run=_parse)

    index = commands.add_parser("index", parents=[common], help="build the library or bring it up to date")
    index.add_argument("--allow-removal", action="store_true", help="also when over a fifth of the bulletins have gone")
    index.set_defaults(run=_index)

    ask = commands.add_parser("ask", parents=[common], help="ask a question, or a file of them")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--asked-on", type=_day, metavar="YYYY-MM-DD", help="the day that “this year” is seen from")
    ask.add_argument("--history", nargs="+", action="extend", default=[], metavar="EARLIER", help="earlier questions")
    ask.add_argument("--limit", type=_count, metavar="N", help="the most quotes to give")
    ask.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="one question a line; - for standard input")
    ask.add_argument("--csv", type=Path, metavar="FILE", help="save the answer's quotes for a spreadsheet too")
    ask.set_defaults(run=_ask)

    notice = commands.add_parser("notice", parents=[common], help="a line above answers to questions with its words")
    change = notice.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="LINE", help="the line, at most 300 characters")
    notice.add_argument("--words", metavar="WORDS", help="what it is for: “lost passport, arrested, earthquake”")
    change.add_argument("--clear", action="store_true", help="take it down")
    notice.set_defaults(run=_notice)

    verify = commands.add_parser("verify", parents=[common], help="re-read the library and name any damage")
    verify.set_defaults(run=_verify)

    evaluate = commands.add_parser("eval", parents=[common], help="ask a question set and print how well it went")
    evaluate.add_argument("set_dir", nargs="?", type=Path, metavar="SET_DIR", help="holds questions.jsonl and corpus/")
    evaluate.add_argument("--save", type=Path, metavar="FILE", help="keep the run")
    evaluate.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two kept runs; nothing is asked")
    evaluate.add_argument("--floors", type=Path, metavar="FILE", help="exit 1 where a figure is under its floor")
    evaluate.set_defaults(run=_eval)
    return parser


def _parse(args: argparse.Namespace, chosen: Settings) -> int:
    from rag import contract, show
    from rag.errors import BulletinUnreadable
    from rag.folder import name_of
    from rag.parse import parse
    from rag.sections import sections

    status = 0
    for path in args.files:
        try:
            bulletin = parse(path, name=name_of(path, chosen.seeds))
        except BulletinUnreadable as error:
            status = _complain(str(error), error.exit_status)
            continue
        if args.text:
            sys.stdout.write(bulletin.text)
        elif args.json:
            print(contract.line(contract.parsed(bulletin, sections(bulletin))))
        else:
            print(show.parsed(bulletin, sections(bulletin)))
    return status


def _index(args: argparse.Namespace, chosen: Settings) -> int:
    from embeddings.encoder import SentenceEncoder
    from rag import contract, show
    from rag.build import bring_up_to_date

    with show.Progress() as progress:
        report = bring_up_to_date(
            chosen.seeds,
            chosen.library,
            SentenceEncoder(chosen.model, device=chosen.device),
            allow_removal=args.allow_removal,
            progress=progress,
        )
    for note in report.notes:
        _complain(note, 0)
    for skipped in report.skipped:
        _complain(f"{chosen.seeds / skipped.bulletin}: {skipped.reason}", 0)
    print(contract.line(contract.indexed(report)) if args.json else show.indexed(report))
    return 1 if report.skipped else 0


def _ask(args: argparse.Namespace, chosen: Settings) -> int:
    from rag import batch, contract, show

    if (args.question is None) == (args.batch is None):
        raise SettingInvalid(
            "ask takes a QUESTION or --batch FILE, one of the two", remedy="Run: python -m rag ask --help"
        )
    if args.batch:
        if args.history or args.limit or args.asked_on or args.csv:
            raise SettingInvalid(
                "--history, --limit, --asked-on and --csv belong to a single QUESTION",
                remedy="Write history and asked_on into the batch file",
            )
        for reply in batch.replies(_assistant(chosen), args.batch):
            print(contract.line(reply), flush=True)
        return 0
    assistant = _assistant(chosen)
    answer = assistant.ask(args.question, asked_on=args.asked_on, history=args.history, limit=args.limit)
    if args.json:
        print(contract.line(contract.answered(answer)))
    elif answer.status != "refused":
        print(show.answered(answer))
    if args.csv and answer.status != "refused":
        from rag.export import to_csv

        args.csv.write_bytes(to_csv(answer, assistant.library))
    return _complain(answer.message, 2) if answer.status == "refused" else 0


def _notice(args: argparse.Namespace, chosen: Settings) -> int:
    from rag import contract, notices, show

    if (args.set is None) != (args.words is None):
        raise SettingInvalid(
            "a notice is a line and the words it is for", remedy='Run: python -m rag notice --set "…" --words "…, …"'
        )
    if args.clear:
        notices.clear(chosen.library)
    elif args.set is not None:
        notices.save(chosen.library, notices.made(args.set, args.words))
    notice = notices.read(chosen.library)
    print(contract.line(contract.noticed(notice)) if args.json else show.noticed(notice))
    return 0


def _verify(args: argparse.Namespace, chosen: Settings) -> int:
    from rag import contract, show
    from rag.verify import verify

    verdict = verify(chosen.library)
    if args.json:
        print(contract.line(contract.verified(verdict)))
    else:
        print(show.verified(verdict))
    for damage in verdict.damage:
        _complain(f"{damage.where}: {damage.what}", 1)
    return 1 if verdict.damage else 0


def _eval(args: argparse.Namespace, chosen: Settings) -> int:
    from embeddings.encoder import SentenceEncoder
    from rag import show
    from rag.evaluate import command

    if args.compare:
        if args.save or args.floors or args.library:
            raise SettingInvalid("--compare asks nothing", remedy="Leave out --save, --floors and --library")
        print(command.compared(*args.compare, as_json=args.json))
        return 0
    if args.set_dir is None:
        raise SettingInvalid("eval takes a SET_DIR, or --compare A B", remedy="Run: python -m rag eval --help")
    with show.Progress() as progress:
        printed = command.evaluate(
            args.set_dir,
            SentenceEncoder(chosen.model, device=chosen.device),
            library=args.library,
            save=args.save,
            floor_file=args.floors,
            as_json=args.json,
            progress=progress,
        )
    for note in printed.notes:
        _complain(note, 0)
    print(printed.text)
    return max((_complain(line, 1) for line in printed.broken), default=0)


def _assistant(chosen: Settings) -> Assistant:
    from embeddings.encoder import SentenceEncoder
    from rag.assistant import Assistant
    from rag.library import Library

    return Assistant(Library.open(chosen.library), SentenceEncoder(chosen.model, device=chosen.device))


def _day(value: str) -> dt.date:
    from rag.batch import day

    try:
        return day(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no number of quotes; write 1 or more")
    return int(value)


def _complain(message: str, status: int) -> int:
    print(one_line(message), file=sys.stderr)
    return status
