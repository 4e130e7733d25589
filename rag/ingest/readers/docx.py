"""A Word document -> its bulletin: its text is the paragraphs with a blank line between, a line for each line break."""

from __future__ import annotations

from dataclasses import replace

from rag.ingest.readers.text import WORDS, read_lines
from rag.ingest.sandbox import runner
from rag.ingest.sandbox.confine import Refused
from rag.ingest.sandbox.docx import DAMAGED, refuse_older
from rag.models import Document, Line, LineKind


def read_docx(data: bytes) -> Document:
    """The bulletin in a Word document's bytes.

    Raises:
        Refused: see ``rag.ingest.sandbox.docx``.
    """
    if not data.startswith(b"PK"):
        refuse_older(data)
        raise Refused(*DAMAGED)
    read = runner.read("docx", data)
    text: str = read["text"]
    paragraphs: list[tuple[int, int, LineKind, bool]] = [tuple(one) for one in read["paragraphs"]]
    lines: list[Line] = []
    top: list[int] = []
    for start, end, mark, is_top in paragraphs:
        found = [Line(match.start(), match.end(), mark) for match in WORDS.finditer(text, start, end)]
        if is_top and len(found) == 1:
            top.append(len(lines))
        lines += found
    lines = _without_lone_items(lines)
    return read_lines(text, lines, [line.of(text) for line in lines], top=top)


def _without_lone_items(lines: list[Line]) -> list[Line]:
    """One numbered paragraph between others is a heading that has a number, and no list."""
    listed = [False, *(line.mark == "item" for line in lines), False]
    return [
        replace(line, mark="") if line.mark == "item" and not (listed[number - 1] or listed[number + 1]) else line
        for number, line in enumerate(lines, 1)
    ]
