"""Long rows of signs that readers once took for ever over: the time that each takes grows as the row does."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable

import pytest

from rag import limits
from rag.answer.citation.text_fragment import text_fragment_url
from rag.checking import claimed_dates, copied_text
from rag.errors import RagError
from rag.ingest import boilerplate, header
from rag.ingest.boilerplate import MAX_LINE_CHARS
from rag.ingest.readers.html import read_html
from rag.ingest.readers.html_layout import check_nesting
from rag.ingest.readers.pdf_words import is_parted
from rag.query.parse import parse_bilingual
from rag.query.superlative import states_the_most
from rag.text.dates import stated_periods
from rag.text.district_headings import prefix_names
from rag.text.offices import offices
from rag.text.sentences import split_sentences
from tests.attacks.growth import MAX_EXPONENT, exponent
from tests.attacks.pumps import Pump

LINE, QUESTION, QUOTATION = MAX_LINE_CHARS, limits.MAX_QUESTION_CHARS, limits.MAX_QUOTATION_CHARS
DRAFT, FILE, SENTENCE = limits.MAX_DRAFT_CHARS, limits.MAX_TEXT_FILE_BYTES, limits.MAX_SENTENCE_CHARS


def _opened(text: str) -> object:
    """The link to the middle of a page."""
    middle = len(text) // 12 * 6  # where one of the repeated words begins
    return text_fragment_url("http://a.example/b", text, middle, middle + 20)


def _beside(text: str) -> object:
    return parse_bilingual(text, None, ["What lectures?"])


# What reads, the row, and how long the reader's text can be.
ROWS: dict[str, tuple[Callable[[str], object], Pump, int]] = {
    "names of a byline": (header.header_fields, Pump("By ", "A, B, C, D, E, F, G, H|", " 1"), LINE),
    "steps of breadcrumbs": (boilerplate.is_crumbs, Pump("Home page x ", "a\u2192 ", "."), LINE),
    "times beside a date": (header.header_fields, Pump("2024-01-01 ", "am.", "x"), LINE),
    "a selector's spaces": (read_html, Pump("<style>a", " ", "b{display:none}</style><p>Guests came."), FILE),
    "hidden classes": (read_html, Pump("<p>Guests came.</p>", "<i class=hide>x</i>", ""), FILE),
    "comments without an end": (check_nesting, Pump("", "<!--", ""), FILE),
    "styles without an end": (check_nesting, Pump("", "<style>a", ""), FILE),
    "letters at a line's end": (lambda text: is_parted(text, "b"), Pump("", "a", "."), FILE),
    "spaces behind a district": (prefix_names, Pump("Haidian District", " ", "x"), FILE),
    "page breaks behind a hyphen": (copied_text.fold, Pump("makers-", "\f", "9"), QUOTATION),
    "page numbers behind a hyphen": (copied_text.fold, Pump("ab- ", "- 1 - ", ""), QUOTATION),
    "dates in a row": (claimed_dates.claimed_dates, Pump("on ", "March 2024 ", ""), QUOTATION),
    "last years in a row": (lambda text: stated_periods(text, dt.date(2024, 1, 1)), Pump("", "last year ", ""), FILE),
    "comparisons in a row": (states_the_most, Pump("", "more than ", ""), SENTENCE),
    "courtesies": (parse_bilingual, Pump("", "\u55ef", "\u6d77\u6dc0"), QUESTION),
    "commas of a follow-up": (_beside, Pump("", ",", "Kites"), QUESTION),
    "letters of a duration": (parse_bilingual, Pump("How long were the ", "a", "!"), QUESTION),
    "opening brackets in a line": (split_sentences, Pump("", "(a) ", ""), FILE),
    "a page that repeats its words": (_opened, Pump("", "a ", ""), FILE),
    "offices in a row": (lambda text: list(offices(text)), Pump("", "mayor ", ""), DRAFT),
}


@pytest.mark.timeout(100)
@pytest.mark.parametrize("row", ROWS)
def test_no_row_of_signs_takes_longer_than_in_proportion(row: str) -> None:
    """Each took minutes to centuries at its door's own limit; what is too deep or too much may be refused."""
    read, pump, most = ROWS[row]

    def tried(text: str) -> None:
        with contextlib.suppress(RagError):
            read(text)

    grows, length, took = exponent(tried, pump.text, most, start=min(most, 512), enough=0.15)
    assert grows <= MAX_EXPONENT, f"{took:.2f} s for {length:,} characters"
