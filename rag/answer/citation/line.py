"""A citation as one line, to be put under the quoted words."""

from __future__ import annotations

import datetime as dt

from rag.errors import one_line
from rag.models import Citation


def citation_line(cited: Citation, *, accessed: dt.date) -> str:
    """Source, title, date, section, address, file and place, day of access.

    What the bulletin doesn't state is said to be unstated, never guessed:

    "Beijing Foreign Affairs Office, “A Talk”, 2024-03-11, section “Robots” (Haidian District), https://…, file
    000_x.txt [120:340] (SHA-256 348e3b90bbf4), accessed 2026-11-27."
    """
    parts = [
        cited.source or "Source not stated",
        f"“{cited.title}”" if cited.title else "untitled",
        str(cited.date or "undated"),
        _section(cited),
        cited.url,
        f"file {cited.bulletin} [{cited.start}:{cited.end}] (SHA-256 {cited.sha256[:12]})",
        f"accessed {accessed}",
    ]
    return one_line(f"{', '.join(part for part in parts if part)}.")


def _section(cited: Citation) -> str:
    districts = ", ".join(cited.districts)
    if cited.heading:
        return f"section “{cited.heading}”{f' ({districts})' if districts else ''}"
    return f"section {districts}" if districts else ""
