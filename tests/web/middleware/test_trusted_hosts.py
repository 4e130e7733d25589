"""Under which names the desk answers, and whose pages may call it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag import limits
from rag.errors import SettingInvalid
from rag.web.middleware.trusted_hosts import TrustedHosts, parse_origins
from rag.web.server import build_app
from tests.support.asgi import EchoApp, http_scope, send_request
from tests.support.desks import ready_desk

NAMES = ("desk.example", "*.office.example", "0.0.0.0")


def status(method: str = "GET", **headers: str) -> int:
    app = TrustedHosts(EchoApp(), NAMES, parse_origins(["https://Partner.example/"]))
    return asyncio.run(send_request(app, http_scope(method=method, **headers))).status


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:7860", "127.0.0.1", "127.3.2.1:80", "[::1]:7860", socket.gethostname()),
        *("desk.example", "Desk.Example.", "desk.example:8443", "a.office.example", "a.b.office.example:80"),
    ],
)
def test_the_desk_answers_under_its_own_names(host: str) -> None:
    """Those of this machine, and those of the settings."""
    assert status(host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "desk.example.evil.example", "evildesk.example", "office.example", "xoffice.example"),
        *("", "0.0.0.0", "192.0.2.7", "[2001:db8::1]", "127.0.0.1.evil.example", "localhost.evil.example"),
        *("desk.example@evil.example", "desk.example/", "evil.example:80:80", " ", "\xe4", "2130706433"),
        "*.office.example",
    ],
)
def test_under_another_name_there_is_one_line(host: str, caplog: pytest.LogCaptureFixture) -> None:
    """It names the setting; the log says it too, once a name."""
    app = TrustedHosts(EchoApp(), NAMES)
    for _ in range(3):
        got = asyncio.run(send_request(app, http_scope(host=host)))
        assert got.status == 400
        assert "RAG_NAMES" in got.detail
    assert len(caplog.records) == 1


def test_the_log_of_names_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Anybody can make up names."""
    app = TrustedHosts(EchoApp())
    for number in range(limits.MAX_LOGGED_HOSTS * 3):
        asyncio.run(send_request(app, http_scope(host=f"n{number}.example")))
    assert len(caplog.records) == limits.MAX_LOGGED_HOSTS


def test_the_address_of_the_connection_is_a_name() -> None:
    """An address can't be pointed elsewhere, but another machine's is none of the desk's."""
    app = TrustedHosts(EchoApp())
    scope = http_scope(host="192.0.2.7:7860") | {"server": ("192.0.2.7", 7860)}
    assert asyncio.run(send_request(app, scope)).status == 200


def test_what_a_front_server_was_asked_for_must_be_a_name_too() -> None:
    """Gradio builds addresses from it."""
    assert status(host="desk.example", x_forwarded_host="a.office.example") == 200
    assert status(host="desk.example", x_forwarded_host="evil.example") == 400


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),  # no page at all: a program
        ({"origin": "http://desk.example"}, 200),
        ({"origin": "http://desk.example:80"}, 200),
        ({"origin": "https://partner.example"}, 200),
        ({"origin": "https://partner.example", "sec_fetch_site": "cross-site"}, 200),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, 200),  # a form of a page without referrer
        ({"origin": "https://a.office.example", "sec_fetch_site": "same-origin"}, 200),  # behind a front server
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://partner.example"}, 403),  # allowed by https alone
        ({"origin": "http://desk.example.evil.example"}, 403),
        ({"origin": "http://desk.example:8080"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "desk.example"}, 403),
        ({"origin": "http://desk.example", "sec_fetch_site": "cross-site"}, 403),
        ({"origin": "http://evil.example", "sec_fetch_site": "same-origin"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
    ],
)
def test_a_page_of_another_site_changes_nothing(headers: dict[str, str], expected: int) -> None:
    """Whatever isn't only read must come from the desk's own page, an allowed one, or a program; reading is free."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert status(method, host="desk.example", **headers) == expected
    assert status(host="desk.example", **headers) == 200


@pytest.mark.parametrize("origin", ["*", "https://*.example", "null", "partner.example", "https://", "https://a/b"])
def test_an_origin_that_is_none_is_told(origin: str, library: Path) -> None:
    """With the setting's name; above all one that would allow everybody."""
    with pytest.raises(SettingInvalid, match="RAG_ORIGINS"):
        build_app(ready_desk(library, origins=[origin]))


def test_a_program_without_a_name_is_answered() -> None:
    """As front servers' probes are."""
    scope = http_scope()
    scope["headers"] = []
    assert asyncio.run(send_request(TrustedHosts(EchoApp()), scope)).status == 200


def test_no_origin_is_told_that_it_may_read_but_those_allowed(library: Path) -> None:
    """Of the whole desk: by page, call, preflight, and a refusal."""
    desk = ready_desk(library, origins=["https://partner.example"])
    with TestClient(build_app(desk)) as client:
        for origin in ("https://evil.example", "null", "http://testserver.evil.example", "https://partner.example"):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            asked_for = [("GET", path) for path in ("/", "/config", "/gradio_api/info", "/bulletins", "/no")]
            asked_for += [("OPTIONS", "/gradio_api/queue/join"), ("POST", "/gradio_api/queue/join")]
            for method, path in asked_for:
                got = client.request(method, path, headers=headers)
                allowed = got.headers.get("access-control-allow-origin")
                assert allowed == (origin if origin == "https://partner.example" else None), (method, path, origin)
                assert "access-control-allow-credentials" not in got.headers
