"""Which routes of Gradio are open: those that its page and its callers need, and no other.

Gradio has some eighty; among them are such that fetch public addresses, give and take files, or show its internals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.web.internals import API, CALL, JOIN
from rag.web.middleware.body_limit import Allowance, read_body, replay_body
from rag.web.responses import refusal

NOTHING = "There is nothing under this address."
UNREADABLE = "What was sent can't be read."
RUN = f"{API}/run/"
PREDICT = "predict"  # functions that aren't queued are called by their number, under this name
_FILE = r"(?:[\w@-]+/)*[\w@-][\w@.~+-]*"  # no part that begins with a dot
_READ = rf"/|/config|/(?:gradio_api/)?theme\.css|/(?:assets|static)/{_FILE}|/favicon\.ico|/manifest\.json|/robots\.txt"
_API_READ = r"/gradio_api/(?:info|startup-events|queue/data|heartbeat/[\w-]{1,64}|call/(?P<name>\w+)/[\w-]{1,64})"
_API_SEND = r"/gradio_api/(?:queue/join|cancel|reset|(?:call|run)/(?P<name>\w+))"


@dataclass(frozen=True, slots=True)
class PageFunction:
    """A function of the page that runs here and not in the browser; ``inputs`` counts the values that it takes, and
    ``stated`` those of them that the session keeps, which a call by name may leave out."""

    name: str
    queued: bool
    inputs: int
    stated: int = 0


class GradioAllowlist:
    """ASGI middleware right before Gradio, which gets every path that no other route matches.

    ``functions`` are the page's, by their numbers: a call of any other, or with too few values, would be an error of
    Gradio's with a page of traceback in the log.
    """

    def __init__(self, app: ASGIApp, functions: Mapping[int, PageFunction]) -> None:
        self.app = app
        self._functions = functions
        self._by_name = {function.name: function for function in functions.values()}
        read = re.compile(f"(?:{_READ}|{_API_READ})", re.ASCII)
        self._open = {"GET": read, "HEAD": read, "POST": re.compile(_API_SEND, re.ASCII)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the path as it is routed by, decoded once: nothing is decoded after this
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and not self.allows(scope["method"], path):
            return await refusal(scope, NOTHING, 404)(scope, receive, send)
        if scope["type"] == "http" and scope["path"] in ("/", "/config"):
            scope["query_string"] = b""  # Gradio would look for what it has stored under a "deep link"
        if scope["type"] == "http" and scope["method"] == "POST" and path.startswith((JOIN, CALL, RUN)):
            return await self._call(path, scope, receive, send)
        return await self.app(scope, receive, send)

    async def _call(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a call on to Gradio where the function that it names is open and gets what it takes."""
        try:
            body = await read_body(receive, Allowance().max_bytes)
        except ClientDisconnect:
            return None  # nobody would read an answer
        called = _parsed(body or b"")
        if called is None:
            return await refusal(scope, UNREADABLE, 422)(scope, receive, send)
        function = self._called(path, called)
        if function is None:
            return await refusal(scope, NOTHING, 404)(scope, receive, send)
        values, needed = called.get("data"), function.inputs - function.stated * path.startswith(CALL)
        if not isinstance(values, list) or len(values) < needed:
            return await refusal(scope, UNREADABLE, 422)(scope, receive, send)
        return await self.app(scope, replay_body(body or b"", receive), send)

    def _called(self, path: str, called: Mapping[str, Any]) -> PageFunction | None:
        """The function that is called: Gradio goes by the number where there is one, but for ``CALL``."""
        name, number = path.rpartition("/")[2], called.get("fn_index")
        if path.startswith(CALL) or (number is None and path != JOIN):
            return self._by_name.get(name)
        function = self._functions.get(number) if type(number) is int else None
        return None if function and function.queued and path != JOIN else function

    def allows(self, method: str, path: str) -> bool:
        """Whether the request is passed on to Gradio."""
        pattern = self._open.get(method)
        match = pattern.fullmatch(path) if pattern else None
        if match is None:
            return False
        name = match.groupdict().get("name")
        return name is None or name in self._by_name or path == RUN + PREDICT


def install_allowlist(app: FastAPI, page: gr.Blocks) -> FastAPI:
    """Puts the allowlist before Gradio, which must have been mounted last, and returns Gradio's application.

    All other routes are matched before, so that they need no list.
    """
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount)
    gradio_app = mount.app
    assert isinstance(gradio_app, FastAPI)
    functions = {
        number: PageFunction(
            name=str(fn.api_name),
            queued=fn.queue,
            inputs=len(fn.inputs),
            stated=sum(isinstance(block, gr.State) for block in fn.inputs),
        )
        for number, fn in page.fns.items()
        if fn.fn  # the others run in the browser
    }
    mount.app = GradioAllowlist(gradio_app, functions)
    return gradio_app


def _parsed(body: bytes) -> dict[str, Any] | None:
    """What a call says, None where it is no object."""
    try:
        called = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return called if isinstance(called, dict) else None
