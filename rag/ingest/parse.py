"""A file -> a Bulletin: its text as it stands, the facts in its head, and the lines of its body."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rag.errors import BulletinUnreadable
from rag.ingest.decode import read_bytes
from rag.ingest.formats import FORMATS
from rag.ingest.refused import Refused
from rag.ingest.sandbox import reader
from rag.models import Bulletin


def parse(path: Path, *, name: str | None = None) -> Bulletin:
    """Reads one file; ``name`` is the bulletin's name (default: the file's base name).

    ``encoding`` of the result is the text's, or "pdf" or "docx".

    Raises:
        BulletinUnreadable: the file can't be read or changes meanwhile, doesn't have the format of its suffix, holds no
            paragraph, or far too much.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        kinds = ", ".join(FORMATS)
        raise BulletinUnreadable(f"is not one of {kinds}", where=path, remedy="Save it as one, or move it away")
    data = read_bytes(path, FORMATS[suffix].max_bytes)
    try:
        document, encoding = reader.read_bulletin(suffix, data)
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
