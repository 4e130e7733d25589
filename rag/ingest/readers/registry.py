"""Each format's reader, and the file's bytes -> its document.  Called in the sandbox alone."""

from __future__ import annotations

from collections.abc import Callable

from rag import limits
from rag.ingest.decode import decode, is_text
from rag.ingest.readers.docx import read_docx
from rag.ingest.readers.html import read_html
from rag.ingest.readers.markdown import read_markdown
from rag.ingest.readers.pdf import read_pdf
from rag.ingest.readers.text import read_text
from rag.ingest.refused import Refused
from rag.models import Document

TEXT_READERS: dict[str, Callable[[str], Document]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
}
"""Of plain characters: each is given the decoded text."""
BINARY_READERS: dict[str, Callable[[bytes], Document]] = {".pdf": read_pdf, ".docx": read_docx}


def read_document(suffix: str, data: bytes) -> tuple[Document, str]:
    """Returns a file's document and its encoding, which is that of its text, or "pdf" or "docx".

    Raises:
        Refused: its text can't be decoded, or it doesn't have the format of its suffix, holds no paragraph, or far too
            much.
    """
    if suffix in TEXT_READERS:
        text, encoding = decode(data)
        document = TEXT_READERS[suffix](text)
    else:
        document, encoding = BINARY_READERS[suffix](data), suffix[1:]
        if not is_text(document.text):
            raise Refused("holds letters that its fonts don't tell the meaning of")
        if len(document.text) > limits.MAX_TEXT_FILE_BYTES:
            raise Refused(f"holds over {limits.MAX_TEXT_FILE_BYTES:,} characters", "Check that it is one bulletin")
    if not document.body:
        raise Refused("holds no paragraph", "Check that it is a whole bulletin")
    if len(document.body) > limits.MAX_BODY_LINES:
        raise Refused(f"holds over {limits.MAX_BODY_LINES:,} lines", "Check that it is one bulletin")
    return document, encoding
