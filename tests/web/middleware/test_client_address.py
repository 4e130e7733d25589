"""Where a request comes from: only a front server that is named in the settings is believed."""

from __future__ import annotations

import asyncio
import json
import urllib.request

import pytest
from starlette.types import Receive, Scope, Send

from rag.errors import SettingInvalid
from rag.web.middleware.client_address import ClientAddress, address_key, parse_networks
from tests.support.asgi import EchoApp, http_scope, send_request, serve_asgi

PROXIES = ("10.0.0.0/8", "2001:db8:1::5", "127.0.0.1")


def seen(client: str, proxies: tuple[str, ...] = PROXIES, **headers: str) -> Scope:
    echo = EchoApp()
    asyncio.run(send_request(ClientAddress(echo, parse_networks(proxies)), http_scope(client=client, **headers)))
    return echo.scopes[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not a proxy: whatever it says
        ("192.0.2.1", "", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the left one anybody may have written
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1::5", "2001:db8::7", "2001:db8::7"),
        ("2001:db8:1::6", "2001:db8::7", "2001:db8:1::6"),
    ],
)
def test_the_address_is_the_one_that_a_known_front_server_saw(peer: str, forwarded: str, client: str) -> None:
    """The right-most that isn't a front server's own."""
    headers = {"x_forwarded_for": forwarded} if forwarded else {}
    assert seen(peer, **headers)["client"] == (client, 5)


def test_the_scheme_is_believed_of_a_front_server_alone() -> None:
    """So that its cookies are Secure; one that says something else is not believed either."""
    assert seen("10.0.0.1", x_forwarded_proto="https")["scheme"] == "https"
    assert seen("10.0.0.1", x_forwarded_proto="gopher")["scheme"] == "http"
    assert seen("192.0.2.1", x_forwarded_proto="https")["scheme"] == "http"


def test_what_others_say_of_it_reaches_nobody() -> None:
    """Gradio would build its addresses from some of these."""
    said = {"x_forwarded_host": "evil.example", "forwarded": "for=1.2.3.4", "x_gradio_server": "http://evil.example"}
    assert [name for name, _ in seen("192.0.2.1", accept="*/*", **said)["headers"]] == [b"host", b"accept"]
    assert len(seen("10.0.0.1", **said)["headers"]) == 4


def test_a_front_server_that_was_forgotten_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """Once, and only of one on this machine: what others say isn't worth a line, and no reader's address is logged."""
    app = ClientAddress(EchoApp(), parse_networks(["10.0.0.1"]))
    for client in ("192.0.2.1", "127.0.0.1", "127.0.0.1"):
        asyncio.run(send_request(app, http_scope(client=client, x_forwarded_for="198.51.100.7")))
    assert [record.getMessage().count("RAG_PROXIES") for record in caplog.records] == [1]
    assert "198.51.100.7" not in caplog.text


def test_a_network_of_ipv6_is_one_sender() -> None:
    """Who has one address of it has them all; a mapped address is the one of IPv4."""
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert address_key("2001:db8:1:3::") != address_key("2001:db8:1:2::")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1") == "192.0.2.1"
    assert address_key("testclient") == "testclient"


def test_a_proxy_that_is_no_address_is_told() -> None:
    """With the setting's name."""
    with pytest.raises(SettingInvalid, match="RAG_PROXIES"):
        parse_networks(["proxy.example"])


@pytest.mark.parametrize(("proxies", "client"), [((), "127.0.0.1"), (("127.0.0.1",), "198.51.100.7")])
def test_the_server_itself_believes_no_header(proxies: tuple[str, ...], client: str) -> None:
    """By default uvicorn believes whatever comes from this machine."""

    async def says(scope: Scope, receive: Receive, send: Send) -> None:
        body = json.dumps([scope["client"][0], scope["scheme"]]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with serve_asgi(ClientAddress(says, parse_networks(proxies))) as port:
        headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}", headers=headers)) as got:
            assert json.load(got) == [client, "https" if proxies else "http"]
