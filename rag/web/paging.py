"""Lists that are shown a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request


def paginate(request: Request, rows: Sequence[object], page_size: int) -> dict[str, Any]:
    """Returns the template's values for the page asked for, or the nearest that there is.

    They are the ``rows`` of the page, the ``total`` of rows, the number of the ``page`` and that of all ``pages``.
    """
    number = request.query_params.get("page", "1")
    pages = max(1, -(-len(rows) // page_size))
    usable = number.isascii() and number.isdigit() and len(number) < 7
    page = min(pages, max(1, int(number) if usable else 1))
    return {
        "rows": rows[(page - 1) * page_size : page * page_size],
        "total": len(rows),
        "page": page,
        "pages": pages,
    }
