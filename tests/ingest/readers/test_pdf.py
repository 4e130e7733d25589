"""PDF: paragraphs go on over lines and pages, and running heads are left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.formats import (
    CHINESE,
    lines,
    marked,
    paragraphs_of,
    written,
)
from tests.support.pdf_files import text_pdf

PROSE = "The guests of the city bowed twice when they came to the old town and left a letter behind"


@pytest.mark.process
def test_paragraphs_go_on_over_pages_and_what_stands_around_them_is_left_out(tmp_path: Path) -> None:
    """Page numbers and running heads are no words of the bulletin, and cut no sentence."""
    pages = []
    for number in (1, 2, 3):
        body = [(60.0, 740.0 - 14 * row, 11.0, f"{PROSE} {number}{row}") for row in range(40)]
        body[-1] = (60.0, body[-1][1], 11.0, "and nobody knew why they went." if number == 3 else body[-1][3])
        head, foot = (200.0, 800.0, 9.0, "Bulletin of May 2024"), (290.0, 40.0, 9.0, f"- {number} -")
        pages.append([head, *body, foot])
    bulletin = written(tmp_path, text_pdf(*pages), "a.pdf")
    assert len(bulletin.body) == 1
    assert bulletin.text.count("\n") == 119
    assert "Bulletin of May" not in bulletin.text
    assert not re.search(r"- \d -", bulletin.text)


@pytest.mark.process
def test_where_a_paragraph_ends_in_a_pdf(tmp_path: Path) -> None:
    """At a gap, an indent, a short line, another size or a bullet; a heading over two lines is one."""
    size = 11.0
    rows = [
        (60.0, 780.0, 18.0, "A Long Title That Goes Over More Than One Line"),
        (60.0, 760.0, 18.0, "of a Bulletin"),
        (60.0, 735.0, size, "Date: 2024-05-10"),
        (60.0, 721.0, size, "Source: The Office"),
        (60.0, 700.0, size, f"{PROSE} ago"),
        (60.0, 686.0, size, "on May 4."),
        (60.0, 665.0, size, f"{PROSE}."),
        (60.0, 651.0, size, f"They said that {PROSE.lower()[:69]}"),
        (82.0, 637.0, size, f"{PROSE[:86]} for"),
        (60.0, 623.0, size, f"{PROSE} it"),
        (60.0, 609.0, size, "was."),
        (60.0, 595.0, size, f"• {PROSE} a"),
        (70.0, 581.0, size, "letter."),
        (60.0, 567.0, size, f"• {PROSE}."),
        (60.0, 540.0, 14.0, "Haidian District"),
        (60.0, 520.0, size, f"{PROSE} by"),
        (60.0, 506.0, size, "train."),
    ]
    bulletin = written(tmp_path, text_pdf(rows), "a.pdf")
    assert bulletin.title == "A Long Title That Goes Over More Than One Line of a Bulletin"
    assert (str(bulletin.date), bulletin.source) == ("2024-05-10", "The Office")
    assert marked(bulletin) == [
        ("", f"{PROSE} ago\non May 4."),
        ("", f"{PROSE}.\nThey said that {PROSE.lower()[:69]}"),
        ("", f"{PROSE[:86]} for\n{PROSE} it\nwas."),
        ("item", f"• {PROSE} a\nletter."),
        ("item", f"• {PROSE}."),
        ("heading", "Haidian District"),
        ("", f"{PROSE} by\ntrain."),
    ]


@pytest.mark.process
def test_a_chinese_pdf_is_read_like_an_english_one(tmp_path: Path) -> None:
    """Its lines are full without spaces."""
    title, date, source, *body = paragraphs_of(CHINESE)
    rows = [(60.0, 780.0, 16.0, title), (60.0, 750.0, 11.0, date), (60.0, 735.0, 11.0, source)]
    rows += [(60.0, 710.0, 11.0, body[0][:40]), (60.0, 696.0, 11.0, body[0][40:]), (60.0, 670.0, 11.0, body[1])]
    bulletin = written(tmp_path, text_pdf(rows), "a.pdf")
    assert (bulletin.title, str(bulletin.date), bulletin.source) == (title, "2024-08-21", "房山区外事办公室")
    assert lines(bulletin) == [f"{body[0][:40]}\n{body[0][40:]}", body[1]]
