"""A file -> a Bulletin: its text as it stands, the facts in its head, and the lines of its body."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.decode import decode, is_text, read_bytes
from rag.ingest.readers.html_layout import TooDeep
from rag.ingest.readers.registry import READERS, SandboxedReader, TextReader
from rag.ingest.sandbox.confine import Refused
from rag.models import Bulletin, Document


def parse(path: Path, *, name: str | None = None) -> Bulletin:
    """Reads one file; ``name`` is the bulletin's name (default: the file's base name).

    ``encoding`` of the result is the text's, or "pdf" or "docx".

    Raises:
        BulletinUnreadable: the file can't be read or changes meanwhile, doesn't have the format of its suffix, holds no
            paragraph, or far too much.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(READERS)
        raise BulletinUnreadable(f"is not one of {kinds}", where=path, remedy="Save it as one, or move it away")
    data = read_bytes(path, reader.max_bytes)
    if isinstance(reader, SandboxedReader):
        document, encoding = _read_sandboxed(reader, data, path), path.suffix.lower()[1:]
    else:
        document, encoding = _read_text(reader, data, path)
    if not document.body:
        raise BulletinUnreadable("holds no paragraph", where=path, remedy="Check that it is a whole bulletin")
    if len(document.body) > limits.MAX_BODY_LINES:
        what = f"holds over {limits.MAX_BODY_LINES:,} lines"
        raise BulletinUnreadable(what, where=path, remedy="Check that it is one bulletin")
    return Bulletin(
        name=name or path.name,
        text=document.text,
        title=document.title,
        date=document.date,
        source=document.source,
        url=document.url,
        column=document.column,
        encoding=encoding,
        sha256=hashlib.sha256(document.text.encode("utf-8")).hexdigest(),
        file_sha256=hashlib.sha256(data).hexdigest(),
        body=document.body,
    )


def _read_text(reader: TextReader, data: bytes, path: Path) -> tuple[Document, str]:
    """Returns the document and its encoding."""
    text, encoding = decode(data, path)
    try:
        return reader.read(text), encoding
    except TooDeep as error:
        raise BulletinUnreadable(str(error), where=path, remedy="Save the bulletin again") from error


def _read_sandboxed(reader: SandboxedReader, data: bytes, path: Path) -> Document:
    try:
        document = reader.read(data)
    except Refused as refused:
        remedy = refused.remedy or "Save its text as .txt"
        raise BulletinUnreadable(refused.what, where=path, remedy=remedy, passing=refused.passing) from None
    if not is_text(document.text):
        what = "holds letters that its fonts don't tell the meaning of"
        raise BulletinUnreadable(what, where=path, remedy="Save its text as .txt")
    if len(document.text) > limits.MAX_TEXT_FILE_BYTES:
        what = f"holds over {limits.MAX_TEXT_FILE_BYTES:,} characters"
        raise BulletinUnreadable(what, where=path, remedy="Check that it is one bulletin")
    return document
