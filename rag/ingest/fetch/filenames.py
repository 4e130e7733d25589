"""Names of bulletins' files: made from URLs, and checked where they are given."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote, urlsplit

from rag import limits
from rag.ingest.folders import printable
from rag.ingest.readers.registry import READERS

_PAGE_SUFFIXES = r"\.xhtml?|\.shtml|\.php|\.aspx?|\.jspx?"
_SUFFIX = re.compile(rf"(?:{_PAGE_SUFFIXES}|{'|'.join(map(re.escape, READERS))})$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def from_url(url: str, suffix: str) -> str:
    """Returns a name for the file of a URL: its path in plain letters, and ten digits of the URL's digest.

    It is the same for http and https.
    """
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
