"""The response to a refused request: a page for a browser, JSON for a program."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from rag.web.responses import sentence


def refusal(
    scope: Scope, line: str, status: int, *, wait: float = 0.0, headers: Mapping[str, str] | None = None
) -> Response:
    """Makes the response; ``wait`` are the seconds until another try is worth it, 0 where that isn't known."""
    browser = "text/html" in Headers(scope=scope).get("accept", "")
    response = sentence(Request(scope), line, status) if browser else JSONResponse({"detail": line}, status)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response
