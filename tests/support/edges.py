"""A desk over two bulletins for the tests of its edge, an app that says what has reached it, and raw requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from embeddings import FloatRows
from rag import settings
from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.models import Answer
from rag.web.server import config
from rag.web.service import Desk
from tests.conftest import ROOT, UNLIMITED
from tests.support import asking
from tests.support.fakes import HashingEncoder

QUESTION = "Which robots greeted guests from Norway?"
QUOTE = "Twenty robots greeted guests from Norway on May 3.  They bowed twice."


class CountingEncoder(HashingEncoder):
    """Counts what it is given."""

    texts = 0

    def _encode(self, texts: Sequence[str]) -> FloatRows:
        self.texts += len(texts)
        return super()._encode(texts)


def desk_of(library: Path, encoder: HashingEncoder | None = None, **chosen: Any) -> Desk:
    """One that can answer, with these settings."""
    desk = Desk(settings.load(library=library, **chosen), encoder or HashingEncoder())
    opened = Library.open(library)
    desk.show(opened)
    desk.serve(Assistant(opened, encoder or HashingEncoder()))
    return desk


class Held:
    """An assistant that answers once it is let."""

    def __init__(self, inner: Assistant) -> None:
        self._inner = inner
        self.library = inner.library
        self.asked, self.go_on = threading.Event(), threading.Event()

    def ask(self, question: str, **options: Any) -> Answer:
        self.asked.set()
        self.go_on.wait(60)
        return self._inner.ask(question, **options)


def held(desk: Desk) -> Held:
    """The desk's assistant from now on."""
    assert desk.serving
    assert desk.serving.assistant
    assistant = Held(desk.serving.assistant)
    desk.serve(assistant)  # type: ignore[arg-type]
    return assistant


@dataclass
class Echo:
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


def scope_of(path: str = "/", method: str = "GET", client: str = "192.0.2.1", **headers: str) -> Scope:
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
class Got:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def detail(self) -> str:
        return str(json.loads(self.body)["detail"])


async def asked(app: ASGIApp, scope: Scope, *parts: bytes | float) -> Got:
    """What the app answers; numbers among the parts of the body are seconds that the sender pauses for."""
    waiting, got = list(parts) or [b""], Got()

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
def listening(app: ASGIApp) -> Iterator[int]:
    """The port at which a real server serves this app as it serves the desk."""
    server = uvicorn.Server(config(app, port=0, lifespan="off", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(60)


@dataclass(frozen=True, slots=True)
class Running:
    process: subprocess.Popen[str]
    address: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def megabytes(self) -> float:
        """What it holds in memory at this moment."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found
        return int(found[1]) / 1e3


@contextlib.contextmanager
def running(library: Path, seconds: float = 0.0, **chosen: str) -> Iterator[Running]:
    """A real server's process that takes so long for each answer; ``chosen`` are settings by the names of the
    environment."""
    log = library.with_name("log")
    command = [sys.executable, "-m", "tests.support.slow_desk", str(library), str(seconds)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAG_")} | UNLIMITED | chosen
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+$", line.strip())
            assert found, f"it said {line!r} and {log.read_text()!r}"
            yield Running(process, found[0], log)
        finally:
            process.terminate()
            try:
                process.wait(40)
            finally:
                process.kill()


def is_right(answered: asking.Answered) -> bool:
    """Whether it is the answer to ``QUESTION``."""
    return QUOTE in [quote.text for quote in answered.quotes]


def percentile(seconds: list[float], share: float) -> float:
    return float(np.percentile(seconds, share)) if seconds else float("nan")
