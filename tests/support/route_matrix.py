"""Every way into the desk, tried by everybody.

``python -m tests.support.route_matrix`` prints what each met; ``--save`` writes it into docs/security.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import httpx

from rag import settings
from rag.library.reader import Library
from rag.web.auth.access import COOKIE
from rag.web.route_audit import AuditedRoute, fill_path, list_routes
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.accounts import session_cookie
from tests.support.browser import serve_desk
from tests.support.paths import ROOT
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

PAGE = ROOT / "docs" / "security.md"
WHO = ("nobody", "staff", "operator", "another origin", "expired", "forged")
EVIL = "https://evil.example"
_FROM, _TO = "<!-- matrix -->\n", "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Met:
    """``statuses`` are those of ``WHO``; ``holes`` say what ought not to be."""

    way: AuditedRoute
    statuses: tuple[int, ...]
    holes: tuple[str, ...]


def tried(folder: Path) -> list[Met]:
    """Each way, with what everybody met there, on a desk made in ``folder``."""
    library = build_library(folder, kites=bulletin_text("2024-06-02", "Miyun District", "Kites", "Sixty kites rose."))
    desk = Service(settings.load(library=library.root, seeds=folder, requests_a_minute=1_000_000))
    desk.show(library)
    app = build_app(desk)
    with serve_desk(desk) as address, httpx.Client(base_url=address, timeout=30) as client:
        return [_met(client, library, way) for way in list_routes(app, app.state.page)]


def _met(client: httpx.Client, library: Library, way: AuditedRoute) -> Met:
    root = library.root
    with _long_ago():
        expired = session_cookie(root)
    fresh = session_cookie(root)
    asked = {
        "nobody": ("", False),
        "staff": (session_cookie(root, "staff"), False),
        "operator": (fresh, False),
        "another origin": (fresh, True),
        "expired": (expired, False),
        "forged": (f"{fresh[:-6]}AAAAAA", False),
    }
    statuses, holes = [], []
    for who in WHO:
        session, elsewhere = asked[who]
        status, echoed = _ask(client, library, way, session, elsewhere)
        statuses.append(status)
        if echoed:
            holes.append(f"{who}: the origin is echoed")
        if (wanted := _wanted(way, who)) is not None and status not in wanted:
            holes.append(f"{who}: {status}")
        if wanted is None and status in (401, 403):
            holes.append(f"{who} is kept out: {status}")
    return Met(way, tuple(statuses), tuple(holes))


def _wanted(way: AuditedRoute, who: str) -> tuple[int, ...] | None:
    """The statuses that there may be, None for any but those that keep somebody out."""
    changes = way.method not in ("GET", "HEAD")
    if who == "another origin" and changes:
        return (403,)
    if way.required_role == "nobody":
        return (404, 405)
    if (way.method, way.path) == ("POST", "/sign-in"):
        return (403,)  # without name and password it lets nobody in
    inside = who in ("operator", "another origin") or (who == "staff" and way.required_role == "staff")
    return None if way.required_role == "anybody" or inside else (403,)


def _ask(client: httpx.Client, library: Library, way: AuditedRoute, session: str, elsewhere: bool) -> tuple[int, bool]:
    """The status, and whether the answer lets a page of another origin read it."""
    headers = {"Cookie": f"{COOKIE}={session}"} if session else {}
    headers |= {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"} if elsewhere else {"Sec-Fetch-Site": "same-origin"}
    path = fill_path(way.path, sha256=library.bulletins[0].sha256, kind="csv")
    body: dict[str, object] = {}
    if way.function is not None:
        body = {"json": {"data": [None] * 4, "fn_index": way.function, "session_hash": "matrix"}}
    elif path.startswith("/gradio_api"):
        body = {"json": {"session_hash": "matrix", "event_id": "x", "fn_index": 0}} if way.method == "POST" else {}
    elif way.method == "POST":
        # signing in and asking for a check need a form; any other is tried without what it would need to do something
        body = {"data": {"draft": "“Sixty kites rose.”", "name": "nobody", "password": "wrong"}}
    if way.path == "/sign-in" and way.method == "POST":
        body = {}  # a try costs one of ten
    with client.stream(way.method, path, headers=headers, **body) as got:  # type: ignore[arg-type]
        return got.status_code, "access-control-allow-origin" in got.headers


@contextmanager
def _long_ago() -> Iterator[None]:
    now = time.time()
    with mock.patch("time.time", return_value=now - 13 * 3600):
        yield


def table(met: list[Met]) -> str:
    """For the document: a line for each own way, one for all of Gradio's that are shut."""
    head = f"| Address | Method | For | {' | '.join(WHO)} |\n|---|---|---|{'---:|' * len(WHO)}\n"
    rows = []
    for one in met:
        if one.way.required_role != "nobody":
            name = "" if one.way.function is None else f", function {one.way.function}"
            rows.append((f"`{one.way.path}`{name}", one.way.method, one.way.required_role, *map(str, one.statuses)))
    shut = [one for one in met if one.way.required_role == "nobody"]
    seen = (sorted({one.statuses[at] for one in shut}) for at in range(len(WHO)))
    rows.append((f"{len(shut)} further ones of Gradio’s", "", "nobody", *(", ".join(map(str, each)) for each in seen)))
    holes = sum(map(bool, (one.holes for one in met)))
    lines = "".join(f"| {' | '.join(row)} |\n" for row in dict.fromkeys(rows))
    return f"{len(met)} ways, {len(met) * len(WHO)} tries, {holes} holes.\n\n{head}{lines}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.route_matrix", description="Tries every way into the desk."
    )
    parser.add_argument("--save", action="store_true", help="write the table into docs/security.md")
    save = parser.parse_args().save
    with tempfile.TemporaryDirectory() as folder:
        met = tried(Path(folder))
    print(table(met))
    for one in met:
        for hole in one.holes:
            print(f"{one.way.method} {one.way.path}: {hole}", file=sys.stderr)
    if save:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(_FROM)
        PAGE.write_text(f"{before}{_FROM}{table(met)}{_TO}{rest.partition(_TO)[2]}", encoding="utf-8")
    return 1 if any(one.holes for one in met) else 0


if __name__ == "__main__":
    sys.exit(main())
