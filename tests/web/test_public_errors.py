"""What the public is told where something is wrong: a line, and neither a path nor anything of the inside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.errors import LibraryDamaged
from rag.library.reader import Library
from rag.web.route_audit import fill_path, list_routes
from rag.web.server import build_app
from rag.web.service import Stage
from tests.support.desks import QUESTION, ready_desk

_INSIDE = re.compile(r"Traceback|File \"|site-packages|\.py\b|Error\b|0x[0-9a-f]{6}")


def test_no_public_page_tells_where_things_lie(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of a library whose every file was damaged after it was opened: each public way, with what it takes filled in."""
    desk = ready_desk(library)
    app = build_app(desk)
    opened = Library.open(library)
    digests = [bulletin.sha256 for bulletin in opened.bulletins]
    ways = [way for way in list_routes(app, app.state.page) if way.required_role == "anybody"]
    statuses = set()
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        asked = client.post("/gradio_api/call/ask", json={"data": [QUESTION]}).json()["event_id"]
        client.get(f"/gradio_api/call/ask/{asked}")
        key = next(iter(desk.answers._entries))
        for path in library.rglob("*"):
            if path.is_file() and path.suffix != ".lock":
                path.unlink()  # what is mapped into memory stays as it was
                path.write_bytes(b"damaged")
        for way in ways:
            if "heartbeat" in way.path or "queue/data" in way.path:
                continue  # they go on for ever
            values = {"sha256": digests[0], "other": digests[1], "key": key, "identity": "0" * 64, "kind": "csv"}
            for address in (f"{digests[0]}/0-20", f"{digests[0]}/0-20.txt"):
                path = fill_path(way.path, **values, address=address)
                body = {"json": {"data": [None] * 4, "fn_index": way.function, "session_hash": "x"}}
                form = {"data": {"draft": f"“{QUESTION}”", "sha256": digests[0], "start": "0", "end": "9"}}
                got = client.request(
                    way.method, path, **(body if "gradio" in path else form if way.method == "POST" else {})
                )
                statuses.add(got.status_code)
                assert str(library.parent) not in got.text, (way.path, got.text)
                if got.status_code >= 400:
                    assert not _INSIDE.search(got.text), (way.path, got.text)
        again = client.post("/gradio_api/call/ask", json={"data": [QUESTION]}).json()["event_id"]
        said = client.get(f"/gradio_api/call/ask/{again}").text
        shown = client.get(f"/bulletin/{digests[0]}").text
    assert 500 in statuses
    for told in (said, shown):
        number = re.search(r"give the number (\w{8})", told)
        assert number
        assert str(library.parent) not in told
        line = next(line for line in caplog.messages if number[1] in line)
        assert str(library.parent) in line


def test_where_the_desk_can_not_get_ready_only_the_log_has_the_place(
    library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The stage and the notices stand on the page and in /readyz; what is called a place there goes by its name."""
    desk = ready_desk(library)
    error = LibraryDamaged(
        "is damaged", where=library / "texts" / "a b.txt", remedy=f"See {library}/log and /etc/rag/x"
    )
    desk.set_stage(Stage("failed", str(error)))
    desk.set_notices((str(error), "Not read: kites.txt. It is empty"))
    line = "texts/a b.txt: is damaged. See log and x"
    assert desk.state.stage.line == line
    assert desk.state.notices == (line, "Not read: kites.txt. It is empty")
    assert caplog.messages == [str(error)]
    with TestClient(build_app(desk)) as client:
        assert client.get("/readyz").json()["detail"] == line
        assert str(library.parent) not in client.get("/config").text
