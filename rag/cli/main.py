"""The command line.  One line for an error; exit status 0 done, 1 failed, 2 unusable arguments."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag import settings
from rag.cli.parser import parser
from rag.errors import RagError, SettingInvalid, one_line, os_reason
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    _speak_utf8()
    try:
        args = parser().parse_args(argv)
        more = tuple(args.more_seeds) if args.more_seeds else None
        chosen = settings.load(seeds=args.seeds, more_seeds=more, library=args.library)
        status = _COMMANDS[args.command](args, chosen)
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
        return _complain(f"{where}: {os_reason(error)}; nothing more was done", 1)
    except KeyboardInterrupt:
        return _complain("stopped; the library is as it was, or whole and new", 130)


def _speak_utf8() -> None:
    """Whatever the terminal's setting; a file name's bytes that are no text are written as their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _parse(args: argparse.Namespace, chosen: Settings) -> int:
    from rag.cli import json_output, text_output
    from rag.errors import BulletinUnreadable
    from rag.ingest.folders import name_of
    from rag.ingest.parse import parse
    from rag.ingest.sections import sections

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
            print(json_output.line(json_output.parsed(bulletin, sections(bulletin))))
        else:
            print(text_output.parsed(bulletin, sections(bulletin)))
    return status


def _operate(args: argparse.Namespace, chosen: Settings) -> int:
    """What changes the library, or lists what an operator wants to know."""
    from rag.cli import index, text_output

    with text_output.Progress() as progress:
        for printed in index.COMMANDS[args.command](args, chosen, progress):
            for note in printed.notes:
                _complain(note, 0)
            print(printed.text, flush=True)
    return printed.status


def _people(args: argparse.Namespace, chosen: Settings) -> int:
    """Who may do what, what they did, and the off switch."""
    from rag.cli import accounts

    status = 0
    for printed in accounts.run(args, chosen):
        print(printed.text, flush=True)
        status = max(status, printed.status)
    return status


def _ask(args: argparse.Namespace, chosen: Settings) -> int:
    from rag.cli import ask_batch, json_output, text_output

    if (args.question is None) == (args.batch is None):
        raise SettingInvalid(
            "ask takes a QUESTION or --batch FILE, one of the two", remedy="Run: python -m rag ask --help"
        )
    if args.batch:
        if args.history or args.limit or args.asked_on or args.csv or args.receipt:
            raise SettingInvalid(
                "--history, --limit, --asked-on, --csv and --receipt belong to a single QUESTION",
                remedy="Write history and asked_on into the batch file",
            )
        for reply in ask_batch.replies(_assistant(chosen), args.batch):
            print(json_output.line(reply), flush=True)
        return 0
    assistant = _assistant(chosen)
    answer = assistant.ask(args.question, asked_on=args.asked_on, history=args.history, limit=args.limit)
    if args.json:
        print(json_output.line(json_output.answered(answer)))
    elif answer.status != "refused":
        print(text_output.answered(answer))
    if args.csv and answer.status != "refused":
        from rag.answer.csv_export import to_csv

        args.csv.write_bytes(to_csv(answer, assistant.library))
    if args.receipt and answer.status != "refused":
        from rag.answer.citation import receipt

        made = receipt.of_answer(answer, assistant.library, args.asked_on or dt.date.today())
        args.receipt.write_bytes(made.to_bytes())
    return _complain(answer.message, 2) if answer.status == "refused" else 0


def _check(args: argparse.Namespace, chosen: Settings) -> int:
    from rag.cli import check, text_output

    with text_output.Progress() as progress:
        for printed in check.check(args, chosen.library, progress):
            print(printed, flush=True)
    return 0


def _cite(args: argparse.Namespace, chosen: Settings) -> int:

    from rag.cli import cite

    day = args.accessed or dt.date.today()
    printed = cite.cite(chosen.library, args.text, args.start, args.end, args.format, day, as_json=args.json)
    for note in printed.notes:
        _complain(note, 0)
    sys.stdout.write(printed.text)
    return 0


def _notice(args: argparse.Namespace, chosen: Settings) -> int:
    from rag.answer import notice as notices
    from rag.cli import json_output, text_output
    from rag.library import audit_log

    if (args.set is None) is not (args.words is None and not args.all):
        remedy = 'Run: python -m rag notice --set "…" --words "…, …", or --set "…" --all'
        raise SettingInvalid("a notice is a line and the words it is for", remedy=remedy)
    if args.clear:
        with audit_log.noting(chosen.library, "notice clear"):
            notices.clear(chosen.library)
    elif args.set is not None:
        made = notices.made(args.set, args.words)
        with audit_log.noting(chosen.library, "notice set", line=made.line, words=", ".join(made.words)):
            notices.save(chosen.library, made)
    notice = notices.read(chosen.library)
    print(json_output.line(json_output.noticed(notice)) if args.json else text_output.noticed(notice))
    return 0


def _verify(args: argparse.Namespace, chosen: Settings) -> int:
    from rag.cli import json_output, text_output
    from rag.library.verify import verify

    if args.receipt:
        from rag.answer.citation import proof
        from rag.library import receipts

        found = proof.prove(receipts.read(args.receipt), chosen.library, chosen.seeds)
        print(json_output.line(json_output.proved(found)) if args.json else text_output.proved(found))
        for note in () if args.json else found.notes:
            _complain(note, 0)
        return 0 if found.ok else 1
    verdict = verify(chosen.library)
    if args.json:
        print(json_output.line(json_output.verified(verdict)))
    else:
        print(text_output.verified(verdict))
    for damage in verdict.damage:
        _complain(f"{damage.where}: {damage.what}", 1)
    return 1 if verdict.damage else 0


def _eval(args: argparse.Namespace, chosen: Settings) -> int:
    from embeddings.encoder import SentenceEncoder
    from rag.cli import evaluate, text_output

    if args.compare:
        if args.save or args.floors or args.library:
            raise SettingInvalid("--compare asks nothing", remedy="Leave out --save, --floors and --library")
        print(evaluate.compared(*args.compare, as_json=args.json))
        return 0
    if args.set_dir is None:
        raise SettingInvalid("eval takes a SET_DIR, or --compare A B", remedy="Run: python -m rag eval --help")
    with text_output.Progress() as progress:
        printed = evaluate.evaluate(
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
    from rag.answer.assistant import Assistant
    from rag.library.reader import Library

    return Assistant(Library.open(chosen.library), SentenceEncoder(chosen.model, device=chosen.device))


def _complain(message: str, status: int) -> int:
    print(one_line(message), file=sys.stderr)
    return status


_OPERATING = (
    *("index", "add", "sync", "watch", "correct", "generations", "back", "questions", "missing", "quarantine"),
    "purge",
)
_COMMANDS = {
    "parse": _parse,
    "ask": _ask,
    "cite": _cite,
    "check": _check,
    "notice": _notice,
    "verify": _verify,
    "eval": _eval,
    **dict.fromkeys(("account", "log", "switch", "tidy"), _people),
} | dict.fromkeys(_OPERATING, _operate)
