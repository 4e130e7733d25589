"""What may be typed after ``python -m rag``."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import NoReturn

from rag.errors import SettingInvalid


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise SettingInvalid(message, remedy=f"Run: {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """Of all commands; ``command`` is the name of the one that was typed.

    Its ``parse_args`` raises SettingInvalid for unusable arguments.
    """
    common = _Parser(add_help=False)
    common.add_argument("--seeds", type=Path, metavar="DIR", help="the bulletins (RAG_SEEDS; default seeds/)")
    common.add_argument(
        "--more-seeds", type=Path, action="append", metavar="DIR", help="a further folder of them (RAG_MORE_SEEDS)"
    )
    common.add_argument("--library", type=Path, metavar="DIR", help="the built index (RAG_LIBRARY; default library/)")
    common.add_argument("--json", action="store_true", help="print JSON, one object a line")
    whole = _Parser(prog="python -m rag", description="News bulletins, quoted word for word.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    parse = commands.add_parser("parse", parents=[common], help="show how files are read")
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parse.add_argument("--text", action="store_true", help="print the text that offsets count in, and nothing else")
    parse.set_defaults(command="parse")

    index = commands.add_parser("index", parents=[common], help="build the library or bring it up to date")
    index.add_argument("--allow-removal", action="store_true", help="also when over a fifth of the bulletins have gone")
    index.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    index.add_argument("--replay", action="store_true", help="ask the saved questions too; say what differs")
    index.set_defaults(command="index")

    add = commands.add_parser("add", parents=[common], help="put bulletins into the folder and index")
    add.add_argument("sources", nargs="+", metavar="FILE|URL", help="URLs of the hosts in RAG_HOSTS only")
    add.add_argument("--replace", action="store_true", help="also where another file of that name is there")
    add.set_defaults(command="add", allow_removal=False)

    sync = commands.add_parser("sync", parents=[common], help="fetch what a listing page links to, and index")
    sync.add_argument("url", metavar="LISTING-URL", help="of a host in RAG_HOSTS")
    sync.set_defaults(command="sync", allow_removal=False)

    watch = commands.add_parser("watch", parents=[common], help="index whenever the folders change, until stopped")
    watch.set_defaults(command="watch")

    correct = commands.add_parser("correct", parents=[common], help="correct what was misread in a bulletin")
    correct.add_argument("bulletin", metavar="BULLETIN", help="its name in the folder")
    correct.add_argument("--title", metavar="T", help="the right title")
    correct.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="the right date")
    correct.add_argument("--districts", metavar="NAMES", help="of a section, with ; between; empty for none")
    correct.add_argument("--heading", metavar="H", help="the section's headline, or its district where it has none")
    correct.set_defaults(command="correct")

    generations = commands.add_parser("generations", parents=[common], help="list the generations that are kept")
    generations.set_defaults(command="generations")

    back = commands.add_parser("back", parents=[common], help="go back to the generation before, or to the one named")
    back.add_argument("generation", nargs="?", metavar="GENERATION")
    back.set_defaults(command="back")

    questions = commands.add_parser("questions", parents=[common], help="the saved questions that --replay asks")
    saved = questions.add_mutually_exclusive_group()
    saved.add_argument("--add", metavar="QUESTION")
    saved.add_argument("--remove", metavar="QUESTION")
    questions.set_defaults(command="questions")

    unanswered = commands.add_parser("missing", parents=[common], help="questions that got no answer, by frequency")
    unanswered.set_defaults(command="missing")

    quarantine = commands.add_parser("quarantine", parents=[common], help="files that couldn't be read, and why")
    quarantine.set_defaults(command="quarantine")

    purge = commands.add_parser("purge", parents=[common], help="remove a text that no bulletin carries, for good")
    purge.add_argument("text", metavar="TEXT", help="its digest, or the name of the bulletin that carried it")
    purge.set_defaults(command="purge")

    _people(commands, common)

    ask = commands.add_parser("ask", parents=[common], help="ask a question, or a file of them")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--asked-on", type=_day, metavar="YYYY-MM-DD", help="the day that “this year” is seen from")
    ask.add_argument("--history", nargs="+", action="extend", default=[], metavar="EARLIER", help="earlier questions")
    ask.add_argument("--limit", type=_count, metavar="N", help="the most quotes to give")
    ask.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="one question a line; - for standard input")
    ask.add_argument("--csv", type=Path, metavar="FILE", help="save the answer's quotes for a spreadsheet too")
    ask.add_argument("--receipt", type=Path, metavar="FILE", help="save what proves the answer later")
    ask.set_defaults(command="ask")

    cite = commands.add_parser("cite", parents=[common], help="cite a slice of a stored text")
    cite.add_argument("text", metavar="SHA256", help="the text's digest, 8 of its digits or more, or a bulletin's name")
    cite.add_argument("start", type=_offset, metavar="START", help="counted in code points, from 0")
    cite.add_argument("end", type=_offset, metavar="END", help="where the slice is over, exclusive")
    forms = ("line", "csl", "bibtex", "ris", "annotation", "link", "receipt")
    cite.add_argument("--format", choices=forms, default="line", help="default: line")
    cite.add_argument("--accessed", type=_day, metavar="YYYY-MM-DD", help="the day of access; default: today")
    cite.set_defaults(command="cite")

    check = commands.add_parser("check", parents=[common], help="is a quotation really in the bulletins?")
    check.add_argument("text", nargs="?", metavar="TEXT", help="what holds the quotations, in quotation marks")
    check.add_argument("--whole", action="store_true", help="TEXT itself is the quotation")
    check.add_argument("--draft", type=Path, metavar="FILE", help="a draft to audit: .txt, .md or .docx")
    check.add_argument("--batch", type=Path, metavar="CITATIONS.jsonl", help="a citation a line; - for standard input")
    check.add_argument("--date", metavar="D", help="the date that is claimed of the source")
    check.add_argument("--title", metavar="T", help="the title that is claimed of the source")
    check.add_argument("--district", metavar="N", help="the district that is claimed of the source")
    check.add_argument("--save", type=Path, metavar="FILE", help="save the report too: .csv, .json or .html")
    check.set_defaults(command="check")

    notice = commands.add_parser("notice", parents=[common], help="a line above answers to questions with its words")
    change = notice.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="LINE", help="the line, at most 300 characters")
    where = notice.add_mutually_exclusive_group()
    where.add_argument("--words", metavar="WORDS", help="what it is for: “lost passport, arrested, earthquake”")
    where.add_argument("--all", action="store_true", help="above all answers")
    change.add_argument("--clear", action="store_true", help="take it down")
    notice.set_defaults(command="notice")

    verify = commands.add_parser("verify", parents=[common], help="re-read the library and name any damage")
    verify.add_argument("--receipt", type=Path, metavar="FILE", help="prove a receipt's quotes instead")
    verify.set_defaults(command="verify")

    evaluate = commands.add_parser("eval", parents=[common], help="ask a question set and print how well it went")
    evaluate.add_argument("set_dir", nargs="?", type=Path, metavar="SET_DIR", help="holds questions.jsonl and corpus/")
    evaluate.add_argument("--save", type=Path, metavar="FILE", help="keep the run")
    evaluate.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two kept runs; nothing is asked")
    evaluate.add_argument("--floors", type=Path, metavar="FILE", help="exit 1 where a figure is under its floor")
    evaluate.set_defaults(command="eval")
    return whole


def _people(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    account = commands.add_parser("account", help="who may see the staff's and the operator's pages")
    account.set_defaults(command="account")
    acts = account.add_subparsers(required=True, dest="act", metavar="ACT")
    named = _Parser(add_help=False)
    named.add_argument("name", metavar="NAME")
    secret = _Parser(add_help=False)
    secret.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input, rather than make one"
    )
    add = acts.add_parser("add", parents=[common, named, secret], help="make an account; prints its password, once")
    add.add_argument("--role", choices=("staff", "operator"), required=True)
    acts.add_parser("password", parents=[common, named, secret], help="give an account a new password")
    role = acts.add_parser("role", parents=[common, named], help="change what an account is for")
    role.add_argument("role", choices=("staff", "operator"), metavar="ROLE")
    acts.add_parser("disable", parents=[common, named], help="let nobody sign in with it")
    acts.add_parser("enable", parents=[common, named], help="let it sign in again")
    acts.add_parser("remove", parents=[common, named], help="remove an account")
    acts.add_parser("list", parents=[common], help="list the accounts")

    log = commands.add_parser("log", parents=[common], help="who changed what, and when")
    log.add_argument("--last", type=_count, metavar="N", help="only the latest N entries")
    log.set_defaults(command="log")

    tidy = commands.add_parser("tidy", parents=[common], help="delete what was noted of questions long ago")
    tidy.set_defaults(command="tidy")

    switch = commands.add_parser("switch", parents=[common], help="switch the desk off for the public, and on again")
    switch.add_argument("to", nargs="?", choices=("off", "on"), metavar="off|on")
    switch.add_argument("--reason", metavar="WHY", help="for the log: why it is switched off")
    switch.set_defaults(command="switch")


def _day(value: str) -> dt.date:
    from rag.cli.ask_batch import day

    try:
        return day(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no number; write 1 or more")
    return int(value)


def _offset(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise argparse.ArgumentTypeError(f"{value!r} is no place in a text; write 0 or more")
    return int(value)
