"""Word: the styles of paragraphs say what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.support.formats import (
    marked,
    word,
    written,
)


@pytest.mark.process
def test_what_word_says_of_its_paragraphs_is_kept(tmp_path: Path) -> None:
    """Headings, lists, tables, captions, bold lines and line breaks; a table that arranges the page is none."""
    document = Document()
    document.add_heading("Peaches for Lisbon", 1)
    head = document.add_paragraph("Date: 2024-05-10").add_run()
    head.add_break()
    head.add_text("Source: The Office")
    document.add_paragraph("A train left on May 4.")
    document.add_heading("Pinggu District", 2)
    document.add_paragraph().add_run("The farmers").bold = True
    document.add_paragraph("They came by train.")
    document.add_paragraph("a passport", style="List Bullet")
    document.add_paragraph("a photo", style="List Bullet")
    numbered = f'<w:pPr {nsdecls("w")}><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    document.add_paragraph("a letter")._p.insert(0, parse_xml(numbered))
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Norway", "12"
    document.add_paragraph("The train leaves", style="Caption")
    frame = document.add_table(1, 2)
    frame.cell(0, 0).text, frame.cell(0, 1).text = "Miyun District", "Guests bowed. " * 30
    bulletin = written(tmp_path, word(document), "a.docx")
    assert (bulletin.title, str(bulletin.date), bulletin.source) == ("Peaches for Lisbon", "2024-05-10", "The Office")
    assert marked(bulletin) == [
        ("", "A train left on May 4."),
        ("heading", "Pinggu District"),
        ("strong", "The farmers"),
        ("", "They came by train."),
        ("item", "a passport"),
        ("item", "a photo"),
        ("item", "a letter"),
        ("row", "Norway"),
        ("row", "12"),
        ("caption", "The train leaves"),
        ("", "Miyun District"),
        ("", ("Guests bowed. " * 30).strip()),
    ]
    assert bulletin.text.startswith("Peaches for Lisbon\n\nDate: 2024-05-10\nSource: The Office\n\nA train left")
