"""A real browser for the page's tests, and a page that is watched while it is used."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rag.web.auth.access import COOKIE
from rag.web.server import build_app, uvicorn_config
from rag.web.service import Service

FLAGS = [
    "--no-sandbox",  # Chromium refuses root otherwise
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "no Chromium: install it or name it in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def serve_desk(desk: Service) -> AbstractContextManager[str]:
    """The address of a real server over this desk."""
    return serve_app(build_app(desk))


@contextmanager
def serve_app(app: FastAPI) -> Iterator[str]:
    """The address of a real server of this application."""
    server = uvicorn.Server(uvicorn_config(app, port=0, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)


@contextmanager
def open_page(browser: Browser, address: str, width: int, height: int, session: str = "") -> Iterator[Page]:
    """The page, opened, with the session of somebody who is signed in, if one is given; afterwards nothing may have
    gone elsewhere, failed, or been complained of."""
    context = browser.new_context(viewport={"width": width, "height": height})
    if session:
        context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(address)
    yield page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    context.close()
    hosts = {urlsplit(url)[:2] for url in asked if not url.startswith(("data:", "blob:", "about:"))}
    assert hosts == {urlsplit(address)[:2]}
    assert complaints == []


def ask_question(page: Page, question: str) -> None:
    """Type the question and press Enter, then wait for the answer."""
    before = page.locator(".asked").count()
    box = page.get_by_label("Your question")
    box.click()
    box.press_sequentially(question)
    box.press("Enter")
    expect(page.locator(".asked")).to_have_count(before + 1)
    # the first answer waits for the model and the library
    expect(page.locator(".answer:not(.wait)")).to_have_count(before + 1, timeout=120_000)
    assert page.locator(".answer.trouble").all_text_contents() == []
