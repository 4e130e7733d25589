"""The pages beside the chat: bulletins, and the permanent links of quotes and answers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from rag.errors import RagError
from rag.web.pages.answer import answer_file, answer_page
from rag.web.pages.bulletin import beside_html, bulletin_html
from rag.web.pages.catalogue import browse
from rag.web.pages.quote import FILES, File, quote_file, quote_html
from rag.web.service import Desk
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
NO_ANSWER = "The desk keeps no answer under this address."
Made = TypeVar("Made")


def pages(desk: Desk) -> APIRouter:
    """The routes over this desk."""
    router = APIRouter()

    @router.get("/bulletins")
    def bulletins(request: Request) -> Response:
        def shown(library: Library) -> str:
            shelf = browse(library, request.query_params.multi_items())
            return render("bulletins.html", shelf=shelf, choice=shelf.choice, up=up(request))

        return _page(desk, request, shown, "")

    @router.get("/bulletin/{sha256}/beside/{other}")
    def beside(request: Request, sha256: str, other: str) -> Response:
        return _page(
            desk,
            request,
            lambda library: beside_html(library, sha256, other, up=up(request)),
            "The desk holds no two texts under this address.",
        )

    @router.get("/bulletin/{sha256:path}")
    def bulletin(request: Request, sha256: str, start: str | None = None, end: str | None = None) -> Response:
        return _page(
            desk,
            request,
            lambda library: bulletin_html(library, sha256, start, end, up=up(request)),
            "The desk holds no bulletin under this address.",
        )

    @router.get("/quote/{address:path}")
    def quote(request: Request, address: str) -> Response:
        missing = "The desk holds no quote under this address: its text or its place there is unknown."
        sha256, _, place = address.partition("/")
        numbers, dot, ending = place.partition(".")
        if not dot:
            return _page(desk, request, lambda library: quote_html(library, sha256, numbers, up=up(request)), missing)
        if dot + ending not in FILES:
            return sentence(request, missing, 404)
        return _given(desk, request, lambda library: quote_file(library, sha256, numbers, dot + ending), missing)

    @router.get("/answer/{identity:path}.json")
    def receipt(request: Request, identity: str) -> Response:
        def made(library: Library) -> File | None:
            content = answer_file(library, identity)
            return File(content, "application/json", f"answer-{identity[:12]}.json") if content else None

        return _given(desk, request, made, NO_ANSWER)

    @router.get("/answer/{identity:path}")
    def answer(request: Request, identity: str) -> Response:
        return _page(desk, request, lambda library: answer_page(library, identity, up=up(request)), NO_ANSWER)

    return router


def up(request: Request) -> str:
    """The way from the address asked for to the desk's root, so that its pages also work below another address."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (path.partition(b"?")[0].count(b"/") - 1)


def sentence(request: Request, line: str, status: int) -> HTMLResponse:
    """A page that says one thing."""
    return HTMLResponse(render("sentence.html", sentence=line, up=up(request)), status)


def _page(desk: Desk, request: Request, make: Callable[[Library], str | None], missing: str) -> Response:
    made = of_library(desk, request, make)
    if isinstance(made, Response):
        return made
    # the name of a file may hold bytes that are no text; they are shown by their numbers
    return HTMLResponse(made.encode(errors="backslashreplace")) if made is not None else sentence(request, missing, 404)


def _given(desk: Desk, request: Request, make: Callable[[Library], File | None], missing: str) -> Response:
    made = of_library(desk, request, make)
    if made is None:
        return sentence(request, missing, 404)
    if isinstance(made, Response):
        return made
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)


def of_library(desk: Desk, request: Request, make: Callable[[Library], Made]) -> Made | HTMLResponse:
    """What is made of the library; where it can't be, the sentence that says why."""
    serving = desk.serving
    if serving is None:
        return sentence(request, "The desk is still getting ready. Please try again in a moment.", 503)
    try:
        return make(serving.library)
    except RagError as error:
        LOG.error("%s", error)
        return sentence(request, str(error), 500)
    except Exception:
        desk.metrics.failed()
        number = secrets.token_hex(4)
        LOG.exception("a page could not be made, number %s", number)
        line = f"Something went wrong and this page was not made. If you report it, give the number {number}."
        return sentence(request, line, 500)
