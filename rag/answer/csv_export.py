"""Answer -> CSV, for a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING

from rag.answer.quote import prove
from rag.models import Answer, Quote
from rag.text.dates import written

if TYPE_CHECKING:
    from rag.library.reader import Library

COLUMNS = tuple("rank date districts heading quote title source bulletin start end sha256 side note also_in".split())
# A spreadsheet takes a cell that begins with one of these for a formula, some the full-width ones too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_LONGEST_NAME = 60  # characters of a file's name that come from the question


def to_csv(answer: Answer, library: Library) -> bytes:
    """The answer's quotes, one a row, each compared with its stored text once more; UTF-8 with a byte-order mark.

    The nearest passages of a "no match" are no answer and left out.

    Raises:
        QuoteMismatch: a quote is not a slice of its bulletin.
        LibraryDamaged: a stored text is missing or changed.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for rank, quote in enumerate(answer.quotes if answer.status == "answered" else (), 1):
        prove(quote, library.text(quote.sha256))
        writer.writerow(_row(rank, quote))
    # The name of a file may hold bytes that are no text; they are written by their numbers.
    return table.getvalue().encode("utf-8-sig", errors="backslashreplace")


def guarded(cell: str) -> str:
    """An apostrophe goes before what a spreadsheet would take for a formula, and before a leading apostrophe: who
    takes one leading apostrophe off every cell that has one gets the exact words back."""
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def unguarded(cell: str) -> str:
    """The words that ``guarded`` was given."""
    return cell.removeprefix("'")


def file_name(answer: Answer, saved_on: dt.date) -> str:
    """ "bulletin-desk-2026-11-22-consular-protection-2023.csv": letters, digits and hyphens alone."""
    asked = answer.understood
    about = [asked.topic, *asked.districts, written(asked.date_from, asked.date_to)]
    words = re.findall(r"[a-z0-9]+", " ".join(about).lower().replace("'", "")) or ["answer"]
    about_it = "-".join(words)[:_LONGEST_NAME].rstrip("-")
    return f"bulletin-desk-{saved_on}-{about_it}.csv"


def _row(rank: int, quote: Quote) -> list[str | int]:
    cells: list[str | int] = [
        rank,
        str(quote.date or ""),
        "; ".join(quote.districts),
        quote.heading or "",
        quote.text,
        quote.title or "",
        quote.source or "",
        quote.bulletin,
        quote.start,
        quote.end,
        quote.sha256,
        quote.side or "",
        quote.note or "",
        "; ".join(quote.also_in),
    ]
    return [guarded(cell) if isinstance(cell, str) else cell for cell in cells]
