"""The probes: whether the server is alive, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from rag.admin import off_switch
from rag.web.service import Service
from rag.web.shutdown import DRAINING


def health_routes(service: Service) -> APIRouter:
    """The routes over this service."""
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
