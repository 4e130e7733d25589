"""Saving of fetched and added files: their names, and the checks before one is written."""

from __future__ import annotations

import functools
import hashlib
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rag import files, limits
from rag.errors import RagError
from rag.ingest.folders import printable
from rag.ingest.formats import FORMATS
from rag.ingest.parse import parse
from rag.models import Bulletin

_PAGE_SUFFIXES = r"\.xhtml?|\.shtml|\.php|\.aspx?|\.jspx?"
_SUFFIX = re.compile(rf"(?:{_PAGE_SUFFIXES}|{'|'.join(map(re.escape, FORMATS))})$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_DISK_FULL = ("the disk is full", "Free some space and try again")

saving_to = functools.partial(files.translate_os_errors, option="--seeds", disk_full=_DISK_FULL)
"""Turns an OSError within the block into LibraryUnwritable, about the folder of bulletins."""


def file_name(url: str, suffix: str) -> str:
    """Returns a name for the file of a URL, by http or https: its path in plain letters, ten digits of its digest."""
    parts = urlsplit(url)
    schemeless = f"{parts.netloc}{parts.path}?{parts.query}"
    digest = hashlib.sha256(schemeless.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    path = _UNSAFE.sub("-", _SUFFIX.sub("", unquote(parts.path)))
    room = limits.MAX_MADE_NAME_CHARS - len(suffix) - len(digest) - 1
    words = path.strip("-._")[-room:].strip("-._") or "page"
    return f"{words}-{digest}{suffix}"


def unfit_reason(name: str) -> str | None:
    """Returns why a bulletin's file can't have this name; None where it can."""
    if printable(name) != name:
        return "its name is not UTF-8. Rename the file"
    if not name.isprintable():
        return "its name holds a line break or a character that can't be seen. Rename the file"
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        return "its name is empty, begins with a dot or holds a path. Rename the file"
    if len(name.encode()) > limits.MAX_FETCHED_NAME_BYTES:
        return f"its name is longer than {limits.MAX_FETCHED_NAME_BYTES} bytes. Rename the file"
    return None


def parse_bytes(name: str, data: bytes) -> Bulletin:
    """Returns the bulletin that a file of that name with these bytes would be, or raises ``BulletinUnreadable``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        with saving_to(path.parent):
            path.write_bytes(data)
        return parse(path)


def error_message(error: RagError) -> str:
    """Returns the error and its remedy, for a list that names the place itself."""
    return f"{error.what}. {error.remedy}" if error.remedy else error.what
