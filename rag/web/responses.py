"""What all pages share: the path to the server's root, responses of one line, and lists that go page by page."""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from rag.errors import RagError
from rag.web.templating import render

LOG = logging.getLogger(__name__)


def up(request: Request) -> str:
    """The relative path from the requested address to the server's root ("../../"): pages work below any address."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (path.partition(b"?")[0].count(b"/") - 1)


def sentence(request: Request, line: str, status: int) -> HTMLResponse:
    """A page that says one thing."""
    return HTMLResponse(render("sentence.html", sentence=line, up=up(request)), status)


def failure_line(error: Exception, what: str) -> str:
    """Logs the error that is being handled under a number, and returns the line for the public: ``what`` wasn't done,
    and the number, without paths and internals."""
    number = secrets.token_hex(4)
    if isinstance(error, RagError):
        LOG.error("%s, number %s: %s", what, number, error)
    else:
        LOG.exception("%s, number %s", what, number)
    return f"Something went wrong and {what}. If you report it, give the number {number}."


def refusal(
    scope: Scope, line: str, status: int, *, wait: float = 0.0, headers: Mapping[str, str] | None = None
) -> Response:
    """A refused request's response: a page for a browser, JSON for a program.

    ``wait`` are the seconds until another try is worth it, 0 where that isn't known.
    """
    browser = "text/html" in Headers(scope=scope).get("accept", "")
    response = sentence(Request(scope), line, status) if browser else JSONResponse({"detail": line}, status)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def paginate(request: Request, rows: Sequence[object], page_size: int) -> dict[str, Any]:
    """Returns the template's values for the page asked for, or the nearest that there is.

    They are the ``rows`` of the page, the ``total`` of rows, the number of the ``page`` and that of all ``pages``.
    """
    number = request.query_params.get("page", "1")
    pages = max(1, -(-len(rows) // page_size))
    usable = number.isascii() and number.isdigit() and len(number) < 7
    page = min(pages, max(1, int(number) if usable else 1))
    return {"rows": rows[(page - 1) * page_size : page * page_size], "total": len(rows), "page": page, "pages": pages}
