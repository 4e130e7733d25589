"""An audited draft as a file: for a spreadsheet, for another program, to print."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from rag.answer.csv_export import escape_formula
from rag.checking import report_json
from rag.checking.drafts import labels
from rag.checking.drafts.annotate import marked
from rag.checking.models import Checked, Report
from rag.errors import SettingInvalid, os_reason

COLUMNS = tuple(
    "number verdict quote true_text differences bulletin title date source districts claimed_date claimed_title "
    "claimed_district claims_hold start end draft_start draft_end sha256 other_sources explanation".split()
)
PAGES = Environment(
    loader=PackageLoader("rag.checking.drafts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters.update(difference=labels.difference, holds=labels.holds)


def to_csv(report: Report) -> bytes:
    """The quotations, one a row; UTF-8 with a byte-order mark.  An apostrophe stands before what a spreadsheet would
    take for a formula."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for number, row in enumerate(report.rows, 1):
        cells = _cells(number, row)
        writer.writerow(escape_formula(cell) if isinstance(cell, str) else cell for cell in map(cells.get, COLUMNS))
    return _encoded(table.getvalue(), "utf-8-sig")


def to_json(report: Report) -> bytes:
    """The object of ``check --json``, with the draft, so that its offsets can be followed."""
    whole = {
        "draft": report.draft,
        "name": report.name,
        "checked_on": report.checked_on.isoformat(),
        "bulletins": report.bulletins,
        **report_json.reported(report),
    }
    return _encoded(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")


def to_html(report: Report) -> bytes:
    """A page that needs nothing but itself: the draft with its quotations marked, and a table of them, to print."""
    page = PAGES.get_template("report.html").render(
        report=report,
        pieces=marked(report),
        summary=labels.summary(report),
        meanings=[(verdict, labels.VERDICTS[verdict]) for verdict, _ in labels.counted(report)],
        claims=[claims_of(row) for row in report.rows],
    )
    return _encoded(page, "utf-8")


WRITERS = {"csv": to_csv, "json": to_json, "html": to_html}


def write_report(report: Report, path: Path) -> None:
    """Saves the report in the form that the file's name ends with.

    Raises:
        SettingInvalid: the name has another ending, or the file can't be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in WRITERS:
        raise SettingInvalid("is not one of .csv, .json, .html", where=path, remedy="Name the report's file so")
    try:
        path.write_bytes(WRITERS[kind](report))
    except OSError as error:
        reason = os_reason(error)
        raise SettingInvalid(f"can't be written ({reason})", where=path, remedy="Choose another place") from error


def file_name(kind: str, saved_on: dt.date) -> str:
    """ "bulletin-desk-check-2026-11-27.csv"."""
    return f"bulletin-desk-check-{saved_on}.{kind}"


def claims_of(row: Checked) -> list[tuple[str, str]]:
    """What is claimed of a quotation's source, and whether it holds."""
    return [(f"{claim.kind}: {claim.words}", labels.holds(claim)) for claim in row.claims]


def _cells(number: int, row: Checked) -> dict[str, str | int]:
    place = row.place
    return {
        "number": number,
        "verdict": row.verdict,
        "quote": row.quote,
        "true_text": place.text if place else "",
        "differences": "; ".join(labels.difference(change) for change in row.differences),
        "bulletin": place.bulletin if place else "",
        "title": (place.title if place else None) or "",
        "date": str((place.date if place else None) or ""),
        "source": (place.source if place else None) or "",
        "districts": "; ".join(place.districts if place else ()),
        "claimed_date": labels.claimed(row, "date"),
        "claimed_title": labels.claimed(row, "title"),
        "claimed_district": labels.claimed(row, "district"),
        "claims_hold": "; ".join(f"{words}: {holds}" for words, holds in claims_of(row)),
        "start": place.start if place else "",
        "end": place.end if place else "",
        "draft_start": row.at.start,
        "draft_end": row.at.end,
        "sha256": place.sha256 if place else "",
        "other_sources": "; ".join(f"{other.bulletin} [{other.start}:{other.end}]" for other in row.others),
        "explanation": row.explanation,
    }


def _encoded(text: str, encoding: str) -> bytes:
    # The name of a file may hold bytes that are no text; they are written by their numbers.
    return text.encode(encoding, errors="backslashreplace")
