"""Which routes of Gradio are open: those that its page and its callers need, and no other.

Gradio has some eighty; among them are such that fetch public addresses, give and take files, or show its internals.
"""

from __future__ import annotations

import re

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.web.responses import refusal

NOTHING = "There is nothing under this address."
_FILE = r"(?:[\w@-]+/)*[\w@-][\w@.~+-]*"  # no part that begins with a dot
_READ = rf"/|/config|/(?:gradio_api/)?theme\.css|/(?:assets|static)/{_FILE}|/favicon\.ico|/manifest\.json|/robots\.txt"
_API_READ = r"/gradio_api/(?:info|startup-events|queue/data|heartbeat/[\w-]{1,64}|call/(?P<name>\w+)/[\w-]{1,64})"
_API_SEND = r"/gradio_api/(?:queue/join|cancel|reset|(?:call|run)/(?P<name>\w+))"


class GradioAllowlist:
    """ASGI middleware right before Gradio, which gets every path that no other route matches.

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
        if scope["type"] == "http" and not self.allows(scope["method"], path):
            return await refusal(scope, NOTHING, 404)(scope, receive, send)
        if scope["type"] == "http" and scope["path"] in ("/", "/config"):
            scope["query_string"] = b""  # Gradio would look for what it has stored under a "deep link"
        return await self.app(scope, receive, send)

    def allows(self, method: str, path: str) -> bool:
        """Whether the request is passed on to Gradio."""
        pattern = self._open.get(method)
        match = pattern.fullmatch(path) if pattern else None
        if match is None:
            return False
        name = match.groupdict().get("name")
        # functions that aren't queued are called by their number, under this name
        return name is None or name in self._names or (name == "predict" and path == "/gradio_api/run/predict")


def install_allowlist(app: FastAPI, page: gr.Blocks) -> FastAPI:
    """Puts the allowlist before Gradio, which must have been mounted last, and returns Gradio's application.

    All other routes are matched before, so that they need no list.
    """
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount)
    gradio_app = mount.app
    assert isinstance(gradio_app, FastAPI)
    names = (fn.api_name for fn in page.fns.values() if fn.fn)  # the others run in the browser
    mount.app = GradioAllowlist(gradio_app, frozenset(name for name in names if isinstance(name, str)))
    return gradio_app
