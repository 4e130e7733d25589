"""Connections go to the address that was checked, and never inside."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Any

import httpcore
import pytest

from rag import limits
from rag.errors import FetchFailed
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.transport import is_allowed
from tests.support.fetching import FORBIDDEN, SPRING, Network, client_of
from tests.support.site import Site


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_leads_inside_is_not_followed(address: str, network: Network) -> None:
    """A named host whose name leads to this machine, a private or a reserved network: nobody is connected to."""
    network.names["news.example.org"] = [address]
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed, match="isn't an address of the public internet"):
        client.fetch("http://news.example.org/a")
    assert network.connected == []


def test_the_address_that_was_checked_is_the_one_connected_to(network: Network) -> None:
    """The name isn't looked up a second time, so it can't lead elsewhere meanwhile; of several addresses the ones
    inside are left out."""
    network.names["news.example.org"] = ["10.0.0.1", "93.184.216.34", "127.0.0.1", "1.1.1.1"]
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed, match="nobody is there"):
        client.fetch("http://news.example.org/a")
    assert network.connected == [("93.184.216.34", 443), ("1.1.1.1", 443)]
    assert network.looked_up == ["news.example.org"]


def test_a_name_that_leads_elsewhere_a_moment_later_is_refused(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection is checked anew: a public address for robots.txt buys nothing for the page."""
    asked: list[str] = []

    def connect(_: object, host: str, *__: Any, **___: Any) -> httpcore.NetworkStream:
        asked.append(host)
        network.names["news.example.org"] = ["127.0.0.1"]
        return httpcore.MockStream([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    network.names["news.example.org"] = ["93.184.216.34"]
    client = Client(["news.example.org"], sleep=lambda _: None)
    with pytest.raises(FetchFailed, match=r"leads to 127\.0\.0\.1"):
        client.fetch("http://news.example.org/a")
    assert asked == ["93.184.216.34"]


def test_a_certificate_must_be_the_hosts_own(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the connection goes to an address, it is the host's name that the certificate is compared with."""
    seen: list[tuple[str | None, bool, ssl.VerifyMode]] = []

    class Stream(httpcore.MockStream):
        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            seen.append((server_hostname, ssl_context.check_hostname, ssl_context.verify_mode))
            raise httpcore.ConnectError("certificate verify failed")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_, **__: Stream([]))
    network.names["news.example.org"] = ["93.184.216.34"]
    with pytest.raises(FetchFailed, match="certificate verify failed"):
        Client(["news.example.org"]).fetch("https://news.example.org/a")
    assert seen == [("news.example.org", True, ssl.CERT_REQUIRED)]


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to addresses that nobody has checked."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client_of(site).fetch(site.url("/news/spring.html")).data == SPRING.body


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248::25c8", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    """Else nothing could be fetched."""
    assert is_allowed(address, "news.example.org")


def test_this_machine_is_asked_only_where_it_is_named() -> None:
    """By an address of its own or as localhost; never by a name that happens to lead here."""
    assert is_allowed("127.0.0.1", "localhost")
    assert is_allowed("::1", "localhost")
    assert is_allowed("127.0.0.1", "127.0.0.1")
    assert is_allowed("::1", "::1")
    assert not is_allowed("127.0.0.1", "localhost.example.org")
    assert not is_allowed("10.0.0.1", "localhost")
    assert not is_allowed("10.0.0.1", "10.0.0.1")
    assert not is_allowed("127.0.0.1", "2130706433")


def test_a_name_that_is_resolved_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver knows no time limit."""
    given_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [given_up.wait(60)][1:])
    monkeypatch.setattr(limits, "RESOLVE_SECONDS", 0.05)
    try:
        with pytest.raises(FetchFailed, match="took too long to answer"):
            Client(["news.example.org"]).fetch("https://news.example.org/a")
    finally:
        given_up.set()
