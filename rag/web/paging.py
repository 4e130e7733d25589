"""Lists that are shown a page at a time."""

from __future__ import annotations

from fastapi import Request


def pages_of(request: Request, rows: int, a_page: int) -> tuple[int, int]:
    """The page asked for, or the nearest that there is, and how many there are."""
    number = request.query_params.get("page", "1")
    pages = max(1, -(-rows // a_page))
    usable = number.isascii() and number.isdigit() and len(number) < 7
    return min(pages, max(1, int(number) if usable else 1)), pages
