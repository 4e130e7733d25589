"""Files for the sandbox, and what becomes of them."""

from __future__ import annotations

import io
from pathlib import Path

from docx import Document

from rag.errors import BulletinUnreadable
from rag.ingest.parse import parse
from rag.models import Bulletin
from tests.support.pdf_files import show_text

HELLO = show_text(b"The guests bowed twice on May 3.")
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources "
FORMS = b"/Font << /F1 5 0 R >> /XObject << /X1 8 0 R >>"


def word(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def outcome(folder: Path, data: bytes, suffix: str) -> Bulletin | str:
    """The bulletin, or the line of its refusal."""
    path = folder / f"bulletin{suffix}"
    path.write_bytes(data)
    try:
        return parse(path)
    except BulletinUnreadable as refused:
        line = str(refused)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert "Traceback" not in line
    return line.removeprefix(f"{path}: ")
