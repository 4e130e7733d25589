"""Answers at a terminal: the notice first, a bulletin's head once, near misses called what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.cli.ask import as_text
from rag.library.reader import Library
from rag.query.models import Comparand, Condition
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_library import build_library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    head = "Source: The Office\n\nHaidian District\n\nGuests sing\n\n"
    return build_library(
        tmp_path,
        a=f"News of May\nDate: 2024-05-10\n{head}Many guests sang.\nOthers listened to them.",
        c=f"News of May\nDate: 2024-05-12\n{head}Many guests sang.\nOthers listened to them.",
        b=f"News of June\nDate: 2024-06-10\n{head}More guests sang. They sang well.",
    )


def test_a_list_reads_from_the_notice_down(library: Library) -> None:
    """Notice, message, conditions, then each bulletin's head with its entries and notes."""
    a, b = library.by_name["a.txt"], library.by_name["b.txt"]
    about = {"districts": ("Haidian District",), "heading": "Guests sing"}
    quotes = [
        quote_of(library, b, "More guests sang.", **about, note="An earlier text differs."),
        quote_of(library, a, "sang.\nOthers", **about, also_in=("c.txt",)),
        quote_of(library, b, "They sang well."),
    ]
    chips = (Condition("period:2024", "2024"), Condition("topic:earlier", "singing", inherited=True))
    answer = answer_of(
        *quotes,
        message="3 passages.",
        notice="Call 12308.",
        exhaustive=True,
        sort="date-desc",
        kind="list",
        conditions=chips,
    )
    assert as_text(answer, library).split("\n") == [
        "! Call 12308.",
        "",
        "3 passages.",
        "",
        "Conditions: 2024, carried over: singing",
        "",
        "10 June 2024 · News of June · The Office",
        "  Haidian District · Guests sing",
        "  | More guests sang.",
        "  An earlier text differs.",
        "",
        "  | They sang well.",
        "",
        "10 May 2024 · News of May · The Office",
        "The same text also stands in the bulletin dated 12 May 2024.",
        "  Haidian District · Guests sing",
        "  | sang.",
        "  | Others",
    ]


def test_things_compared_have_a_heading_each(library: Library) -> None:
    """One for which nothing was found says so."""
    quote = quote_of(library, library.by_name["a.txt"], "Many guests", side="May")
    sides = (Comparand("June", "June"), Comparand("May", "May"))
    lines = as_text(answer_of(quote, kind="compare", exhaustive=True, comparands=sides), library).split("\n")
    assert lines[2:7] == ["June", "====", "", "Nothing was found for this.", ""]
    assert lines[7:9] == ["May", "==="]


def test_near_misses_are_labelled(library: Library) -> None:
    """Under "no match" alone."""
    quote = quote_of(library, library.by_name["a.txt"], "Many guests")
    assert "Nearest passages, not an answer:\n" in as_text(answer_of(quote, status="no_match"), library)
    assert "Nearest" not in as_text(answer_of(quote), library)
