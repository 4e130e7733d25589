"""An answer as CSV, for a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING

from rag.answer.models import Answer
from rag.budget import step
from rag.models import Quote
from rag.text.dates import format_period

if TYPE_CHECKING:
    from rag.library.reader import Library

COLUMNS = tuple("rank date districts heading quote title source bulletin start end sha256 side note also_in".split())
# A spreadsheet takes a cell that begins with one of these for a formula; some take the full-width ones too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Where cells are parted by semicolons or tabs, as in most of Europe, these and line ends begin one; quotation marks and
# spaces there may be taken off.
_INNER_FORMULA = re.compile("""([;\t\r\n][ "\u00a0\u3000]*)(?='*[=+@＝＋－＠-])""")
_ESCAPED = re.compile("""([;\t\r\n][ "\u00a0\u3000]*)'(?='*[=+@＝＋－＠-])""")
_MAX_NAME_CHARS = 60  # characters of a file's name that come from the question


def to_csv(answer: Answer, library: Library) -> bytes:
    """The answer's quotes, one a row, each verified once more; UTF-8 with a byte-order mark.

    The nearest passages that are shown with a "no match" are left out.

    Raises:
        QuoteMismatch: a quote is not a slice of its bulletin.
        LibraryDamaged: a stored text is missing or changed.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for rank, quote in enumerate(answer.quotes if answer.status == "answered" else (), 1):
        step()
        quote.verify(library.text(quote.sha256))
        writer.writerow(_row(rank, quote))
    # The name of a file may hold bytes that are no text; they are written by their numbers.
    return table.getvalue().encode("utf-8-sig", errors="backslashreplace")


def escape_formula(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula, whichever sign parts its cells.

    A leading apostrophe gets another one, and so does one before such a formula: ``restore_formula`` gives the exact
    words again.
    """
    inside = _INNER_FORMULA.sub(r"\1'", cell)
    return f"'{inside}" if cell.startswith((*_FORMULA, "'")) else inside


def restore_formula(cell: str) -> str:
    """The words of a cell that ``escape_formula`` has written."""
    return _ESCAPED.sub(r"\1", cell.removeprefix("'"))


def file_name(answer: Answer, saved_on: dt.date) -> str:
    """ "bulletin-desk-2026-11-22-consular-protection-2023.csv": letters, digits and hyphens alone."""
    query = answer.query
    parts = [query.topic, *query.districts, format_period(query.date_from, query.date_to)]
    words = re.findall(r"[a-z0-9]+", " ".join(parts).lower().replace("'", "")) or ["answer"]
    slug = "-".join(words)[:_MAX_NAME_CHARS].rstrip("-")
    return f"bulletin-desk-{saved_on}-{slug}.csv"


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
    return [escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]
