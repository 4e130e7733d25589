"""The off switch at the doors, under load."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from rag import limits
from rag.admin import off_switch
from rag.web.server import build_app
from tests.support.accounts import add_account
from tests.support.browser import launch_chromium, serve_desk
from tests.support.chat_client import AskEvent, Unanswered, ask, ask_event, join_queue, read_stream
from tests.support.desks import QUESTION, QUOTE, block_answers, quotes_robots, ready_desk
from tests.support.server_process import run_server

READERS = limits.QUESTIONS_AT_ONCE + 8  # more than are answered at once
LINE = off_switch.OffState("", "", "").line


def test_every_public_door_says_so(library: Path) -> None:
    """A sentence in a browser, JSON for a call; what is needed to switch it on stays open, and so do the probes."""
    add_account(library)
    with TestClient(build_app(ready_desk(library)), follow_redirects=False) as client:
        off_switch.turn_off(library, "A bulletin is wrong", "olga")
        public = ["/", "/config", "/bulletins", "/bulletin/x", "/check", "/answer/x", "/quote/x/1-2"]
        for path in [*public, "/gradio_api/queue/data?session_hash=x", "/assets/x.js", "/nothing", "/deskx", "/staffx"]:
            page = client.get(path, headers={"Accept": "text/html"})
            assert (page.status_code, "retry-after" in page.headers) == (503, False), path
            assert LINE in page.text
            assert "<main" in page.text
            assert client.get(path).json() == {"detail": LINE}
        for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/run/predict", "/check"):
            assert client.post(path, json={"data": [QUESTION, None, None]}).json() == {"detail": LINE}
        assert "A bulletin is wrong" not in client.get("/").text
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "off")
        for path in ("/desk/page.css", "/sign-in", "/operator", "/staff", "/metrics"):
            assert client.get(path).status_code != 503, path
        off_switch.turn_on(library, "olga")
        assert client.get("/").status_code == 200
        assert client.get("/readyz").status_code == 200


@pytest.mark.process
@pytest.mark.parametrize("seconds", [0.0, 0.5], ids=["quick", "slow"])
def test_not_one_further_answer_comes(library: Path, seconds: float) -> None:
    """Several readers ask without pause; those whose questions wait or are being answered when it is switched off are
    told so too, and none is left waiting."""

    async def run(address: str) -> None:
        over = asyncio.Event()
        answers: list[tuple[float, float]] = []  # when each was asked for and when it came
        refused: list[tuple[float, str]] = []

        async def reader(client: httpx.AsyncClient, event: AskEvent) -> None:
            while not over.is_set():
                began = time.monotonic()
                try:
                    assert quotes_robots(await ask(client, address, QUESTION, event))
                    answers.append((began, time.monotonic()))
                except Unanswered as error:
                    refused.append((began, str(error)))
                    await asyncio.sleep(0.05)

        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None), timeout=60) as client:
            event = await ask_event(client, address)
            readers = [asyncio.create_task(reader(client, event)) for _ in range(READERS)]
            while len(answers) < 30:
                await asyncio.sleep(0.05)
            await asyncio.to_thread(off_switch.turn_off, library, "A bulletin is wrong", "olga")
            off_since = time.monotonic()
            await asyncio.sleep(2)
            over.set()
            await asyncio.gather(*readers)
            off_switch.turn_on(library, "olga")
            assert quotes_robots(await ask(client, address, QUESTION, event))
        assert all(LINE in line or "no stream: 503" in line for _, line in refused)
        assert not [began for began, _ in answers if began > off_since]  # those are turned away at the door
        # those were let in, and wait or are being made
        held = [line for began, line in refused if began < off_since]
        on_its_way = [came - off_since for _, came in answers if came > off_since]
        assert len(held) + len(on_its_way) <= READERS
        if seconds:
            assert len(held) >= 8
        print(
            f"answers of {seconds} s: {len(held)} were held, {len(refused) - len(held)} turned away, "
            f"{len(on_its_way)} had just been made: the last came {max(on_its_way, default=0) * 1000:.0f} ms later"
        )

    with run_server(library, seconds) as at:
        asyncio.run(run(at.address))
        assert at.log.read_text() == ""


@pytest.mark.parametrize("address", ["check", "check/report.csv", "check as lines"])
def test_a_check_under_way_is_not_shown(library: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """It was asked for before, and is ready only afterwards; as a page, as a file and line by line."""
    desk = ready_desk(library)
    checker = desk.checker

    def switch_off_meanwhile() -> object:
        off_switch.turn_off(library, "A bulletin is wrong", "olga")
        return checker()

    monkeypatch.setattr(desk, "checker", switch_off_meanwhile)
    path, _, lines = address.partition(" as ")
    headers = {"Accept": "application/x-ndjson" if lines else "text/html", "Sec-Fetch-Site": "same-origin"}
    with TestClient(build_app(desk)) as client:
        shown = client.post(f"/{path}", data={"draft": "“Robots served coffee.”"}, headers=headers)
    assert shown.status_code == (200 if lines else 503)
    assert LINE in shown.text
    assert "verdict" not in shown.text


def test_an_answer_that_is_being_made_is_not_shown(library: Path) -> None:
    """It was asked for before, and is ready only afterwards."""
    desk = ready_desk(library)
    assistant = block_answers(desk)

    async def run(address: str) -> str:
        async with httpx.AsyncClient(timeout=60) as client:
            event = await ask_event(client, address)
            await join_queue(client, address, QUESTION, "s1", event)
            opened = asyncio.Event()
            waiting = asyncio.create_task(read_stream(client, address, "s1", opened))
            await asyncio.wait_for(opened.wait(), 60)  # else the stream itself is turned away at the door
            await asyncio.to_thread(assistant.asked.wait, 60)
            off_switch.turn_off(library, "A bulletin is wrong", "olga")
            assistant.go_on.set()
            with pytest.raises(Unanswered) as told:
                await waiting
            return str(told.value)

    with serve_desk(desk) as address:
        assert LINE in asyncio.run(run(address))


@pytest.mark.browser
def test_an_open_page_says_so(library: Path) -> None:
    """In a real browser: the line stands above the box, the question stays in it; once on, the same page answers."""
    desk = ready_desk(library)
    with serve_desk(desk) as address, launch_chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        box = page.get_by_label("Your question")
        box.click()
        off_switch.turn_off(library, "A bulletin is wrong", "olga")
        box.fill(QUESTION)
        box.press("Enter")
        expect(page.get_by_role("status").filter(has_text=LINE)).to_be_visible()
        expect(box).to_have_value(QUESTION)
        off_switch.turn_on(library, "olga")
        box.press("Enter")
        expect(page.locator("article.quote blockquote").first).to_have_text(QUOTE, timeout=60_000)
