"""The metrics, for a collector that sends its token and for whoever is signed in."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from rag.admin import accounts
from rag.admin.metrics import CONTENT_TYPE
from rag.errors import LibraryDamaged
from rag.web.auth.access import NO_PAGE, AccessControl
from rag.web.service import Service

NOT_SHOWN = "Send the collector's token as a bearer token, or sign in."
HEADERS = {"Cache-Control": "no-store"}


def metrics_routes(service: Service, access: AccessControl) -> APIRouter:
    """The route over this service; without a token and an account it doesn't exist."""
    token = service.settings.metrics_token.get_secret_value()
    router = APIRouter()

    @router.get("/metrics")
    def show(request: Request) -> Response:
        if (token and _has_token(request, token)) or access.person(request) is not None:
            return Response(service.metrics.exposition(), headers={**HEADERS, "Content-Type": CONTENT_TYPE})
        if token or _accounts_exist(service):
            return PlainTextResponse(NOT_SHOWN, 403, HEADERS)
        return PlainTextResponse(NO_PAGE, 404, HEADERS)

    return router


def _has_token(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    # a header's bytes are read as Latin-1, whatever they were
    return kind.casefold() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())


def _accounts_exist(service: Service) -> bool:
    try:
        return accounts.has_accounts(service.settings.library)
    except LibraryDamaged:
        return True  # there were some, whatever has become of them
