"""``python -m rag ask``: asks one question, or a file of them (``--batch``, one JSON object a line)."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from embeddings.factory import load_encoder
from rag.answer.assistant import Assistant
from rag.answer.citation import receipt
from rag.answer.csv_export import to_csv
from rag.answer.models import NEAR_MISSES, Answer, columns
from rag.answer.source_notes import copies
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs, read_batch
from rag.cli.parser import Parser, count, day
from rag.errors import SettingInvalid
from rag.library.reader import Library
from rag.models import Quote
from rag.query.conditions import display
from rag.text.dates import long_date


def add_arguments(parser: Parser) -> None:
    """Declares the question or the batch, and what goes with a single question."""
    parser.add_argument("question", nargs="?", metavar="QUESTION")
    parser.add_argument("--asked-on", type=day, metavar="YYYY-MM-DD", help="the day that “this year” is seen from")
    parser.add_argument(
        "--history", nargs="+", action="extend", default=[], metavar="EARLIER", help="earlier questions"
    )
    parser.add_argument("--limit", type=count, metavar="N", help="the most quotes to give")
    parser.add_argument(
        "--batch", type=Path, metavar="QUESTIONS.jsonl", help="one question a line; - for standard input"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="save the answer's quotes for a spreadsheet too")
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="save what proves the answer later")


def run(context: Context) -> Outputs:
    """Answers the question, and saves the answer where that is asked for; or answers each line of the batch."""
    args, settings = context.args, context.settings
    if (args.question is None) == (args.batch is None):
        raise SettingInvalid(
            "ask takes a QUESTION or --batch FILE, one of the two", remedy="Run: python -m rag ask --help"
        )
    if args.batch and (args.history or args.limit or args.asked_on or args.csv or args.receipt):
        raise SettingInvalid(
            "--history, --limit, --asked-on, --csv and --receipt belong to a single QUESTION",
            remedy="Write history and asked_on into the batch file",
        )
    assistant = Assistant(Library.open(settings.library), load_encoder(**settings.encoder))
    if args.batch:
        yield from (CommandOutput(json_output.line(reply)) for reply in _replies(assistant, args.batch))
        return
    answer = assistant.ask(args.question, asked_on=args.asked_on, history=args.history, limit=args.limit)
    if args.json or answer.status != "refused":
        yield context.output(json_output.answered(answer), as_text(answer, assistant.library))
    if answer.status == "refused":
        yield CommandOutput(notes=(answer.message,), status=2)
        return
    if args.csv:
        args.csv.write_bytes(to_csv(answer, assistant.library))
    if args.receipt:
        made = receipt.of_answer(answer, assistant.library, args.asked_on or dt.date.today())
        args.receipt.write_bytes(made.to_bytes())


def _replies(assistant: Assistant, path: Path) -> Iterator[dict[str, Any]]:
    """The reply to each line of a batch, in order; an unusable line gets a refusal that says why."""
    for number, row in read_batch(path):
        try:
            yield {"id": row.get("id"), **json_output.answered(_ask(assistant, row))}
        except SettingInvalid as error:
            yield json_output.refused(row.get("id"), row.get("question"), f"Line {number}: {error}")


def _ask(assistant: Assistant, row: dict[str, Any]) -> Answer:
    """The answer to a line of a batch.

    Raises:
        SettingInvalid: it has no question, or a field is of another kind.
    """
    if not isinstance(row.get("question"), str):
        raise SettingInvalid("no object with a question", remedy='Write {"id": "…", "question": "…"}')
    history = [] if row.get("history") is None else row["history"]
    if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
        raise SettingInvalid("history is not a list of questions")
    asked_on = row.get("asked_on")
    try:
        asked_on = None if asked_on is None else day(asked_on)
    except argparse.ArgumentTypeError as error:
        raise SettingInvalid(f"asked_on: {error}") from None
    return assistant.ask(row["question"], asked_on=asked_on, history=history)


def as_text(answer: Answer, library: Library) -> str:
    """Notice, message and conditions, then the quotes, those of one bulletin under its head."""
    blocks = [answer.message]
    if answer.notice:
        blocks.insert(0, f"! {answer.notice}")
    if answer.query.conditions:
        blocks.append(f"Conditions: {', '.join(map(display, answer.query.conditions))}")
    if answer.status == "no_match" and answer.quotes:
        blocks.append(f"{NEAR_MISSES}:")
    for column in columns(answer):
        if column.label:
            blocks.append(f"{column.label}\n{'=' * len(column.label)}")
            blocks += [] if column.groups else ["Nothing was found for this."]
        blocks += [_group(group, library) for group in column.groups]
    return "\n\n".join(blocks)


def _group(quotes: Sequence[Quote], library: Library) -> str:
    """A bulletin's head, with the other bulletins that carry its text, and its entries."""
    first = quotes[0]
    about = [long_date(first.date), first.title or "Untitled bulletin", *filter(None, [first.source])]
    head = "\n".join(filter(None, [" · ".join(about), copies(library, first)]))
    return "\n\n".join([f"{head}\n{_quote(first)}", *map(_quote, quotes[1:])])


def _quote(quote: Quote) -> str:
    about = " · ".join([*quote.districts, *filter(None, [quote.heading])])
    words = "\n".join(f"  | {line}" for line in quote.text.split("\n"))
    lines = [f"  {about}" if about else "", words, f"  {quote.note}" if quote.note else ""]
    return "\n".join(filter(None, lines))
