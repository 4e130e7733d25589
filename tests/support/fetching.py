"""What tests of fetching share: hosts and addresses that must not be reached, and a client of a served site."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpcore
import pytest

from rag.ingest.fetch.client import Client
from tests.support.site import Answer, Handler, Site, bulletin

ROBOTS = Answer(b"User-agent: *\nDisallow: /private/\n", type="text/plain")
SPRING = bulletin("Spring in Haidian")


def client_of(site: Site, *others: str) -> Client:
    return Client((site.host, *others), clock=site.clock, sleep=site.clock.sleep)


OUTSIDE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1.nip.example/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1%25eth0]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://metadata.internal/",
    "http://news.example.org.evil.example/",
    "http://evil.example/news.example.org",
    "http://evil.example#news.example.org",
    "http://evil.example?news.example.org",
    "http://news.example.org@evil.example/",
    "http://evil.example\\@news.example.org/",
    "http://news.example.org\\@evil.example/",
    "http://user:secret@news.example.org/",
    "http://news.example.org:22/",
    "http://news.example.org:8443/",
    "https://news.example.org:80/",
    "http://news.example.org./",
    "http://news.example.org%00.evil.example/",
    "http://news.example.org\r\nHost: evil.example/",
    "http://news.exa\u2024mple.org/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "http://\u24db\u24de\u24d2al\u24d7\u24de\u24e2\u24e3/",
    "http:///news",
    "http:news.example.org",
    "//news.example.org/",
    "news.example.org/",
    "file:///etc/passwd",
    "ftp://news.example.org/",
    "gopher://news.example.org/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "unix:///run/docker.sock",
    "http://[::1/",
    "http://[::1]evil.example/",
    "http://news.example.org:port/",
    "http://999.1.1.1/",
    "http://" + "a" * 3_000 + ".example/",
    "http://news.example.org/" + "a" * 3_000,
    "",
]


class Network:
    """Names lead where a test says; who connects is noted and finds nobody there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[str]] = {}
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)
        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", self._connect)

    def _look_up(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.looked_up.append(host)
        if host not in self.names:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.names[host]]

    def _connect(self, host: str, port: int, *rest: Any, **__: Any) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        raise httpcore.ConnectError("nobody is there")


FORBIDDEN = (
    "127.0.0.1 127.8.8.8 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 0.0.0.0 0.1.2.3 :: 10.0.0.1 10.255.255.255 172.16.0.1"
    " 172.31.255.255 192.168.0.1 169.254.169.254 ::ffff:169.254.169.254 100.64.0.1 192.0.0.1 192.0.0.170 192.0.2.1"
    " 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 ::ffff:10.0.0.1"
    " ::7f00:1 64:ff9b::7f00:1 64:ff9b::0a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::"
    " 3fff::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 5f00::1 not-an-address"
).split()


def silent(handler: Handler) -> None:
    time.sleep(5)
