"""The page that says one thing, and how any page finds the server's root."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from rag.web.templating import render


def up(request: Request) -> str:
    """The relative path from the requested address to the server's root ("../../"): pages work below any address."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (path.partition(b"?")[0].count(b"/") - 1)


def sentence(request: Request, line: str, status: int) -> HTMLResponse:
    """A page that says one thing."""
    return HTMLResponse(render("sentence.html", sentence=line, up=up(request)), status)
