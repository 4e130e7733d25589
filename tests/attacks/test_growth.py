"""Long rows of signs that patterns once took for ever over: each is read at the length of its door's limit."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable

import pytest

from rag.checking import claimed_dates, copied_text
from rag.errors import RagError
from rag.ingest import boilerplate, header
from rag.ingest.readers.html import read_html
from rag.ingest.readers.html_layout import check_nesting
from rag.ingest.readers.pdf_words import is_parted
from rag.query.parse import parse_bilingual
from rag.query.superlative import states_the_most
from rag.text.dates import stated_periods
from rag.text.district_headings import prefix_names

ROWS: dict[str, Callable[[], object]] = {
    "names of a byline": lambda: header.header_fields("By " + "|".join(["A, B, C, D, E, F, G, H"] * 16) + " 1"),
    "steps of breadcrumbs": lambda: boilerplate.is_crumbs("Home page x " + "a→ " * 100 + "."),
    "times beside a date": lambda: header.header_fields("2024-01-01 " + "am." * 23 + "x"),
    "a selector's spaces": lambda: read_html(f"<style>a{' ' * 200_000}b{{display:none}}</style><p>Guests came."),
    "hidden classes": lambda: read_html("<p>Guests came.</p>" + "<i class=hide>x</i>" * 10_000),
    "comments without an end": lambda: check_nesting("<!--" * 100_000),
    "styles without an end": lambda: check_nesting("<style>a" * 100_000),
    "letters at a line's end": lambda: is_parted("a" * 1_000_000 + ".", "b"),
    "spaces behind a district": lambda: prefix_names("Haidian District" + " " * 100_000 + "x"),
    "page breaks behind a hyphen": lambda: copied_text.fold("makers-" + "\f" * 50_000 + "9"),
    "page numbers behind a hyphen": lambda: copied_text.fold("ab- " + "- 1 - " * 10_000),
    "dates in a row": lambda: claimed_dates.claimed_dates("on " + "March 2024 " * 2_000),
    "last years in a row": lambda: stated_periods("last year " * 10_000, dt.date(2024, 1, 1)),
    "comparisons in a row": lambda: states_the_most("more than " * 10_000),
    "courtesies": lambda: parse_bilingual("嗯" * 400 + "海淀"),
    "commas of a follow-up": lambda: parse_bilingual("," * 400 + "Kites", None, ["What lectures?"]),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("row", ROWS)
def test_no_row_of_signs_takes_for_ever(row: str) -> None:
    """Each took minutes to centuries; what is too deep or too much may be refused."""
    with contextlib.suppress(RagError):
        ROWS[row]()
