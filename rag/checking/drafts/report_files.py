"""An audited draft as a file: for a spreadsheet, for another program, to print."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from rag.answer.csv_export import escape_formula
from rag.budget import step
from rag.checking import report_json
from rag.checking.drafts import labels
from rag.checking.drafts.annotate import annotate
from rag.checking.models import CheckedQuotation, CheckReport
from rag.errors import SettingInvalid, os_reason

COLUMNS = tuple(
    "number verdict quote true_text differences bulletin title date source districts claimed_date claimed_title "
    "claimed_district claims_hold start end draft_start draft_end sha256 other_sources explanation".split()
)
TEMPLATES = Environment(
    loader=PackageLoader("rag.checking.drafts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(difference=labels.difference_text, holds=labels.claim_status)


def to_csv(report: CheckReport) -> bytes:
    """Writes the quotations, one a row, in UTF-8 with a byte-order mark.

    An apostrophe stands before what a spreadsheet would take for a formula.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for number, row in enumerate(report.rows, 1):
        cells = _csv_cells(number, row)
        writer.writerow(escape_formula(cell) if isinstance(cell, str) else cell for cell in map(cells.get, COLUMNS))
    return _encode(table.getvalue(), "utf-8-sig")


def to_json(report: CheckReport) -> bytes:
    """Writes the object of ``check --json``, with the draft, so that its offsets can be followed."""
    contents = {
        "draft": report.draft,
        "name": report.name,
        "checked_on": report.checked_on.isoformat(),
        "bulletins": report.bulletins,
        **report_json.report_json(report),
    }
    return _encode(json.dumps(contents, ensure_ascii=False, indent=1) + "\n", "utf-8")


def to_html(report: CheckReport) -> bytes:
    """Writes a page that needs no other file: the draft with its quotations marked, and a table of them, to print."""
    page = TEMPLATES.get_template("report.html").render(
        report=report,
        pieces=annotate(report),
        summary=labels.summary(report),
        meanings=[(verdict, labels.VERDICTS[verdict]) for verdict, _ in labels.verdict_counts(report)],
        claims=[claim_lines(row) for row in report.rows],
    )
    return _encode(page, "utf-8")


WRITERS = {"csv": to_csv, "json": to_json, "html": to_html}


def write_report(report: CheckReport, path: Path) -> None:
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
    """Returns "bulletin-desk-check-2026-11-27.csv"."""
    return f"bulletin-desk-check-{saved_on}.{kind}"


def claim_lines(row: CheckedQuotation) -> list[tuple[str, str]]:
    """Returns what is claimed of a quotation's source, and whether it holds."""
    return [(f"{claim.kind}: {claim.words}", labels.claim_status(claim)) for claim in row.claims]


def _csv_cells(number: int, row: CheckedQuotation) -> dict[str, str | int]:
    step()
    citation = row.citation
    return {
        "number": number,
        "verdict": row.verdict,
        "quote": row.quote,
        "true_text": citation.text if citation else "",
        "differences": "; ".join(labels.difference_text(change) for change in row.differences),
        "bulletin": citation.bulletin if citation else "",
        "title": (citation.title if citation else None) or "",
        "date": str((citation.date if citation else None) or ""),
        "source": (citation.source if citation else None) or "",
        "districts": "; ".join(citation.districts if citation else ()),
        "claimed_date": labels.claimed_words(row, "date"),
        "claimed_title": labels.claimed_words(row, "title"),
        "claimed_district": labels.claimed_words(row, "district"),
        "claims_hold": "; ".join(f"{words}: {holds}" for words, holds in claim_lines(row)),
        "start": citation.start if citation else "",
        "end": citation.end if citation else "",
        "draft_start": row.span.start,
        "draft_end": row.span.end,
        "sha256": citation.sha256 if citation else "",
        "other_sources": "; ".join(f"{other.bulletin} [{other.start}:{other.end}]" for other in row.other_sources),
        "explanation": row.explanation,
    }


def _encode(text: str, encoding: str) -> bytes:
    # The name of a file may hold bytes that are no text; they are written by their numbers.
    return text.encode(encoding, errors="backslashreplace")
