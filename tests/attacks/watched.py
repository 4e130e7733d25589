"""A page of a real browser in which every trace of a script, an element or a request that isn't the desk's is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

_TRACES = Path(__file__).with_name("traces.js").read_text(encoding="utf-8")


class Watched:
    """A browser's context that reaches nobody but the desk; ``problems`` are what was noted, ``looks`` how often."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.problems: list[str] = []
        self.looks = 0
        self._own = urlsplit(address)[:2]
        self._where = ""
        context.route("**/*", self._route)
        context.on("page", self._attach)
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)

    def visit(self, path: str, *, status: int = 200) -> Page:
        """Opens the desk's page and looks at it."""
        self._where = path[:60]
        got = self.page.goto(f"{self.address}{path}", wait_until="load")
        if got is None or got.status != status:
            self.note(f"answered with {got and got.status}")
        self.look(path[:60])
        return self.page

    def look(self, where: str, page: Page | None = None) -> None:
        """For traces in what the page, or another one of the browser's, shows now."""
        self._where = where
        self.looks += 1
        for trace in dict.fromkeys((page or self.page).evaluate(_TRACES)):
            self.note(trace)

    def note(self, what: str) -> None:
        self.problems.append(f"{self._where}: {what}")

    def _attach(self, page: Page) -> None:
        page.on("dialog", lambda dialog: (self.note(f"a dialog, {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: self.note(said.text) if "Content Security Policy" in said.text else None)

    def _route(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts[:2] == self._own or parts.scheme in ("about", "blob", "file"):
            route.continue_()
            return
        if parts.scheme == "data" and route.request.resource_type in ("font", "image"):
            route.continue_()
            return
        self.note(f"asked for {route.request.url[:80]}")
        route.abort()


@contextmanager
def watched(browser: Browser, address: str, **options: Any) -> Iterator[Watched]:
    context = browser.new_context(**options)
    expect.set_options(timeout=20_000)
    try:
        yield Watched(context, address)
    finally:
        context.close()
