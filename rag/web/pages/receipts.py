"""The staff link an answer: its receipt is stored, and whoever has the link can open its page from then on."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from rag.library import audit_log
from rag.web.auth.access import AccessControl
from rag.web.auth.sign_in import GuardedRoute
from rag.web.pages.answer import store_receipt
from rag.web.pages.routes import with_library
from rag.web.responses import sentence, up
from rag.web.service import Service


def receipt_routes(service: Service, access: AccessControl) -> APIRouter:
    """The route over this service."""
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(access.require_staff)])

    @router.post("/answer/{key}/keep")
    def keep_answer(request: Request, key: str) -> Response:
        answer = service.answers.get(key)
        if answer is None:
            gone = "The desk no longer keeps this answer. Please ask again, and link the new one."
            return sentence(request, gone, 404)
        kept = with_library(service, request, lambda library: store_receipt(answer, library))
        if isinstance(kept, Response):
            return kept
        audit_log.write(service.settings.library, request.state.person.name, "link answer", receipt=kept)
        return RedirectResponse(f"{up(request)}answer/{kept}", 303)

    return router
