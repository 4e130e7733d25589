"""A file -> a Bulletin: its text as it stands, what its head states, and the lines of its body."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.decode import decode, is_text, read_bytes
from rag.ingest.readers.docx import read_docx
from rag.ingest.readers.html import read_html
from rag.ingest.readers.html_layout import TooDeep
from rag.ingest.readers.markdown import read_markdown
from rag.ingest.readers.pdf import read_pdf
from rag.ingest.readers.text import read_text
from rag.ingest.sandbox.confine import Refused
from rag.models import Bulletin, Document

OF_TEXT: dict[str, Callable[[str], Document]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
}
APART: dict[str, Callable[[bytes], Document]] = {".pdf": read_pdf, ".docx": read_docx}
READERS = (*OF_TEXT, *APART)
"""The suffixes of the files that can be read."""


def parse(path: Path, *, name: str | None = None) -> Bulletin:
    """Reads one file; ``name`` is what the bulletin goes by (default: the file's base name).

    ``encoding`` is the text's, or "pdf" or "docx".

    Raises:
        BulletinUnreadable: the file can't be read or changes meanwhile, isn't what its suffix says, holds no paragraph,
            or far too much.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        kinds = ", ".join(READERS)
        raise BulletinUnreadable(f"is not one of {kinds}", where=path, remedy="Save it as one, or move it away")
    data = read_bytes(path, limits.MAX_BINARY_FILE_BYTES if suffix in APART else limits.MAX_TEXT_FILE_BYTES)
    page, encoding = _read(data, suffix, path)
    if not page.body:
        raise BulletinUnreadable("holds no paragraph", where=path, remedy="Check that it is a whole bulletin")
    if len(page.body) > limits.MAX_BODY_LINES:
        raise BulletinUnreadable(
            f"holds over {limits.MAX_BODY_LINES:,} lines", where=path, remedy="Check that it is one bulletin"
        )
    return Bulletin(
        name=name or path.name,
        text=page.text,
        title=page.title,
        date=page.date,
        source=page.source,
        url=page.url,
        column=page.column,
        encoding=encoding,
        sha256=hashlib.sha256(page.text.encode("utf-8")).hexdigest(),
        file_sha256=hashlib.sha256(data).hexdigest(),
        body=page.body,
    )


def _read(data: bytes, suffix: str, path: Path) -> tuple[Document, str]:
    if suffix in APART:
        try:
            page = APART[suffix](data)
        except Refused as refused:
            remedy = refused.remedy or "Save its text as .txt"
            raise BulletinUnreadable(refused.what, where=path, remedy=remedy, passing=refused.passing) from None
        if not is_text(page.text):
            what = "holds letters that its fonts don't tell the meaning of"
            raise BulletinUnreadable(what, where=path, remedy="Save its text as .txt")
        if len(page.text) > limits.MAX_TEXT_FILE_BYTES:
            what = f"holds over {limits.MAX_TEXT_FILE_BYTES:,} characters"
            raise BulletinUnreadable(what, where=path, remedy="Check that it is one bulletin")
        return page, suffix[1:]
    text, encoding = decode(data, path)
    try:
        return OF_TEXT[suffix](text), encoding
    except TooDeep as error:
        raise BulletinUnreadable(str(error), where=path, remedy="Save the bulletin again") from error
