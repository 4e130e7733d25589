"""What machines ask: whether the server is alive, whether it can answer, and its metrics."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from rag.admin import accounts, off_switch
from rag.admin.metrics import CONTENT_TYPE
from rag.errors import LibraryDamaged
from rag.web.auth.access import NO_PAGE, AccessControl
from rag.web.service import Service
from rag.web.shutdown import DRAINING

NOT_SHOWN = "Send the collector's token as a bearer token, or sign in."
HEADERS = {"Cache-Control": "no-store"}


def health_routes(service: Service) -> APIRouter:
    """The probes of this service, which anybody may ask."""
    router = APIRouter()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    def readyz() -> JSONResponse:
        state = service.state
        library = state.serving.library if state.serving else None
        status, line = _status(service)
        content = {
            "status": status,
            "detail": line,
            "generation": library.generation if library else None,
            "number": library.manifest.number if library else None,
            "bulletins": len(library.bulletins) if library else None,
            "degraded": state.stage.name == "degraded",
        }
        return JSONResponse(content, 200 if status in ("ready", "degraded") else 503)

    return router


def _status(service: Service) -> tuple[str, str]:
    if service.draining.is_set():
        return "draining", DRAINING
    off = off_switch.off_state(service.settings.library)
    stage = service.state.stage
    return ("off", off.line) if off else (stage.name, stage.line)


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
