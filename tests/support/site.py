"""A web site served on this machine, which notes what it is asked and when, and a clock that nobody waits for."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = "text/html; charset=utf-8"


class Clock:
    """Time passes only while somebody sleeps; ``slept`` is how long each time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address is answered with; asked for with this ``etag`` or ``last_modified``, with 304."""

    body: bytes = b""
    status: int = 200
    type: str = HTML
    etag: str = ""
    last_modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in, with the status it got."""

    path: str
    headers: Mapping[str, str]
    at: float
    status: int


Page = Answer | Callable[["Handler"], None]


class Site:
    """``pages`` by path; one that is a function writes its answer itself, and where there is none the answer is 404."""

    def __init__(self, pages: Mapping[str, Page], clock: Clock, port: int) -> None:
        self.pages = dict(pages)
        self.clock = clock
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.asked: list[Asked] = []

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def statuses(self, start: int = 0) -> dict[str, int]:
        """Of the requests from the ``start``-th on, robots.txt aside; each address is there once."""
        asked = [one for one in self.asked[start:] if one.path != "/robots.txt"]
        assert len({one.path for one in asked}) == len(asked), asked
        return {one.path: one.status for one in asked}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        page = self.site.pages.get(self.path, Answer(b"not here", 404))
        if callable(page):
            self.note(200)
            page(self)
            self.close_connection = True
            return
        known = (page.etag, self.headers["If-None-Match"]), (page.last_modified, self.headers["If-Modified-Since"])
        unchanged = page.status == 200 and any(mine and mine == theirs for mine, theirs in known)
        status = 304 if unchanged else page.status
        body = b"" if unchanged else page.body
        self.note(status)
        self.send_response(status)
        own = {"Content-Type": page.type, "ETag": page.etag, "Last-Modified": page.last_modified}
        for name, value in {**own, "Content-Length": str(len(body)), **page.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def note(self, status: int) -> None:
        self.site.asked.append(Asked(self.path, dict(self.headers), self.site.clock(), status))

    def log_message(self, *arguments: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A reader that has enough of an endless page leaves.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serve(pages: Mapping[str, Page], clock: Clock | None = None) -> Iterator[Site]:
    class OfThisSite(Handler):
        pass

    server = _Server(("127.0.0.1", 0), OfThisSite)
    OfThisSite.site = site = Site(pages, clock or Clock(), server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": to})


def bulletin(title: str, *paragraphs: str, **answer: Any) -> Answer:
    """A page that states title and date like the office's, with an ETag of its contents."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (f"{title} was celebrated on May 3.",))
    page = (
        f'<!DOCTYPE html><html><head><meta name="ArticleTitle" content="{title}">'
        f'<meta name="PubDate" content="2024-05-10"><title>{title}</title></head><body>'
        f"<nav><a href='/'>Home</a></nav><h1>{title}</h1>{body}</body></html>"
    )
    return Answer(page.encode(), etag=f'"{hash(page):x}"', **answer)


def listing(*links: str, more: str = "") -> Answer:
    """A page that links to these addresses; ``more`` is HTML below them."""
    items = "".join(f'<li><a href="{link}">Bulletin {link}</a></li>' for link in links)
    return Answer(f"<html><body><h1>News in Districts</h1><ul>{items}</ul>{more}</body></html>".encode())
