"""A checked draft as CSV, JSON and a page to print: the same rows in each, and nothing that runs."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from rag.answer.csv_export import restore_formula
from rag.checking.checker import Checker
from rag.checking.drafts.annotate import annotate, verify_report
from rag.checking.drafts.labels import summary
from rag.checking.drafts.report_files import COLUMNS, file_name, to_csv, to_html, to_json, write_report
from rag.checking.models import CheckReport
from rag.errors import QuoteMismatch, SettingInvalid
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

DAY = dt.date(2026, 11, 27)
ROBOTS = "Twenty robots greeted guests from Norway on May 3. They bowed twice."
FORMULA = "=SUM(A1) is what the <b>spreadsheet</b> & its owner said."
DRAFT = f"""Haidian wrote on May 10, 2024: “Twenty robots greeted guests from Norway on May 3. They ‘bowed’ twice.”

It also wrote on June 1, 2023: “Twelve robots greeted guests from Norway on May 3.” Then “{FORMULA}”

<script>alert(1)</script> “Nothing of the kind was ever <img src=x onerror=alert(2)> written anywhere.”"""


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    text = bulletin_text("2024-05-10", "Haidian District", "Robots greet the guests", ROBOTS, FORMULA)
    return Checker(build_library(tmp_path, robots=text))


@pytest.fixture
def report(checker: Checker) -> CheckReport:
    report = checker.audit(DRAFT, name="draft & co.txt", messages=["Line 1: a <b>message</b>."])
    assert len(report.rows) == 5
    return replace(report, checked_on=DAY)


def test_the_csv_has_a_row_for_each_quotation(report: CheckReport) -> None:
    """With the offsets to follow it in the draft and in the bulletin; formulas are kept from running."""
    data = to_csv(report)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["verdict"] for row in rows] == [row.verdict for row in report.rows]
    for number, (row, of) in enumerate(zip(rows, report.rows, strict=True), 1):
        assert row["number"] == str(number)
        assert not row["quote"].startswith("=")
        assert restore_formula(row["quote"]) == of.quote == DRAFT[int(row["draft_start"]) : int(row["draft_end"])]
        assert restore_formula(row["true_text"]) == (of.citation.text if of.citation else "")
        assert row["explanation"] == of.explanation
    altered = rows[2]
    assert altered["verdict"] == "altered"
    assert altered["differences"] == "“Twelve” instead of “Twenty” (number)"
    assert altered["claimed_date"] == "June 1, 2023"
    assert "date: June 1, 2023: does not hold" in altered["claims_hold"]
    assert rows[3]["quote"] == f"'{FORMULA}"
    assert rows[4]["bulletin"] == rows[4]["start"] == ""


def test_the_json_holds_the_draft_and_its_verdicts(report: CheckReport) -> None:
    """In the names of the command line's contract."""
    saved = json.loads(to_json(report))
    assert saved["draft"] == DRAFT
    assert (saved["name"], saved["checked_on"], saved["bulletins"]) == ("draft & co.txt", "2026-11-27", 1)
    assert saved["messages"] == list(report.messages)
    for verdict, row in zip(saved["verdicts"], report.rows, strict=True):
        start, end = verdict["at"]
        assert DRAFT[start:end] == verdict["quote"] == row.quote
        assert verdict["true_quote"] == (row.citation.text if row.citation else None)


def test_the_page_to_print_needs_nothing_but_itself(report: CheckReport) -> None:
    """The draft as it is with each quotation marked in colour and word, then the rows; markup in it stays text."""
    page = to_html(report).decode()
    tree = LexborHTMLParser(page)
    assert [tag for tag in ("script", "img", "link", "iframe", "a") if tree.css(tag)] == []
    assert "url(" not in page
    marks = tree.css(".draft mark")
    assert [mark.attributes["class"] for mark in marks] == [row.verdict for row in report.rows]
    assert len(tree.css(".draft mark mark")) == 1
    assert [label.text() for label in tree.css(".draft .word")] == [
        f" {number} {report.rows[number - 1].verdict}" for number in (2, 1, 3, 4, 5)
    ]
    for label in tree.css(".draft .word"):
        label.decompose()
    assert tree.css_first(".draft").text() == DRAFT
    rows = tree.css("tbody tr")
    assert [row.css_first(".stored").text() for row in rows] == [row.quote for row in report.rows]
    assert "Line 1: a <b>message</b>." in [item.text() for item in tree.css(".messages li")]
    assert summary(report) in page
    assert "draft &amp; co.txt" in page


def test_the_draft_in_pieces_is_the_draft(report: CheckReport) -> None:
    """Every quotation opens and closes where its row says; its label stands behind the mark that closes it."""
    pieces = list(annotate(report))
    assert "".join(words for _, words, _ in pieces) == DRAFT
    at, seen = 0, {}
    for kind, words, number in pieces:
        at += len(words)
        if kind in ("open", "close"):
            seen[kind, number] = at
    assert seen == {("open", n): row.span.start for n, row in enumerate(report.rows)} | {
        ("close", n): row.span.end for n, row in enumerate(report.rows)
    }

    labels = [pieces[n - 1][1] for n, (kind, _, _) in enumerate(pieces) if kind == "label"]
    assert labels == ["’", "”", "”", "”", "”"]


def test_what_is_not_a_slice_is_not_shown(report: CheckReport, checker: Checker) -> None:
    """Each true passage is compared with the stored text before a page or a file is made of it."""
    verify_report(report, checker.library)
    row = report.rows[0]
    assert row.citation
    for changed in ({"text": "Twenty robots"}, {"end": 10**6}, {"start": row.citation.start + 1}):
        citation = dataclasses.replace(row.citation, **changed)
        forged = dataclasses.replace(report, rows=(dataclasses.replace(row, citation=citation),))
        with pytest.raises(QuoteMismatch):
            verify_report(forged, checker.library)


def test_a_report_is_written_in_the_form_that_its_name_says(report: CheckReport, tmp_path: Path) -> None:
    """Another ending, or a place that can't be written, is one line."""
    for kind, written in {"csv": to_csv, "json": to_json, "html": to_html}.items():
        write_report(report, tmp_path / f"report.{kind.upper()}")
        assert (tmp_path / f"report.{kind.upper()}").read_bytes() == written(report)
    for path in (tmp_path / "report.pdf", tmp_path / "none" / "report.csv"):
        with pytest.raises(SettingInvalid, match=path.name):
            write_report(report, path)
    assert file_name("csv", DAY) == "bulletin-desk-check-2026-11-27.csv"


def test_the_summary_counts_verdicts_from_the_best_to_the_worst(report: CheckReport, checker: Checker) -> None:
    """Those never given are left out."""
    assert summary(report).startswith("5 quotations: 1 exact")
    assert summary(report).endswith("1 not-found")
    assert summary(checker.audit(f"“{FORMULA}”")) == "1 quotation: 1 exact"
    assert summary(checker.audit("None here.")) == "No quotations"
