"""Pages of other sites that would have the desk do something in the name of whoever is signed in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Route

from rag.library import audit_log
from rag.web.route_audit import AuditedRoute, fill_path, list_routes
from rag.web.server import build_app
from tests.attacks.hostile import desk_of
from tests.attacks.raw import FORM, Raw, head, status
from tests.attacks.signing import account
from tests.faults.outcome import Outcome, failures
from tests.support.browser import launch_chromium, serve_desk

FAULT = "pages of other sites that send forms and calls to the desk, with the cookie of one who is signed in"
DUTY = "nothing is done, and no answer may be read by them"

_EVIL = "http://evil.example"
_FIELDS = {
    "name": "mallory",
    "role": "operator",
    "password": "nine kites rose over a lake",
    "reason": "evil",
    "line": "evil",
    "words": "evil",
    "question": "evil",
    "verdict": "helpful",
    "draft": "\u201cevil\u201d",
    "id": "1",
    "generation": "1",
}


def run(folder: Path) -> Outcome:
    """Every way into the desk that isn't only read, from each kind of stranger; then a real page in Chromium."""
    hostile = desk_of(folder / "home", ["kites"])
    root = hostile.desk.settings.library
    name = account(root)
    app = build_app(hostile.desk)
    every = [way for way in list_routes(app, app.state.page) if way.method not in ("GET", "HEAD")]
    problems: list[str] = []
    tried = 0
    with serve_desk(hostile.desk) as address:
        server = Raw(address)
        server.sign_in(name)
        before = _state(root)
        for way in every:
            for what, headers in _strangers(server):
                tried += 1
                problems += _sent(server, way, what, headers)
        for path in ("/", "/config", "/operator", "/staff", "/check", "/gradio_api/info", "/bulletins", "/readyz"):
            for method in ("GET", "OPTIONS"):
                tried += 1
                said = server.ask(method, path, Origin=_EVIL, Access_Control_Request_Method="POST")
                problems += _read(method, path, said)
        with launch_chromium() as browser:
            count, shown = _pages(browser, server, every, name)
        tried += count
        problems += shown
        if changed := sorted(path for path, was in _state(root).items() if before.get(path) != was):
            problems.append(f"{changed} was changed")
        own = server.ask("POST", "/operator/save", urlencode({"question": "How many kites?"}).encode(), FORM)
        if status(own) != 303:
            problems.append(f"the desk's own form was answered with {status(own)}")
    paths = len({(way.method, way.path) for way in every})
    kinds = len(list(_strangers(server)))
    what = f"{paths} ways in that do something, each from {kinds} kinds of strangers, and forms and calls of another "
    what += "site's page in Chromium: nothing done, no answer readable"
    if problems:
        what = f"{paths} ways in: {len(problems)} did something, or could be read"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _strangers(server: Raw) -> Iterator[tuple[str, dict[str, str]]]:
    """What a browser says of a page that isn't the desk's; scripts of that page can't change it."""
    host, port = server.host.split(":")
    yield "another site", {"Origin": _EVIL}
    yield "another site, by the browser's word", {"Origin": _EVIL, "Sec-Fetch-Site": "cross-site"}
    yield "another site that hides itself", {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    yield "a sandboxed frame", {"Origin": "null"}
    yield "a neighbour", {"Origin": f"http://other.{host}:{port}", "Sec-Fetch-Site": "same-site"}
    yield "another port", {"Origin": f"http://{host}:{int(port) + 1}"}
    yield "a name that begins alike", {"Origin": f"http://{host}.evil.example"}
    yield "a name with the desk's as a user", {"Origin": f"http://{host}@evil.example"}
    yield "another name of this machine", {"Origin": f"http://localhost.evil.example:{port}"}
    yield "a name for this machine that is a stranger's", {"Origin": f"{_EVIL}:{port}", "Host": f"evil.example:{port}"}


def _sent(server: Raw, way: AuditedRoute, what: str, headers: dict[str, str]) -> Iterator[str]:
    path = fill_path(way.path)
    body, kind = urlencode(_FIELDS).encode(), FORM
    if way.path.startswith("/gradio_api"):
        call = {"data": ["kites", None, None], "fn_index": way.function, "session_hash": "evil"}
        body, kind = json.dumps(call).encode(), "text/plain"  # what a browser sends without asking first
    told = {name.replace("-", "_"): value for name, value in headers.items()}
    said = server.ask(way.method, path, body, kind, **told)
    if status(said) not in (400, 403, 404, 405, 413):
        yield f"{way.method} {path} from {what} was answered with {status(said)}"
    yield from _read(way.method, path, said)


def _read(method: str, path: str, said: bytes) -> Iterator[str]:
    """Where the browser would let the page read the answer."""
    allowed = head(said).get("access-control-allow-origin")
    if allowed:
        yield f"{method} {path} lets {allowed} read the answer"


def _pages(browser: Browser, server: Raw, every: list[AuditedRoute], name: str) -> tuple[int, list[str]]:
    """A page of another site sends a form to each way in, and calls it with the reader's cookies."""
    context = browser.new_context()
    cookie, _, value = server.cookie.partition("=")
    context.add_cookies([{"name": cookie, "value": value, "url": server.address, "httpOnly": True, "sameSite": "Lax"}])
    problems: list[str] = []
    paths = sorted({fill_path(way.path) for way in every if way.method == "POST"})
    page = context.new_page()

    def stranger(route: Route) -> None:
        route.fulfill(body="<title>Stranger</title><form method=post></form>", content_type="text/html")

    page.route(f"{_EVIL}/**", stranger)
    for path in paths:
        page.goto(f"{_EVIL}/page")
        script = """async ([to, fields]) => {
          try {
            const got = await fetch(to, {method: "POST", credentials: "include", body: new URLSearchParams(fields)});
            return `${got.status}`;
          } catch { return "" }
        }"""
        if said := page.evaluate(script, [f"{server.address}{path}", _FIELDS]):
            problems.append(f"a page of another site read the answer of {path}: {said}")
    for path in [path for path in paths if path.startswith(("/operator", "/staff", "/sign-out"))]:
        page.goto(f"{_EVIL}/page")
        script = """([to, fields]) => {
          const form = document.querySelector("form");
          form.action = to;
          for (const [name, value] of Object.entries(fields)) {
            form.append(Object.assign(document.createElement("input"), {name, value}));
          }
          form.submit();
        }"""
        with page.expect_navigation() as moved:
            page.evaluate(script, [f"{server.address}{path}", _FIELDS])
        got = moved.value
        if got is None or got.status not in (403, 404, 405):
            problems.append(f"a form of another site at {path} was answered with {got and got.status}")
    context.close()
    return len(paths), problems


def _state(root: Path) -> dict[str, str]:
    """The library's files, but for what is noted of questions and tries."""
    assert not audit_log.integrity_errors(root)
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"]
    kept = [path for path in files if path.name not in ("tries.json",) and "unanswered" not in path.name]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
