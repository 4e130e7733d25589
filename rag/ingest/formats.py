"""The formats that a bulletin's file can have, by suffix: adding one takes a line here and one in
``rag.ingest.readers.registry``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag import limits

Worker = Literal["text", "pdf", "docx"]
"""Which process of the sandbox a format is read in: each loads the readers of its own formats alone."""


@dataclass(frozen=True, slots=True)
class Format:
    """``worker`` reads it; ``media_types`` are its HTTP content types."""

    worker: Worker = "text"
    media_types: tuple[str, ...] = ()

    @property
    def max_bytes(self) -> int:
        """The largest file that is read."""
        return limits.MAX_TEXT_FILE_BYTES if self.worker == "text" else limits.MAX_BINARY_FILE_BYTES


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, Format] = {
    ".txt": Format(media_types=("text/plain",)),
    ".md": Format(media_types=("text/markdown", "text/x-markdown")),
    ".html": Format(media_types=("text/html", "application/xhtml+xml")),
    ".htm": Format(),
    ".pdf": Format("pdf", ("application/pdf",)),
    ".docx": Format("docx", (_WORD,)),
}
