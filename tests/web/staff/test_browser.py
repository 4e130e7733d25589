"""Feedback in a real browser, with the real model: a reader says what was wrong with an answer, and one of the staff
reads it and makes an evaluation case of it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from embeddings.encoder import Encoder
from rag import settings
from rag.admin import accounts, feedback, unanswered
from rag.evaluation import datasets
from rag.web.loader import Loader
from rag.web.service import Service
from tests.support.browser import ask_question, open_page, serve_desk
from tests.support.paths import SEEDS

PASSWORD = "five words that go together"
QUESTION = "What happened in Haidian District?"
LIVERPOOL = "Who scored for Liverpool last night?"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, seeds_library: Path, encoder: Encoder) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("staff")
    shutil.copytree(seeds_library, folder / "library")
    desk = Service(settings.load(seeds=SEEDS, library=folder / "library", cases=folder / "cases"), encoder)
    accounts.add(desk.settings.library, "ann", "staff", PASSWORD)
    Loader(desk).start()
    yield desk
    desk.draining.set()


@pytest.fixture(scope="module")
def address(desk: Service) -> Iterator[str]:
    with serve_desk(desk) as address:
        yield address


def sign_in(page: Page) -> None:
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Staff").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def accessible(page: Page, *levels: str) -> None:
    """axe finds nothing of these levels."""
    # else axe fetches the style's imports from the page's own folder
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in levels] == []


def test_from_an_answer_to_a_case(desk: Service, address: str, browser: Browser) -> None:
    """Nothing is loaded anew, the keyboard goes along, and what was said of one answer stays with it."""
    with open_page(browser, address, 1280, 900) as chat:
        ask_question(chat, QUESTION)
        first = chat.locator(".answer").first.locator(".feedback")
        first.get_by_role("button", name="Helpful", exact=True).click()
        expect(first.get_by_role("status")).to_have_text("Thank you. The desk’s staff will read it.")
        expect(first.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")

        ask_question(chat, LIVERPOOL)
        expect(first.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
        # another opinion of the first, by keyboard alone
        first.locator("summary").focus()
        chat.keyboard.press("Enter")
        expect(first.get_by_label("What was wrong?")).to_be_focused()
        chat.keyboard.press("Escape")
        expect(first.locator("summary")).to_be_focused()
        chat.keyboard.press("Enter")
        first.get_by_label("What was wrong?").select_option("Something is missing")
        first.get_by_label("In your words").fill("Nothing of the <b>robots</b>.")
        first.get_by_label("In your words").press("Tab")
        chat.keyboard.press("Enter")
        expect(first.get_by_role("status")).to_be_focused()
        expect(first.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "false")
        accessible(chat, "serious", "critical")
        second = chat.locator(".answer").last.locator(".feedback")
        second.get_by_role("button", name="Helpful", exact=True).click()
        expect(second.get_by_role("status")).to_have_text("Thank you. The desk’s staff will read it.")

    assert len(feedback.list_summaries(desk.settings.library)[0]) == 2
    with open_page(browser, f"{address}/sign-in?to=staff", 1280, 900) as page:
        sign_in(page)
        expect(page.locator("section.usage")).to_have_count(4)
        go_to(page, "Feedback")
        page.get_by_role("link", name="Not helpful").click()
        expect(page.locator(".said-list > li")).to_have_count(1)
        page.get_by_role("link", name=QUESTION).click()
        expect(page.locator(".said-words")).to_have_text("Nothing of the <b>robots</b>.")
        page.get_by_label("Quote 1 is right").check()
        page.get_by_role("button", name="Make it an evaluation case").click()
        expect(page.get_by_role("status").first).to_have_text("It is an evaluation case now.")
        accessible(page, "serious", "critical", "moderate")

    (case,) = datasets.read_question_set(desk.settings.cases).questions
    (gold,) = case.gold
    assert (case.question, case.answerable) == (QUESTION, True)
    assert gold.quote in (desk.settings.seeds / gold.bulletin).read_text(encoding="utf-8")
    assert datasets.corpus_folder(desk.settings.cases).resolve() == SEEDS


def noted(desk: Service) -> None:
    """A month of questions, answers and opinions, as the desk notes them."""
    root, now = desk.settings.library, dt.datetime.now(dt.UTC)
    rows = []
    for back in reversed(range(30)):
        for number in range(20 + (back * 7) % 13):
            status = ("answered", "answered", "answered", "no_match", "answered")[number % 5]
            at = (now - dt.timedelta(days=back)).strftime("%Y-%m-%dT%H:%MZ")
            rows.append(json.dumps({"at": at, "status": status, "ms": 22 + (number * 13 + back * 5) % 90}) + "\n")
    with (root / "log" / "asked.jsonl").open("a") as file:
        file.writelines(rows)
    for number in range(30):
        unanswered.record(root, f"Is there anything about subject number {number % 7}, which nobody wrote of?", "")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_the_pages_can_be_read_and_used(
    desk: Service, address: str, browser: Browser, size: tuple[int, int], tmp_path: Path
) -> None:
    """On a large screen and on a phone: nothing scrolls sideways, contrast and names are right."""
    noted(desk)
    with open_page(browser, f"{address}/sign-in?to=staff", *size) as page:
        sign_in(page)
        accessible(page, "serious", "critical", "moderate")
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("table").first).to_contain_text("No match")
        page.screenshot(path=tmp_path / "overview.png", full_page=True)
        page.get_by_role("link", name="Last 24 hours").click()
        for name in ("Feedback", "What is missing", "Kept answers"):
            go_to(page, name)
            accessible(page, "serious", "critical", "moderate")
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
