"""The doors of Gradio that are shut, whatever a request for them looks like, and what a failing request is told."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from rag.web.middleware.gradio_allowlist import NOTHING, GradioAllowlist
from rag.web.middleware.security_headers import HEADERS
from rag.web.server import build_app
from tests.support.asgi import EchoApp, http_scope, send_request
from tests.support.browser import serve_desk
from tests.support.desks import ready_desk

# What the page in a browser asks of Gradio, and what a program needs to ask a question.
NEEDED = {
    *("GET /", "HEAD /", "GET /config", "GET /config/", "GET /theme.css", "GET /gradio_api/theme.css"),
    *("GET /static/{path:path}", "GET /assets/{path:path}", "GET /favicon.ico", "GET /manifest.json"),
    *("GET /robots.txt", "GET /gradio_api/info", "GET /gradio_api/startup-events"),
    *("POST /gradio_api/queue/join", "GET /gradio_api/queue/data", "GET /gradio_api/heartbeat/{session_hash}"),
    *("POST /gradio_api/cancel", "POST /gradio_api/reset"),
    *("POST /gradio_api/call/{api_name}", "GET /gradio_api/call/{api_name}/{event_id}"),
    "POST /gradio_api/run/{api_name}",
}


@pytest.fixture
def app(library: Path) -> FastAPI:
    return build_app(ready_desk(library))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False) as client:
        yield client


def gradios(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of each of Gradio's own routes."""
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount)
    routes = list(mount.routes)
    for route in mount.routes:  # FastAPI keeps a router that was included as it is
        routes += getattr(getattr(route, "original_router", None), "routes", [])
    own = [route for route in routes if isinstance(route, Route)]
    return sorted({(method, route.path) for route in own for method in route.methods or ()})


def test_every_door_of_gradio_but_those_needed_is_shut(app: FastAPI, client: TestClient) -> None:
    """Each of its routes by each of its methods, with what it takes in the path filled in."""
    routes = gradios(app)
    assert len(routes) > 70
    shut = []
    for method, path in routes:
        if f"{method} {path}" in NEEDED and path != "/config/":
            continue
        address = re.sub(r"\{[^}]*\}", "x", path)
        got = client.request(method, address, **({"json": {}} if method == "POST" else {}))
        assert got.status_code == 404, (method, path, got.text[:100])
        assert method == "HEAD" or got.json() == {"detail": NOTHING}, (method, path)
        shut.append((method, path))
    print(f"{len(routes)} routes of Gradio, {len(shut)} shut")
    assert {f"{method} {path}" for method, path in routes} >= NEEDED


def test_what_the_page_needs_is_open(client: TestClient) -> None:
    """Its own files, its configuration, and the way of a question."""
    page = client.get("/").text
    for path in ("/config", "/theme.css", "/favicon.ico", "/gradio_api/info", "/gradio_api/startup-events"):
        assert client.get(path).status_code == 200, path
    for asset in re.findall(r'(?:src|href)="\./?(assets/[^"]+)"', page):
        assert client.get(f"/{asset}").status_code == 200, asset
    asked_for = client.post("/gradio_api/call/ask", json={"data": ["robots", None, None]})
    assert asked_for.status_code == 200


FORMS = [
    *("/gradio_api/file=/etc/passwd", "/gradio_api%2Ffile=/etc/passwd", "/gradio_api%2ffile%3D/etc/passwd"),
    *("//gradio_api/file=/etc/passwd", "/gradio_api//file=/etc/passwd", "/GRADIO_API/file=/etc/passwd"),
    *("/gradio_api/FILE=/etc/passwd", "/gradio_api/./file=/etc/passwd", "/x/../gradio_api/file=/etc/passwd"),
    *("/%67radio_api/file=/etc/passwd", "/gradio_api/%66ile=/etc/passwd", "/gradio_api/file%253D/etc/passwd"),
    *("/gradio_api/file=http://127.0.0.1:1/", "/gradio_api/file=https://example.invalid", "/file=/etc/passwd"),
    *("/gradio_api/file/etc/passwd", "/gradio_api/proxy=https://example.invalid/", "/proxy=http://127.0.0.1/"),
    *("/gradio_api/upload", "/gradio_api/upload/", "/upload", "/gradio_api/upload_progress?upload_id=1"),
    *("/gradio_api/stream/a", "/gradio_api/stream/a/1/2/playlist.m3u8", "/gradio_api/component_server"),
    *("/gradio_api/custom_component/1/server/component/x", "/gradio_api/deep_link", "/monitoring", "/monitoring/x"),
    *("/monitoring/summary", "/gradio_api/vibe-edit", "/gradio_api/vibe-code/", "/gradio_api/dev/reload"),
    *("/gradio_api/process_recording", "/gradio_api/token", "/gradio_api/token/", "/login", "/login/", "/logout"),
    *("/gradio_api/user", "/gradio_api/login_check", "/gradio_api/app_id", "/gradio_api/openapi.json", "/openapi.json"),
    *("/svelte/x.js", "/pwa_icon", "/pwa_icon/192", "/gradio_api/runs", "/gradio_api/profiling/traces", "/docs"),
    *("/static/../routes.py", "/static/..%2froutes.py", "/assets/%2e%2e/%2e%2e/package.json", "/static/.hidden"),
    *("/assets//etc/passwd", "/assets/%00", "/static/a%0Ab", "/gradio_api/run/nothing", "/gradio_api/call/nothing/x"),
    *("/gradio_api/heartbeat/a/b", "/gradio_api/call/v2/ask", "/gradio_api/api/ask", "/config/", "/gradio_api/info/"),
    *("/gradio_api/queue/data/", "/gradio_api/mcp/sse", "/gradio_api/file=x?__theme=dark", "/%ff"),
]


def test_no_other_spelling_opens_a_shut_door(library: Path) -> None:
    """By real requests, spelt as they are: neither a client nor a path's tidying comes between."""
    with serve_desk(ready_desk(library)) as address:
        port = int(address.rpartition(":")[2])
        for form in FORMS:
            for method in ("GET", "POST", "HEAD", "PUT"):
                with socket.create_connection(("127.0.0.1", port), 30) as line:
                    head = f"{method} {form} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                    line.sendall(f"{head}Connection: close\r\n\r\n".encode())
                    got = b"".join(iter(lambda line=line: line.recv(65536), b""))  # type: ignore[misc]
                assert got.startswith(b"HTTP/1.1 404 "), (method, form, got[:300])
                assert method == "HEAD" or NOTHING.encode() in got, (method, form, got[:300])
    print(f"{len(FORMS)} forms × 4 methods: 404")


def test_what_gradio_stores_is_not_asked_for_by_a_query() -> None:
    """A "deep link" in the page's address reaches nothing."""
    echo = EchoApp()
    asyncio.run(send_request(GradioAllowlist(echo, {}), http_scope("/") | {"query_string": b"deep_link=x&page=y"}))
    assert echo.scopes[0]["query_string"] == b""


def test_a_failing_request_is_told_one_line(app: FastAPI, client: TestClient) -> None:
    """A sentence in a browser, JSON for a program; of Gradio's own failures too."""
    for method, path, body, status in [
        ("GET", "/nothing", None, 404),
        ("GET", "/desk/nothing.css", None, 404),
        ("POST", "/bulletins", {}, 404),
        ("POST", "/gradio_api/queue/join", {"data": 5, "fn_index": 0}, 422),
        ("POST", "/gradio_api/queue/join", {"data": []}, 404),
        ("POST", "/gradio_api/queue/join", {"data": [1, 2, 3], "fn_index": 0}, 400),
        ("POST", "/gradio_api/run/ask", {"data": ["x", 2, 3]}, 404),
        ("GET", "/gradio_api/queue/data", None, 422),
        ("GET", "/assets/nothing.js", None, 404),
    ]:
        for accept in ("text/html,*/*", "application/json"):
            got = client.request(method, path, json=body, headers={"Accept": accept})
            assert got.status_code == status, (method, path, got.text[:200])
            said = got.json()["detail"] if accept.startswith("app") else got.text
            assert not re.search(r"gradio|traceback|pydantic|fn_index|session|\.py|queue", said, re.I), (path, said)
            assert {name: got.headers.get(name) for name in HEADERS} == HEADERS


def test_what_the_page_has_no_function_for_is_refused(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither a number that the page lacks, nor one that only the browser runs, nor too few values reach Gradio, which
    would log a traceback of each."""
    functions = app.state.page.fns
    in_browser = [number for number, function in functions.items() if not function.fn]
    unqueued = [number for number, function in functions.items() if function.fn and not function.queue]
    assert in_browser
    unknown = [99, -1, "x", "6", 6.0, True, [6], {}, 10**30, *in_browser]
    for number in unknown:
        for path in ("run/predict", "run/look", "queue/join"):
            body = {"data": [None] * 3, "fn_index": number, "session_hash": "x"}
            got = client.post(f"/gradio_api/{path}", json=body)
            assert (got.status_code, got.json()) == (404, {"detail": NOTHING}), (path, number)
    for path, body in (
        ("run/predict", {"data": [], "fn_index": unqueued[0]}),
        ("run/look", {"data": []}),
        ("call/ask", {"data": []}),
        ("queue/join", {"data": ["kites"], "fn_index": 0, "session_hash": "x"}),
        ("queue/join", {"data": {}, "fn_index": 0, "session_hash": "x"}),
        ("queue/join", {"fn_index": 0, "session_hash": "x"}),
        ("queue/join", [0]),
    ):
        assert client.post(f"/gradio_api/{path}", json=body).status_code == 422, (path, body)
    for sent in (b"[" * 60_000, b"nothing", b"", b"\xff\xfe"):
        assert client.post("/gradio_api/queue/join", content=sent).status_code == 422, sent[:10]
    for path in ("run/predict", "run/look"):
        good = {"data": [None], "fn_index": unqueued[0], "session_hash": "x"}
        assert client.post(f"/gradio_api/{path}", json=good).status_code == 200
    assert client.post("/gradio_api/call/look", json={"data": []}).status_code == 200
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_an_unforeseen_failure_is_told_by_a_number(
    library: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader gets a number, the log the number and what happened; the headers are there all the same."""
    app = build_app(ready_desk(library))

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("secret detail")

    async def push(**call: object) -> None:
        raise ValueError("secret detail")

    monkeypatch.setattr(app.state.page._queue, "push", push)

    app.router.routes.insert(0, app.router.routes.pop())  # before Gradio
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/broken", "/gradio_api/queue/join"):
            if path == "/broken":
                got = client.get(path)
            else:  # Gradio's own
                got = client.post(path, json={"data": [1, 2, 3], "fn_index": 0, "session_hash": "x"})
            assert got.status_code == 500
            number = re.search(r"give the number (\w{8})\.", got.json()["detail"])
            assert number
            assert "secret" not in got.text
            assert number[1] in caplog.text
            assert got.headers["x-frame-options"] == "SAMEORIGIN"
            assert len(got.headers.get_list("content-security-policy")) == 1


def test_only_https_is_told_to_stay_so(library: Path) -> None:
    """Over plain HTTP the header means nothing, and on a test machine it would do harm."""
    app = build_app(ready_desk(library, proxies=["10.0.0.1"]))
    for client, secure in (("10.0.0.1", True), ("192.0.2.1", False)):
        got = asyncio.run(send_request(app, http_scope("/healthz", client=client, x_forwarded_proto="https")))
        assert ("strict-transport-security" in got.headers) is secure
