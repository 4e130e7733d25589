"""The doors of Gradio that the desk keeps shut: all but those that its page and its callers need.

Gradio fetches public addresses, gives and takes files, tells of its insides and more, by some eighty addresses.
"""

from __future__ import annotations

import re

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.web.middleware.refusal_response import refusal

NOTHING = "There is nothing under this address."
_FILE = r"(?:[\w@-]+/)*[\w@-][\w@.~+-]*"  # no part that begins with a dot
_READ = rf"/|/config|/(?:gradio_api/)?theme\.css|/(?:assets|static)/{_FILE}|/favicon\.ico|/manifest\.json|/robots\.txt"
_API_READ = r"/gradio_api/(?:info|startup-events|queue/data|heartbeat/[\w-]{1,64}|call/(?P<name>\w+)/[\w-]{1,64})"
_API_SEND = r"/gradio_api/(?:queue/join|cancel|reset|(?:call|run)/(?P<name>\w+))"


class Shut:
    """ASGI middleware right before Gradio: whatever address isn't the desk's own comes here.

    ``names`` are those of the page's functions.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self._names = names
        read = re.compile(f"(?:{_READ}|{_API_READ})", re.ASCII)
        self._open = {"GET": read, "HEAD": read, "POST": re.compile(_API_SEND, re.ASCII)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the path as it is routed by, decoded once: nothing is decoded after this
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and not self.lets_by(scope["method"], path):
            return await refusal(scope, NOTHING, 404)(scope, receive, send)
        if scope["type"] == "http" and scope["path"] in ("/", "/config"):
            scope["query_string"] = b""  # Gradio would look for what it has stored under a "deep link"
        return await self.app(scope, receive, send)

    def lets_by(self, method: str, path: str) -> bool:
        """Whether this comes to Gradio."""
        door = self._open.get(method)
        found = door.fullmatch(path) if door else None
        if found is None:
            return False
        name = found.groupdict().get("name")
        # what isn't queued is asked for by its number, under this name
        return name is None or name in self._names or (name == "predict" and path == "/gradio_api/run/predict")


def shut(app: FastAPI, page: gr.Blocks) -> FastAPI:
    """Puts it before Gradio, which was mounted last, and returns Gradio's app.  The desk's own addresses are looked for
    first, so that no list of them is needed."""
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount)
    inside = mount.app
    assert isinstance(inside, FastAPI)
    names = (fn.api_name for fn in page.fns.values() if fn.fn)  # the others run in the browser
    mount.app = Shut(inside, frozenset(name for name in names if isinstance(name, str)))
    return inside
