"""Whoever has an account changes its password."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from rag import settings
from rag.admin import accounts
from rag.library import audit_log
from rag.web.auth.access import COOKIE
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.accounts import PASSWORD, add_account, session_cookie
from tests.support.paths import ROOT

NEW = "nine boats on a green lake"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """One of the staff."""
    session = {COOKIE: session_cookie(tmp_path, "staff")}
    here = {"Sec-Fetch-Site": "same-origin"}
    app = build_app(Service(settings.load(library=tmp_path)))
    with TestClient(app, "http://127.0.0.1", cookies=session, headers=here, follow_redirects=False) as client:
        yield client


def change(client: TestClient, before: str, new: str, again: str | None = None) -> tuple[int, str]:
    fields = {"before": before, "password": new, "again": new if again is None else again}
    response = client.post("/staff/password", data=fields)
    return response.status_code, response.text


def test_the_new_password_holds_and_all_sessions_end(client: TestClient, tmp_path: Path) -> None:
    """The form's own too; the log has it, without either."""
    assert "at least 15 characters" in client.get("/staff/password").text
    assert change(client, PASSWORD, NEW)[0] == 303
    assert client.get("/staff/password").status_code == 403
    assert accounts.authenticate(tmp_path, "stefan", NEW)
    assert accounts.authenticate(tmp_path, "stefan", PASSWORD) is None
    told = audit_log.read(tmp_path)[0]
    assert (told.who, told.what) == ("stefan", "change own password")
    assert NEW not in (tmp_path / "log" / "audit.jsonl").read_text()


@pytest.mark.parametrize(
    ("before", "new", "again", "status", "line"),
    [
        ("wrong", NEW, NEW, 409, "This is not the account’s password."),
        (PASSWORD, NEW, "other", 409, "typed in two ways"),
        (PASSWORD, "short", "short", 409, "has 5 characters"),
        (PASSWORD, "stefan and his boat", "stefan and his boat", 409, "easily guessed"),
        (PASSWORD, "", "", 409, "has 0 characters"),
    ],
)
def test_what_can_not_be_is_said(
    client: TestClient, tmp_path: Path, before: str, new: str, again: str, status: int, line: str
) -> None:
    """And the password of before holds."""
    code, page = change(client, before, new, again)
    assert code == status
    assert line in page
    assert before not in page
    assert accounts.authenticate(tmp_path, "stefan", PASSWORD)


@pytest.mark.process
def test_a_server_without_accounts_says_how_to_make_one(tmp_path: Path) -> None:
    """In its log, at its start, on a line of its own; the pages behind the door don't exist then."""
    command = [sys.executable, "app.py", "--port", "0", "--library", str(tmp_path / "none"), "--seeds", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stderr
        address = server.stdout.readline().split()[-1]
        assert httpx.get(f"{address}/operator", timeout=60).status_code == 404
        server.terminate()
        log = server.stderr.read()
    assert "python -m rag account add NAME --role operator" in log


def test_a_session_alone_does_not_let_one_guess(client: TestClient, tmp_path: Path) -> None:
    """Ten tries, as at the door."""
    assert [change(client, f"wrong {n}", NEW)[0] for n in range(10)] == [409] * 10
    assert change(client, PASSWORD, NEW)[0] == 429
    add_account(tmp_path)
    assert accounts.authenticate(tmp_path, "stefan", PASSWORD)
