"""Annotations and citation lines: a quote is found again by them alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from rag.answer.citation.annotation import annotation
from rag.answer.citation.bibliography import citation_line
from rag.answer.citation.source import cite
from rag.errors import QuoteMismatch, SettingInvalid
from rag.models import Citation, StoredText
from tests.support.citations import DAY, cited_slice
from tests.support.sample_answers import quote_of
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

HEADS = ("Haidian District", "Robots greet")
TEXT = StoredText("😀 Sixty guests came. The hotline is 12308. A 𠀀 sign.\nThe hotline is 12308. Call it. 🎉".encode())


def found_again(selector: dict[str, Any], text: str) -> list[int]:
    """Where a program that knows nothing but a TextQuoteSelector finds the words (Annotation Model, 4.2.4)."""
    whole = selector["prefix"] + selector["exact"] + selector["suffix"]
    return [
        at + len(selector["prefix"]) for at in range(len(text) - len(whole) + 1) if text[at : at + len(whole)] == whole
    ]


@pytest.mark.parametrize(
    ("words", "nth"),
    [
        ("The hotline is 12308.", 0),
        ("The hotline is 12308.", 1),
        ("😀 Sixty guests came.", 0),
        ("Call it. 🎉", 0),
        ("A 𠀀 sign.\nThe hotline is 12308.", 0),
        (TEXT, 0),
    ],
)
def test_a_quote_is_found_again_by_either_selector(words: str, nth: int) -> None:
    """Twice in the text, at its start and end, beside characters of two UTF-16 units: one place, the right one."""
    one = cited_slice(TEXT, words, nth=nth)
    target = annotation(one, TEXT)["target"]
    quote, position = target["selector"]
    assert found_again(quote, TEXT) == [one.start]
    assert TEXT[position["start"] : position["end"]] == quote["exact"] == words
    assert len(quote["prefix"]) == min(32, one.start)
    assert len(quote["suffix"]) == min(32, len(TEXT) - one.end)
    assert target["state"]["cached"] == f"urn:sha256:{one.sha256}"


def test_the_source_is_the_address_or_the_texts_digest() -> None:
    """Every annotation has an identity, the same for the same slice."""
    one = cited_slice(TEXT, "Call it.")
    there = replace(one, url="https://a.b/c")
    assert annotation(one, TEXT)["target"]["source"] == f"urn:sha256:{one.sha256}"
    assert annotation(there, TEXT)["target"]["source"] == "https://a.b/c"
    assert annotation(one, TEXT) == annotation(one, TEXT)
    assert annotation(one, TEXT)["id"] != annotation(there, TEXT)["id"]
    assert list(annotation(one, TEXT))[:3] == ["@context", "id", "type"]


def test_what_is_no_slice_is_not_annotated() -> None:
    """A changed word, a shifted place or another text is refused."""
    one = cited_slice(TEXT, "Call it.")
    for wrong, text in [
        (replace(one, text="Call me."), TEXT),
        (replace(one, start=one.start + 1, end=one.end + 1), TEXT),
        (one, StoredText(f"{TEXT} ".encode())),
    ]:
        with pytest.raises(QuoteMismatch):
            annotation(wrong, text)


def test_a_line_says_where_the_words_stand(tmp_path: Path) -> None:
    """A chat's quote and a slice chosen by hand give the same line."""
    library = build_library(tmp_path, talk=bulletin_text("2024-03-11", *HEADS, "Robots bowed twice."))
    [stored] = library.bulletins
    quote = quote_of(library, stored, "Robots bowed twice.", districts=("Haidian District",), heading="Robots greet")
    text = library.text(quote.sha256)
    line = citation_line(quote, accessed=DAY)
    assert line == (
        "Office, “Notes”, 2024-03-11, section “Robots greet” (Haidian District),"
        f" file talk.txt [{quote.start}:{quote.end}] (SHA-256 {quote.sha256[:12]}), accessed 2026-11-27."
    )
    one = cite(text, stored, quote.start, quote.end)
    assert citation_line(one, accessed=DAY) == line
    assert all(getattr(one, field.name) == getattr(quote, field.name) for field in fields(Citation))
    for start, end in [(-1, 3), (3, 3), (5, 4), (0, len(text) + 1)]:
        with pytest.raises(SettingInvalid, match="no slice"):
            cite(text, stored, start, end)


def test_a_line_invents_nothing() -> None:
    """What a bulletin doesn't state is said to be unstated, and a line stays one line."""
    line = citation_line(cited_slice("One.\nTwo.", "Two."), accessed=dt.date(2026, 1, 2))
    assert line.startswith("Source not stated, untitled, undated, file 2024/talk.txt [5:9] (SHA-256 ")
    odd = citation_line(
        cited_slice("One.", "One.", title="A\nB", url="https://a.b/", districts=("Miyun District",)), accessed=DAY
    )
    assert "“A B”, undated, section Miyun District, https://a.b/, file" in odd
