"""The staff link an answer: its receipt is stored, and its page can be opened by whoever has the link from then on."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from rag.library import audit_log
from rag.web.auth.access import Door, DoorRoute
from rag.web.pages.answer import keep
from rag.web.pages.routes import of_library, sentence, up
from rag.web.service import Desk


def receipts(desk: Desk, door: Door) -> APIRouter:
    """The route over this desk."""
    router = APIRouter(route_class=DoorRoute, dependencies=[Depends(door.staff)])

    @router.post("/answer/{key}/keep")
    def keep_answer(request: Request, key: str) -> Response:
        answer = desk.shelf.get(key)
        if answer is None:
            gone = "The desk no longer keeps this answer. Please ask again, and link the new one."
            return sentence(request, gone, 404)
        kept = of_library(desk, request, lambda library: keep(answer, library))
        if isinstance(kept, Response):
            return kept
        audit_log.write(desk.settings.library, request.state.person.name, "link answer", receipt=kept)
        return RedirectResponse(f"{up(request)}answer/{kept}", 303)

    return router
