"""A Word document -> its bulletin.

The text is the paragraphs with a blank line between, and a line for each line break in one.
"""

from __future__ import annotations

from dataclasses import replace

from rag.ingest.readers.docx_paragraphs import DAMAGED, extract, refuse_older
from rag.ingest.readers.left_out import LeftOut, left_out_notes
from rag.ingest.readers.text import WORDS, read_lines
from rag.ingest.refused import Refused
from rag.models import Document, Line, LineKind


def read_docx(data: bytes) -> Document:
    """Returns the bulletin in a Word document's bytes; raises ``Refused`` as ``docx_paragraphs.extract`` does."""
    if not data.startswith(b"PK"):
        refuse_older(data)
        raise Refused(*DAMAGED)
    extracted = extract(data)
    text: str = extracted["text"]
    paragraphs: list[tuple[int, int, LineKind, bool]] = [tuple(paragraph) for paragraph in extracted["paragraphs"]]
    lines: list[Line] = []
    top_headings: list[int] = []
    for start, end, kind, is_top in paragraphs:
        new_lines = [Line(match.start(), match.end(), kind) for match in WORDS.finditer(text, start, end)]
        if is_top and len(new_lines) == 1:
            top_headings.append(len(lines))
        lines += new_lines
    lines = _without_lone_items(lines)
    document = read_lines(text, lines, [line.of(text) for line in lines], top_headings=top_headings)
    return replace(document, notes=left_out_notes([LeftOut(*piece) for piece in extracted["left_out"]]))


def _without_lone_items(lines: list[Line]) -> list[Line]:
    """Returns the lines where a single numbered paragraph between others is a numbered heading, not a list."""
    is_listed = [False, *(line.kind == "item" for line in lines), False]
    return [
        replace(line, kind="") if line.kind == "item" and not (is_listed[number - 1] or is_listed[number + 1]) else line
        for number, line in enumerate(lines, 1)
    ]
