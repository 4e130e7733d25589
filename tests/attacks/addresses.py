"""Addresses of inside, in every form, put before what fetches pages: alone, behind a redirect, on a listing, as what a
name leads to, and as what it leads to a moment later.  Nothing is sent: names and connections are stand-ins."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpcore

from rag.errors import RagError
from rag.ingest.fetch.add import add
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync
from tests.faults.outcome import Outcome, failures
from tests.support.fetching import FORBIDDEN, OUTSIDE

FAULT = "addresses of this machine, of private networks and of other hosts, put before what fetches pages"
DUTY = "only named hosts at public addresses are connected to, whatever leads there"

NAMED = "news.example.org"
PUBLIC = "93.184.216.34"
_MORE = (
    "http://127.1.1.1/",
    "http://127.0.0.1:80/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0000.0000.0001/",
    "http://017700000001/",
    "http://127.0.1/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://169.254.169.254.:80/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://127\u30020\u30020\u30021/",
    "http://127\uff0e0\uff0e0\uff0e1/",
    "http://\u2460\u2461\u2466.0.0.1/",
    "http://news.example.org:80@127.0.0.1/",
    "http://127.0.0.1#@news.example.org/",
    "http://news.example.org%2f@127.0.0.1/",
    "http://news.example.org%23.127.0.0.1/",
    "http://localhost%00.news.example.org/",
    "http://news.example.org:00022/",
    "http://news.example.org:65616/",
    "dict://news.example.org:11211/stat",
    "ldap://news.example.org/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "jar:http://news.example.org!/",
    "ws://news.example.org/",
    "http+unix://%2Frun%2Fdocker.sock/info",
    "file://news.example.org/etc/passwd",
    "file:/etc/passwd",
    "HTTP://LOCALHOST/",
    "http:/\\127.0.0.1/",
    "http://\t127.0.0.1/",
    "http://news.example.org\u3002evil.example/",
    "http://xn--news-.example.org/",
    "\\\\127.0.0.1\\share\\x.txt",
)
_PAGE = b"<!DOCTYPE html><title>Kites</title><p>Forty kites rose over the lake on May 2.</p>"


class _Net:
    """Names lead where ``names`` says, one answer after another; who connects is noted, and is answered by ``site``."""

    def __init__(self, names: Mapping[str, list[list[str]]], site: Callable[[str], bytes]) -> None:
        self._names = {host: list(answers) for host, answers in names.items()}
        self._site = site
        self.connected: list[tuple[str, int]] = []

    def look_up(self, host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        answers = self._names.get(host)
        if not answers:
            raise socket.gaierror(-2, "Name or service not known")
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in now]

    def connect(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        return _Stream(self._site)

    def wrong(self) -> list[tuple[str, int]]:
        """Connections to anything but the public address of the named host."""
        return [one for one in self.connected if one not in ((PUBLIC, 80), (PUBLIC, 443))]


class _Stream(httpcore.NetworkStream):
    """Answers a request by its path."""

    def __init__(self, site: Callable[[str], bytes]) -> None:
        self._site = site
        self._asked = b""
        self._answer = b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._asked += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._asked:
            self._answer, self._asked = self._site(self._asked.split(b" ")[1].decode("ascii", "replace")), b""
        piece, self._answer = self._answer[:max_bytes], self._answer[max_bytes:]
        return piece

    def close(self) -> None:
        pass

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


def run(folder: Path) -> Outcome:
    """Each address by each way."""
    seeds = folder / "seeds"
    seeds.mkdir()
    forms = list(dict.fromkeys([*OUTSIDE, *_MORE]))
    problems: list[str] = []
    tried = right = 0
    for what, names, site, act in _tries(seeds, forms):
        tried += 1
        net = _Net(names, site)
        with (
            patch.object(socket, "getaddrinfo", net.look_up),
            patch.object(httpcore.SyncBackend, "connect_tcp", net.connect),
            patch.object(socket, "create_connection", _refuse),
        ):
            try:
                act()
            except RagError:
                pass
            except Exception as error:  # noqa: BLE001
                problems.append(f"{what} raised {error!r}")
        right += len(net.connected) - len(net.wrong())
        problems += [f"{what} connected to {one}" for one in net.wrong()]
    if found := sorted(path.name for path in seeds.iterdir() if not path.name.startswith(".")):
        problems.append(f"saved were {found}")
    how = f"{len(forms)} forms of addresses and {len(FORBIDDEN)} networks, alone, behind redirects, on listings"
    what = (
        f"{how}, by names, and by names that lead elsewhere a moment later: 0 connections to them, "
        f"{right:,} to the named host that led there"
    )
    if problems:
        what = f"{how}: {len(problems)} were followed"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


_Try = tuple[str, Mapping[str, list[list[str]]], Callable[[str], bytes], Callable[[], object]]


def _tries(seeds: Path, forms: list[str]) -> Iterator[_Try]:
    """What is tried: where names lead, what the site answers, and the call."""
    public = {NAMED: [[PUBLIC]]}
    inside = {**public, "localhost": [["127.0.0.1"]], "metadata.google.internal": [["169.254.169.254"]]}

    def adding(url: str) -> Callable[[], object]:
        return lambda: _added(seeds, url)

    def syncing(url: str) -> Callable[[], object]:
        return lambda: sync(url, seeds, _client())

    for form in forms:
        yield f"add {form[:80]!r}", inside, _gone, adding(form)
        yield f"sync {form[:80]!r}", inside, _gone, syncing(form)
        for scheme in ("http", "https"):
            to = _redirects(form)
            yield f"add a redirect to {form[:80]!r}", inside, to, adding(f"{scheme}://{NAMED}/news/a.html")
        yield f"robots.txt redirects to {form[:80]!r}", inside, _redirects(form, "/"), adding(f"http://{NAMED}/a.html")
        yield f"sync a redirect to {form[:80]!r}", inside, _redirects(form), syncing(f"http://{NAMED}/news/")
        yield f"a listing links to {form[:80]!r}", inside, _listing(form), syncing(f"http://{NAMED}/news/")
    for address in FORBIDDEN:
        yield f"a name for {address}", {NAMED: [[address]]}, _gone, adding(f"http://{NAMED}/a.html")
        both = {NAMED: [[PUBLIC], [address]]}
        yield f"a name for {address} a moment later", both, _serving, adding(f"http://{NAMED}/a.html")
        mixed = {NAMED: [[address, address]], "other.example": [[address]]}
        yield f"sync a name for {address}", mixed, _gone, syncing(f"http://{NAMED}/news/")


def _client() -> Client:
    return Client((NAMED,), sleep=lambda _: None)


def _added(seeds: Path, url: str) -> None:
    with patch("rag.ingest.fetch.add.Client", lambda _: _client()):
        # What has no scheme would be a file's path.
        done = add([url], seeds, (NAMED,)) if "://" in url else None
    if done and done.files:
        raise AssertionError(f"{done.files} was added")


def _answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    told = [f"{key}: {value}" for key, value in headers.items()]
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *told, "", ""]
    return "\r\n".join(lines).encode("utf-8", "replace") + body


def _gone(path: str) -> bytes:
    return _answer("404 Not Found")


def _serving(path: str) -> bytes:
    """Only what the first connection asks for: robots.txt."""
    return _answer("200 OK", b"User-agent: *\nAllow: /\n", **{"Content-Type": "text/plain"})


def _redirects(to: str, frm: str = "/news/") -> Callable[[str], bytes]:
    def site(path: str) -> bytes:
        plain = to.replace("\r", "").replace("\n", "")
        return _answer("302 Found", Location=plain) if path.startswith(frm) else _gone(path)

    return site


def _listing(to: str) -> Callable[[str], bytes]:
    page = f'<base href="http://{NAMED}/news/"><main><a href="{to.replace(chr(34), "")}">Kites over the lake</a></main>'

    def site(path: str) -> bytes:
        if path != "/news/":
            return _gone(path)
        return _answer("200 OK", page.encode("utf-8", "replace"), **{"Content-Type": "text/html; charset=utf-8"})

    return site


def _refuse(*_: Any, **__: Any) -> socket.socket:
    raise AssertionError("another connection was tried")
