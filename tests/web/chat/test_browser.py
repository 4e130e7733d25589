"""The page in a real browser, with the real model and the real bulletins: what a reader types, sees and opens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.library.reader import Library
from tests.support.browser import ask_question, open_page
from tests.support.paths import ROOT
from tests.support.rag_command import UNLIMITED
from tests.support.server_log import problem_lines

QUESTION = "what consular protection events happened"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "library"


@pytest.fixture(scope="module")
def address(library: Path) -> Iterator[str]:
    """Where ``python app.py`` says it is; it builds the library while the page is already open."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAG_")} | UNLIMITED
    options = ["--host", "127.0.0.1", "--port", "0", "--seeds", str(ROOT / "seeds"), "--library", str(library)]
    log = library.with_name("log")
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, "app.py", *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with server:
        line = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://127\.0\.0\.1:\d+$", line.strip())
        assert found, f"app.py said {line!r} and {log.read_text()!r}"
        yield found[0]
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
    assert problem_lines(log) == []


@pytest.fixture(params=[(1360, 860), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    with open_page(browser, address, *request.param) as page:
        yield page


def test_a_question_asked_at_once_is_answered_when_the_desk_is_ready(page: Page) -> None:
    """The page is open before the model is loaded; the status turns to ready without a reload."""
    ask_question(page, QUESTION)
    expect(page.locator(".status")).to_have_text("Ready")
    expect(page.locator(".holdings")).to_have_text("2 bulletins, 29 April 2023 to 11 March 2024")
    expect(page.locator("article.quote").first).to_be_visible()


def test_quotes_carry_their_dates_newest_first(page: Page, library: Path) -> None:
    """Both bulletins answer, the newer before the older, and each quote is word for word in its bulletin."""
    ask_question(page, QUESTION)
    dates = page.locator(".bulletin time").evaluate_all("times => times.map(time => time.dateTime)")
    assert {"2024-03-11", "2023-04-29"} <= set(dates)
    assert dates == sorted(dates, reverse=True)
    first = page.locator(".bulletin").first
    expect(first.locator(".when")).to_have_text("11 March 2024")
    expect(first.locator(".where").first).to_have_text("Shijingshan District")
    held = Library.open(library)
    texts = [held.text(bulletin.sha256) for bulletin in held.bulletins]
    for quote in page.locator("article.quote blockquote").all():
        shown = quote.text_content()
        assert shown
        assert any(shown in text for text in texts)
        assert quote.evaluate("quote => getComputedStyle(quote).whiteSpace") == "pre-wrap"
    assert page.locator("article.quote mark").count() > 0


def test_the_bulletin_opens_beside_the_chat_at_the_quote(page: Page) -> None:
    """Each quote's own words are highlighted in the panel and in view; Escape closes it and gives the focus back."""
    ask_question(page, QUESTION)
    panel = page.locator("#panel")
    expect(panel).to_be_hidden()
    quotes = page.locator("article.quote")
    for number in (0, quotes.count() - 1):
        link = quotes.nth(number).get_by_role("link", name="Open the bulletin at this quote")
        link.click()
        expect(panel).to_be_visible()
        mark = page.frame_locator("iframe[name=source]").locator("mark#quote")
        expect(mark).to_be_in_viewport()
        assert mark.text_content() == quotes.nth(number).locator("> blockquote").text_content()
        expect(page.locator("#panel-tab")).to_have_attribute("href", re.compile(r"/bulletin/[0-9a-f]{64}\?start="))
        if number:
            mark.click()
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Close").click()
        expect(panel).to_be_hidden()
        expect(link).to_be_focused()


def test_markup_in_a_question_is_shown_as_typed(page: Page) -> None:
    """No element, no emphasis, no formula, no template comes of it, and no script runs."""
    question = "<img src=x onerror=alert(1)> **bold** *a* _b_ $x$ ${1+1} {{value}} &amp;"
    ask_question(page, question)
    assert page.locator(".asked").text_content() == question
    assert page.locator("#chat img").count() == 0


def test_a_question_without_an_answer_is_told_so(page: Page) -> None:
    """What is shown all the same is called the nearest passages, and nothing in it is highlighted as an answer."""
    ask_question(page, "zzzz qqqq xxxx")
    expect(page.locator(".answer.no_match .said")).to_be_visible()
    if page.locator("article.quote").count():
        expect(page.get_by_text("Nearest passages, not an answer")).to_be_visible()


def test_an_example_is_asked_by_the_keyboard_and_a_new_conversation_begins(page: Page) -> None:
    """Enter on an example asks it; "New conversation" brings the examples back."""
    example = page.get_by_role("button", name="What consular protection events happened?")
    example.focus()
    page.keyboard.press("Enter")
    expect(page.locator("article.quote").first).to_be_visible()
    expect(page.locator(".asked")).to_have_text("What consular protection events happened?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".asked")).to_have_count(0)
    expect(example).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_focused()


def test_the_newest_question_stands_at_the_top(page: Page) -> None:
    """After a long answer the reader sees the question and the answer's beginning, not its end."""
    ask_question(page, QUESTION)
    ask_question(page, QUESTION)
    expect(page.locator(".asked").last).to_be_in_viewport()
    expect(page.locator(".answer").last.locator(".said")).to_be_in_viewport()
