"""Requests to an ASGI application without a server, an application that keeps what reaches it, and a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.web.server import uvicorn_config


@dataclass
class EchoApp:
    """An app that reads what comes and keeps the scopes."""

    scopes: list[Scope] = field(default_factory=list)
    read: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


def http_scope(path: str = "/", method: str = "GET", client: str = "192.0.2.1", **headers: str) -> Scope:
    """A request, with ``_`` for each "-" of a header's name."""
    named = {"host": "localhost"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": (client, 5),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }


@dataclass
class Response:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def detail(self) -> str:
        return str(json.loads(self.body)["detail"])


async def send_request(app: ASGIApp, scope: Scope, *parts: bytes | float) -> Response:
    """What the app answers; numbers among the parts of the body are seconds that the sender pauses for."""
    waiting, got = list(parts) or [b""], Response()

    async def receive() -> dict[str, Any]:
        while waiting and isinstance(waiting[0], float):
            await asyncio.sleep(waiting.pop(0))  # type: ignore[arg-type]
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert not got.status
            got.status = message["status"]
            got.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            got.body += message.get("body", b"")

    await app(scope, receive, send)
    return got


@contextlib.contextmanager
def serve_asgi(app: ASGIApp) -> Iterator[int]:
    """The port at which a real server serves this app as it serves the desk."""
    server = uvicorn.Server(uvicorn_config(app, port=0, lifespan="off", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(60)
