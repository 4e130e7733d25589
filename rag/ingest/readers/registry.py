"""The formats that a bulletin's file can have: adding one takes a reader and a line in ``READERS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rag import limits
from rag.ingest.readers.docx import read_docx
from rag.ingest.readers.html import read_html
from rag.ingest.readers.markdown import read_markdown
from rag.ingest.readers.pdf import read_pdf
from rag.ingest.readers.text import read_text
from rag.models import Document


@dataclass(frozen=True, slots=True)
class TextReader:
    """A format of plain characters: ``read`` is given the decoded text; ``media_types`` are its HTTP content types."""

    read: Callable[[str], Document]
    media_types: tuple[str, ...] = ()
    max_bytes: ClassVar[int] = limits.MAX_TEXT_FILE_BYTES


@dataclass(frozen=True, slots=True)
class SandboxedReader:
    """A format that can unpack to far more than its size: ``read`` leaves the bytes to a module of ``sandbox``."""

    read: Callable[[bytes], Document]
    media_types: tuple[str, ...] = ()
    max_bytes: ClassVar[int] = limits.MAX_BINARY_FILE_BYTES


READERS: dict[str, TextReader | SandboxedReader] = {
    ".txt": TextReader(read_text, ("text/plain",)),
    ".md": TextReader(read_markdown, ("text/markdown", "text/x-markdown")),
    ".html": TextReader(read_html, ("text/html", "application/xhtml+xml")),
    ".htm": TextReader(read_html),
    ".pdf": SandboxedReader(read_pdf, ("application/pdf",)),
    ".docx": SandboxedReader(read_docx, ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)),
}
"""Each format's reader, by its suffix."""
