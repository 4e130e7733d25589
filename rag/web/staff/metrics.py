"""The figures for a metrics collector, which shows its token, and for who is signed in."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from rag.admin import accounts
from rag.admin.metrics import CONTENT_TYPE
from rag.errors import LibraryDamaged
from rag.web.auth.access import NO_PAGE, Door
from rag.web.service import Desk

NOT_SHOWN = "Send the collector's token as a bearer token, or sign in."
HEADERS = {"Cache-Control": "no-store"}


def metrics(desk: Desk, door: Door) -> APIRouter:
    """The route over this desk.  Where there is neither a token nor an account it doesn't exist."""
    token = desk.settings.metrics_token.get_secret_value()
    router = APIRouter()

    @router.get("/metrics")
    def figures(request: Request) -> Response:
        if (token and _shows(request, token)) or door.person(request) is not None:
            return Response(desk.metrics.text(), headers={**HEADERS, "Content-Type": CONTENT_TYPE})
        if token or _accounts(desk):
            return PlainTextResponse(NOT_SHOWN, 403, HEADERS)
        return PlainTextResponse(NO_PAGE, 404, HEADERS)

    return router


def _shows(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    # a header's bytes are read as Latin-1, whatever they were
    return kind.casefold() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())


def _accounts(desk: Desk) -> bool:
    try:
        return accounts.any_(desk.settings.library)
    except LibraryDamaged:
        return True  # there were some, whatever has become of them
