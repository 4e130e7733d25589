"""How large what is sent may be, and how long it may take."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from rag import limits
from rag.web.auth.access import COOKIE
from rag.web.middleware.body_limit import Allowance, BodyLimit
from rag.web.server import build_app
from tests.support.accounts import session_cookie
from tests.support.asgi import EchoApp, Response, http_scope, send_request
from tests.support.browser import serve_desk
from tests.support.desks import ready_desk

ROOMS = {"/upload": Allowance(1_000_000, 0.5)}
SMALL = Allowance(1_000, 0.3)


def sent(path: str, *parts: bytes | float, declared: str = "") -> tuple[Response, EchoApp]:
    """Its length declared, or by pieces."""
    echo = EchoApp()
    headers = {"content_length": declared} if declared else {"transfer_encoding": "chunked"}
    got = asyncio.run(send_request(BodyLimit(echo, ROOMS, SMALL), http_scope(path, "POST", **headers), *parts))
    return got, echo


@pytest.mark.parametrize(("path", "most"), [("/x", 1_000), ("/upload", 1_000_000)])
def test_what_is_larger_than_its_room_is_not_taken(path: str, most: int) -> None:
    """By what it says of itself, by what comes, and where it says less than comes."""
    fits, over = b"x" * (most // 2), b"x" * (most // 2 + 1)
    got, echo = sent(path, fits, fits, declared=str(most))
    assert (got.status, echo.read) == (200, most)
    got, echo = sent(path, fits, fits)
    assert (got.status, echo.read) == (200, most)
    for declared in (str(most + 1), "", str(most)):
        got, echo = sent(path, fits, over, declared=declared)
        assert got.status == 413
        assert f"{most:,} bytes" in got.detail
        assert echo.read < most
    got, echo = sent(path, fits, declared=str(most + 1))
    assert (got.status, echo.scopes) == (413, [])


@pytest.mark.parametrize("path", ["/x", "/upload"])
def test_what_does_not_come_in_time_is_not_waited_for(path: str) -> None:
    """A byte now and then doesn't help."""
    got, _ = sent(path, b"a", 0.2, b"b", 0.2, b"c", 0.2, b"d", 0.2, b"e")
    assert (got.status, got.headers["connection"]) == (408, "close")


def test_a_length_that_is_none_is_refused() -> None:
    """Rather than guessed at."""
    for declared in ("-1", "1e3", "abc"):
        assert sent("/x", b"x", declared=declared)[0].status == 400


def test_a_sender_who_leaves_is_no_failure() -> None:
    """Half of what was announced comes, then nothing."""
    echo = EchoApp()

    async def leaves() -> None:
        scope = http_scope("/x", "POST", content_length="900")
        parts = iter([{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> dict[str, object]:
            return next(parts)

        async def send(message: object) -> None:
            raise AssertionError

        await BodyLimit(echo, ROOMS, SMALL)(scope, receive, send)

    asyncio.run(leaves())
    assert echo.scopes == []


def test_the_rooms_of_the_desk(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 KiB for whatever asks, a file for whatever takes files, 8 KiB of a query; each refusal is one line."""
    monkeypatch.setattr("rag.web.middleware.body_limit._DRAIN_SECONDS", 0.1)
    with TestClient(build_app(ready_desk(library))) as client:
        for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/run/predict", "/sign-in", "/no"):
            got = client.post(path, content=b"x" * 65_537)
            assert got.status_code == 413, path
            assert "65,536 bytes" in got.json()["detail"]
            assert client.post(path, content=(b"x" * 1_024 for _ in range(65))).status_code == 413
            assert client.post(path, content=b"x" * 65_536).status_code != 413
        assert client.get("/bulletins", params={"q": "x" * 8_190}).status_code == 200
        assert client.get("/bulletins", params={"q": "x" * 8_200}).status_code == 414


def test_a_large_draft_comes_through(library: Path) -> None:
    """The check's own limit counts for the staff, and it says so itself."""
    with TestClient(build_app(ready_desk(library))) as client:
        client.cookies.set(COOKIE, session_cookie(library, "staff"))
        mine = {"Sec-Fetch-Site": "same-origin"}
        assert client.post("/staff/check", data={"draft": "x" * 200_000}, headers=mine).status_code == 200
        files = {"file": ("a.txt", b"x" * (limits.MAX_DRAFT_FORM_BYTES + 1))}
        too_large = client.post("/staff/check", files=files, headers=mine)
        assert too_large.status_code == 413
        assert f"{limits.MAX_DRAFT_FORM_BYTES:,}" in too_large.text
        client.cookies.clear()
        assert client.post("/staff/check", data={"draft": "x" * 200_000}, headers=mine).status_code == 403


def test_a_browser_that_is_still_sending_gets_to_read_why(library: Path) -> None:
    """Over a real connection, two megabytes to where 64 KiB are taken."""
    with serve_desk(ready_desk(library)) as address:
        for content in (b"x" * 2_000_000, (b"x" * 100_000 for _ in range(20))):
            got = httpx.post(f"{address}/gradio_api/queue/join", content=content, timeout=30)
            assert got.status_code == 413
            assert "65,536" in got.json()["detail"]
