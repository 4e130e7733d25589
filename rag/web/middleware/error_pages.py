"""What a failed request gets, from our own routes or Gradio's: one line, and nothing of the internals."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.web.middleware import security_headers
from rag.web.middleware.concurrency_limit import BUSY, RETRY_SECONDS
from rag.web.middleware.gradio_allowlist import NOTHING, UNREADABLE
from rag.web.responses import refusal

LOG = logging.getLogger(__name__)
LINES = {
    400: UNREADABLE,
    404: NOTHING,
    405: "This can't be done under this address.",
    413: "What was sent is too large.",
    422: UNREADABLE,
    503: BUSY,
}
OTHER = "This can't be done."


def install_error_pages(app: FastAPI, on_failure: Callable[[], None] = lambda: None) -> None:
    """Sets the handlers, before the first request; ``on_failure`` is called for each unforeseen error."""

    async def unforeseen(request: Request, error: Exception) -> Response:
        on_failure()
        return _failed(request)

    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, unforeseen)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # the detail is dropped: Gradio puts internals there
    status = error.status_code
    wait = RETRY_SECONDS if status == 503 else 0.0
    return refusal(request.scope, LINES.get(status, OTHER), status, wait=wait, headers=error.headers)


async def _unreadable(request: Request, error: Exception) -> Response:
    return refusal(request.scope, UNREADABLE, 422)


def _failed(request: Request) -> Response:
    """The server logs the error itself, right after this."""
    number = secrets.token_hex(4)
    LOG.error("a request for %r failed, number %s", request.scope["path"][:200], number)
    line = f"Something went wrong, and this was not done. If you report it, give the number {number}."
    response = refusal(request.scope, line, 500)
    # it doesn't pass through the middleware that adds them
    security_headers.add_headers(response.headers, request.scope)
    return response
