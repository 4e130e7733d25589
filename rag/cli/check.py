"""``python -m rag check``: checks the quotations of a text, of a draft or of a batch of citations."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.checking import attribution, report_json
from rag.checking.checker import Checker
from rag.checking.drafts.read_draft import read_draft
from rag.checking.drafts.report_files import write_report
from rag.checking.models import CheckReport, Claim
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs, read_batch
from rag.cli.parser import Parser
from rag.errors import DraftUnreadable, SettingInvalid, one_line, os_reason
from rag.library.reader import Library

_CLAIMS = ("date", "title", "district")


def add_arguments(parser: Parser) -> None:
    """Declares what is checked, and what is claimed of its source."""
    parser.add_argument("text", nargs="?", metavar="TEXT", help="what holds the quotations, in quotation marks")
    parser.add_argument("--whole", action="store_true", help="TEXT itself is the quotation")
    parser.add_argument("--draft", type=Path, metavar="FILE", help="a draft to audit: .txt, .md or .docx")
    parser.add_argument("--batch", type=Path, metavar="CITATIONS.jsonl", help="a citation a line; - for standard input")
    parser.add_argument("--date", metavar="D", help="the date that is claimed of the source")
    parser.add_argument("--title", metavar="T", help="the title that is claimed of the source")
    parser.add_argument("--district", metavar="N", help="the district that is claimed of the source")
    parser.add_argument("--save", type=Path, metavar="FILE", help="save the report too: .csv, .json or .html")


def run(context: Context) -> Outputs:
    """Checks the text or the draft, and saves the report where that is asked for; or checks each line of the batch."""
    args = context.args
    claims = _claims(args)
    if args.batch:
        checker = Checker(Library.open(context.library))
        yield from (CommandOutput(json_output.line(reply)) for reply in _replies(checker, args.batch))
        return
    report = _report(context, claims)
    if args.save:
        write_report(report, args.save)
    yield context.output(report_json.report_json(report), _text(report))


def _claims(args: argparse.Namespace) -> tuple[Claim, ...] | None:
    """The claims given as options; None without any.

    Raises:
        SettingInvalid: the options don't go together, or a claim can't be read.
    """
    given = (args.date, args.title, args.district)
    if sum(value is not None for value in (args.text, args.draft, args.batch)) != 1:
        raise SettingInvalid(
            "check takes a TEXT, --draft FILE or --batch FILE, one of the three",
            remedy="Run: python -m rag check --help",
        )
    if args.batch and (any(given) or args.whole or args.save):
        raise SettingInvalid(
            "--date, --title, --district, --whole and --save belong to a TEXT or a draft",
            remedy="Write claims into the batch file",
        )
    if args.whole and args.draft:
        raise SettingInvalid("--whole belongs to a TEXT", remedy="Leave it out, or give the quotation as TEXT")
    try:
        return attribution.parse_claims(*given) if any(given) else None
    except ValueError as error:
        raise SettingInvalid(str(error)) from None


def _report(context: Context, claims: tuple[Claim, ...] | None) -> CheckReport:
    args = context.args
    if not args.draft:
        checker = Checker(Library.open(context.library))
        return checker.check(args.text, quote=args.text if args.whole else None, claims=claims)
    try:
        data = args.draft.read_bytes()
    except OSError as error:
        reason = os_reason(error)
        raise DraftUnreadable(f"can't be read ({reason})", where=args.draft, remedy="Name another file") from None
    draft = read_draft(data, args.draft.name)
    return Checker(Library.open(context.library)).audit(
        draft.text,
        blocks=draft.blocks,
        claims=claims,
        name=draft.name,
        messages=draft.messages,
        progress=lambda done, total: context.progress("Checking quotations", done, total),
    )


def _replies(checker: Checker, path: Path) -> Iterator[dict[str, Any]]:
    """The reply to each line of a batch, in order; an unusable line gets a message that says why."""
    for number, row in read_batch(path):
        try:
            yield {"id": row.get("id"), **report_json.report_json(_check(checker, row))}
        except (SettingInvalid, ValueError) as error:
            yield {"id": row.get("id"), "verdicts": [], "messages": [f"Line {number}: {error}"]}


def _check(checker: Checker, row: dict[str, Any]) -> CheckReport:
    """The report on a line of a batch.

    Raises:
        SettingInvalid: it has no text, or a field is of another kind.
        ValueError: a claim can't be read.
    """
    if not isinstance(row.get("text"), str):
        raise SettingInvalid("no object with a text", remedy='Write {"id": "…", "text": "…"}')
    quote, claimed = row.get("quote"), row.get("claimed")
    if quote is not None and not isinstance(quote, str):
        raise SettingInvalid("quote is no text")
    if claimed is None:
        return checker.check(row["text"], quote=quote)
    if not isinstance(claimed, dict) or not all(isinstance(claimed.get(key), str | None) for key in _CLAIMS):
        raise SettingInvalid("claimed is no object of texts", remedy='Write {"date": "…", "title": "…"}')
    return checker.check(row["text"], quote=quote, claims=attribution.parse_claims(*map(claimed.get, _CLAIMS)))


def _text(report: CheckReport) -> str:
    """The verdicts of a text's quotations, what differs in each, and where the true words stand."""
    blocks = []
    for number, row in enumerate(report.rows, 1):
        lines = [f"{number}. {row.verdict.upper()}: “{one_line(row.quote)}”", f"   {row.explanation}"]
        if row.citation and row.verdict != "exact":
            lines.append(f"   true: “{one_line(row.citation.text)}”")
        lines += [f"   piece: “{one_line(piece.text)}” ({piece.bulletin})" for piece in row.fragments]
        if row.citation:
            lines.append(f"   {one_line(row.citation.bulletin)} [{row.citation.start}:{row.citation.end}]")
        blocks.append("\n".join(lines))
    return "\n".join([*blocks, *report.messages])
