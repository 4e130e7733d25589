"""A Word document -> its bulletin.

The text is the paragraphs with a blank line between, and a line for each line break in one.
"""

from __future__ import annotations

from dataclasses import replace

from rag.ingest.readers.docx_paragraphs import DAMAGED, extract, refuse_older
from rag.ingest.readers.left_out import left_out_notes
from rag.ingest.readers.text import WORDS, read_lines
from rag.ingest.refused import Refused
from rag.models import Document, Line


def read_docx(data: bytes) -> Document:
    """Returns the bulletin in a Word document's bytes; raises ``Refused`` as ``docx_paragraphs.extract`` does."""
    if not data.startswith(b"PK"):
        refuse_older(data)
        raise Refused(*DAMAGED)
    read = extract(data)
    lines: list[Line] = []
    top_headings: list[int] = []
    for paragraph in read.paragraphs:
        found = WORDS.finditer(read.text, paragraph.start, paragraph.end)
        new_lines = [Line(match.start(), match.end(), paragraph.kind) for match in found]
        if paragraph.start in read.tops and len(new_lines) == 1:
            top_headings.append(len(lines))
        lines += new_lines
    lines = _without_lone_items(lines)
    document = read_lines(read.text, lines, [line.of(read.text) for line in lines], top_headings=top_headings)
    return replace(document, notes=left_out_notes(read.left_out))


def _without_lone_items(lines: list[Line]) -> list[Line]:
    """Returns the lines where a single numbered paragraph between others is a numbered heading, not a list."""
    is_listed = [False, *(line.kind == "item" for line in lines), False]
    return [
        replace(line, kind="") if line.kind == "item" and not (is_listed[number - 1] or is_listed[number + 1]) else line
        for number, line in enumerate(lines, 1)
    ]
