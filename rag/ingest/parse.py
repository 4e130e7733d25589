"""A file -> a Bulletin: its text as it stands, the facts in its head, and the lines of its body."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.decode import decode, is_text, read_bytes
from rag.ingest.readers.registry import READERS, SandboxedReader, TextReader
from rag.ingest.sandbox.runner import Refused
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
    try:
        document, encoding = _read(reader, data, path)
    except Refused as refused:
        remedy = refused.remedy or "Save its text as .txt"
        raise BulletinUnreadable(refused.what, where=path, remedy=remedy, passing=refused.passing) from None
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
        notes=document.notes,
    )


def _read(reader: TextReader | SandboxedReader, data: bytes, path: Path) -> tuple[Document, str]:
    """Returns the document and its encoding."""
    if isinstance(reader, TextReader):
        text, encoding = decode(data, path)
        document = reader.read(text)
    else:
        document, encoding = reader.read(data), path.suffix.lower()[1:]
        if not is_text(document.text):
            raise Refused("holds letters that its fonts don't tell the meaning of")
        if len(document.text) > limits.MAX_TEXT_FILE_BYTES:
            raise Refused(f"holds over {limits.MAX_TEXT_FILE_BYTES:,} characters", "Check that it is one bulletin")
    if not document.body:
        raise Refused("holds no paragraph", "Check that it is a whole bulletin")
    if len(document.body) > limits.MAX_BODY_LINES:
        raise Refused(f"holds over {limits.MAX_BODY_LINES:,} lines", "Check that it is one bulletin")
    return document, encoding
