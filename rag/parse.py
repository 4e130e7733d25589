"""A file -> a Bulletin: its text as it stands, what its head states, and the lines of its body."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rag.decode import decode, read_bytes
from rag.errors import BulletinUnreadable
from rag.layout import TooDeep
from rag.page import read_page
from rag.plain import read_plain
from rag.records import Bulletin, Page

MOST_LINES = 20_000  # of a body; the office's bulletins have under 200
READERS = {".txt": read_plain, ".html": read_page, ".htm": read_page}


def parse(path: Path, *, name: str | None = None) -> Bulletin:
    """Reads one file; ``name`` is what the bulletin goes by (default: the file's base name).

    Raises:
        BulletinUnreadable: the file can't be read, isn't text, holds no paragraph, or far too many lines.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(READERS)
        raise BulletinUnreadable(f"is not one of {kinds}", where=path, remedy="Save it as one, or move it away")
    data = read_bytes(path)
    text, encoding = decode(data, path)
    try:
        page: Page = reader(text)
    except TooDeep as error:
        raise BulletinUnreadable(str(error), where=path, remedy="Save the bulletin again") from error
    if not page.body:
        raise BulletinUnreadable("holds no paragraph", where=path, remedy="Check that it is a whole bulletin")
    if len(page.body) > MOST_LINES:
        raise BulletinUnreadable(f"holds over {MOST_LINES:,} lines", where=path, remedy="Check that it is one bulletin")
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
