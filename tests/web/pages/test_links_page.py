"""Bulletins, permanent links and a quote's actions in a real browser, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rag import settings
from rag.answer.models import Answer
from rag.library import receipts
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Quote
from rag.query.models import Query
from rag.web.service import Service
from tests.support.accounts import session_cookie
from tests.support.browser import ask_question, open_page, serve_desk
from tests.support.sample_answers import quote_of
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

EVIL = "<img src=x onerror=alert(1)>"
ROBOTS = f"Twenty robots greeted guests from Norway {EVIL} on May 3.  They bowed twice."
KITES = "Sixty kites rose over the hill in the morning of a windy day."
LONG = "Averyveryverylongwordthatnophonecanshowononeline" * 3
FILLER = [f"In house number {n} the guests sang, and then all of them went home by bus." for n in range(40)]
TEXTS = {
    f"robots'{EVIL.replace('/', '')}": bulletin_text(
        "2024-05-10", *FILLER, "Haidian District", f"Robots {EVIL}", ROBOTS, "Miyun District", LONG, "It rained.",
        title=f"News {EVIL}", source=f"The Office {EVIL} {LONG}",
    ),
    "kites": bulletin_text("2024-04-02", "Miyun District", "Kites", KITES),
    "twin": bulletin_text("2024-04-03", "Miyun District", "Kites", KITES),
    "tea": bulletin_text(
        "2023-01-09", "Fengtai District", "Tea", "The tea fair opened for all who like tea.", title="Tea"
    ),
    "undated": bulletin_text(None, "A day without a date was had by all of the guests.", title="No day"),
}  # fmt: skip


class Handmade:
    """An assistant that always gives the same two quotes."""

    def __init__(self, *quotes: Quote) -> None:
        self.quotes = quotes

    def ask(
        self, question: str, *, history: Sequence[str] = (), without: Sequence[str] = (), stopwatch: object = None
    ) -> Answer:
        asked = Query(kind="list", exhaustive=True)
        return Answer(question, "answered", f"2 passages {EVIL}.", 0.9, asked, 2, self.quotes, None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Robots and kites were answered and kept; since then robots have changed, and kites are withdrawn."""
    folder = tmp_path_factory.mktemp("links")
    library = build_library(folder, **TEXTS)
    found = {name: next(b for b in library.bulletins if b.name.startswith(name)) for name in ("robots", "kites")}
    about = {"districts": ("Haidian District",), "heading": f"Robots {EVIL}"}
    quotes = [quote_of(library, found["robots"], ROBOTS, **about), quote_of(library, found["kites"], KITES)]
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    desk.serve(Handmade(*quotes))  # type: ignore[arg-type]
    return desk


@pytest.fixture(scope="module")
def address(desk: Service) -> Iterator[str]:
    with serve_desk(desk) as address:
        yield address


@pytest.fixture(scope="module")
def later(desk: Service) -> Service:
    """The same desk once its bulletins have changed; asked for by the tests at the end alone."""
    assert desk.serving
    library = desk.serving.library
    seeds = library.root.parent / "bulletins"
    for path in seeds.iterdir():
        if path.name.startswith("robots"):
            path.write_text(path.read_text().replace("Twenty robots", "Thirty-one robots").replace("by bus", "by tram"))
        if path.name.startswith("kites"):
            path.unlink()
    update_library(seeds, library.root, ENCODER, allow_removal=True)
    desk.switch_to(replace(desk.serving, library=Library.open(library.root)))
    return desk


SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def page(browser: Browser, address: str, size: tuple[int, int], desk: Service) -> Iterator[Page]:
    """One of the staff's."""
    with open_page(browser, address, *size, session_cookie(desk.settings.library, "staff")) as page:
        yield page


def path_of(quote: Quote) -> str:
    return f"/quote/{quote.sha256}/{quote.start}-{quote.end}"


def quotes(desk: Service) -> tuple[Quote, ...]:
    return desk.serving.assistant.quotes  # type: ignore[union-attr]


def accessible(page: Page) -> None:
    """axe finds nothing serious, and everything that can be reached by Tab shows where the focus is."""
    # else axe fetches the style's imports from the page's own folder
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
    page.evaluate("document.activeElement.blur()")
    for _ in range(12):
        page.keyboard.press("Tab")
        styles = "node => [node.tagName, getComputedStyle(node).outlineStyle, getComputedStyle(node).outlineWidth]"
        tag, style, width = page.evaluate(f"({styles})(document.activeElement)")
        assert tag == "BODY" or (style, width) == ("solid", "3px"), tag


def test_each_quote_can_be_checked_cited_and_linked(page: Page, desk: Service) -> None:
    """The citation lands on the clipboard, which is said; check and link lead to that very quote, each in a tab."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask_question(page, "What happened?")
    card = page.locator("article.quote").first
    robots = quotes(desk)[0]
    card.get_by_role("button", name="Copy citation").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".heard")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"News {EVIL}" in copied
    assert f"[{robots.start}:{robots.end}]" in copied
    expect(card.get_by_role("button", name="Copy citation")).to_be_visible()
    check = card.get_by_role("link", name="Check", exact=True).get_attribute("href")
    assert check == f"check?sha256={robots.sha256}&start={robots.start}&end={robots.end}"
    with page.expect_popup() as popup:
        card.get_by_role("link", name="Link to this quote").click()
    expect(popup.value.locator("article blockquote")).to_have_text(ROBOTS, use_inner_text=False)
    assert popup.value.url.endswith(path_of(robots))
    assert page.locator("#chat img").count() == 0


def test_a_refused_clipboard_leaves_the_text_selected(page: Page, address: str) -> None:
    """It is shown, selected and focused, so that the keyboard copies it; that is said too."""
    protocol = page.context.new_cdp_session(page)
    context = protocol.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    denied = {"setting": "denied", "origin": address, "browserContextId": context}
    protocol.send("Browser.setPermission", denied | {"permission": {"name": "clipboard-write"}})
    ask_question(page, "What happened?")
    page.get_by_role("button", name="Copy citation").first.click()
    box = page.get_by_label("The text to copy")
    expect(box).to_be_focused()
    assert page.evaluate("getSelection().toString()") == box.input_value()
    assert f"News {EVIL}" in box.input_value()
    expect(page.locator(".heard")).to_contain_text("The text is selected")


def test_an_answer_gets_a_link(page: Page, desk: Service, tmp_path: Path) -> None:
    """One press opens its page; there the same link is copied and the receipt saved, which holds both quotes."""
    ask_question(page, f"What happened {EVIL}?")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Link to this answer").click()
    kept = popup.value
    expect(kept.locator(".asked")).to_have_text(f"What happened {EVIL}?")
    assert kept.locator("blockquote").all_text_contents() == [ROBOTS, KITES]
    assert kept.locator("img").count() == 0
    kept.context.grant_permissions(["clipboard-read", "clipboard-write"])
    kept.get_by_role("button", name="Copy link").click()
    expect(kept.locator(".heard")).to_have_text("Copied")
    assert kept.evaluate("navigator.clipboard.readText()") == kept.url
    with kept.expect_download() as download:
        kept.get_by_role("link", name="Save the receipt").click()
    download.value.save_as(tmp_path / "receipt.json")
    assert [quote.text for quote in receipts.read(tmp_path / "receipt.json").quotes] == [ROBOTS, KITES]
    accessible(kept)


def test_the_pages_are_one_way_from_each_other(page: Page, address: str) -> None:
    """The same three links everywhere, the page's own marked; a conversation is not lost by following one."""
    for path, current in (("/", "Ask"), ("/check", "Check a citation"), ("/bulletins", "Bulletins")):
        page.goto(f"{address}{path}")
        links = page.get_by_role("navigation", name="Bulletin Desk").get_by_role("link")
        expect(links).to_have_text(["Ask", "Check a citation", "Bulletins"])
        expect(page.locator(".nav [aria-current=page]")).to_have_text([current])
    page.get_by_role("link", name="Ask", exact=True).click()
    ask_question(page, "What happened?")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Bulletins", exact=True).click()
    expect(popup.value.locator("h1")).to_have_text("Bulletins")
    expect(page.locator(".answer")).to_have_count(1)


def test_bulletins_are_found_by_what_they_are(page: Page, address: str) -> None:
    """By words, by a district and by a month, one after the other; each choice can be taken away; all by keyboard."""
    page.goto(f"{address}/bulletins")
    expect(page.locator(".bulletins > li")).to_have_count(5)
    accessible(page)
    if page.locator(".facets > summary").is_visible():
        page.locator(".facets > summary").press("Enter")
    page.get_by_role("link", name=re.compile(r"^Miyun District\s+3$")).press("Enter")
    expect(page.locator(".bulletins > li")).to_have_count(3)
    box = page.get_by_label("Words of a title or a heading")
    box.fill("kites")
    box.press("Enter")
    expect(page.locator(".bulletins > li")).to_have_count(2)
    expect(page.locator(".remark").first).to_have_text("The same text is also in kites.txt.")
    page.get_by_role("link", name="Take away: Miyun District").press("Enter")
    expect(page.locator(".chosen li")).to_have_count(1)
    page.goto(f"{address}/bulletins?source=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.locator(".note")).to_contain_text(f"No bulletin comes from “{EVIL}”.")
    assert page.locator("img").count() == 0


def test_a_bulletin_s_sections_lead_into_its_text(page: Page, address: str, desk: Service) -> None:
    """The table names them with their districts; each link brings its place into view; a quote's place is in view."""
    robots = quotes(desk)[0]
    page.goto(f"{address}/bulletin/{robots.sha256}")
    accessible(page)
    link = page.get_by_role("link", name=f"Robots {EVIL}")
    link.press("Enter")
    expect(page.get_by_role("heading", name=f"Robots {EVIL}", level=3)).to_be_in_viewport()
    assert page.locator("img").count() == 0
    page.goto(f"{address}/bulletin/{robots.sha256}?start={robots.start}&end={robots.end}")
    expect(page.locator("mark#quote")).to_be_in_viewport()
    assert page.locator("mark#quote").text_content() == ROBOTS
    page.get_by_role("link", name="Cite it").press("Enter")
    expect(page.get_by_role("heading", name="Cite it")).to_be_visible()
    accessible(page)


def test_the_panel_shows_a_bulletin_without_the_navigation(page: Page) -> None:
    """Beside the chat stands the bulletin alone."""
    ask_question(page, "What happened?")
    page.get_by_role("link", name="Open the bulletin at this quote").first.click()
    frame = page.frame_locator("iframe[name=source]")
    expect(frame.locator("mark#quote")).to_be_in_viewport()
    expect(frame.locator("nav")).to_be_hidden()


def test_old_and_new_text_stand_beside_each_other(later: Service, page: Page, address: str) -> None:
    """Side by side where there is room, else one below the other; the word that differs is marked in both."""
    robots = quotes(later)[0]
    page.goto(f"{address}{path_of(robots)}")
    expect(page.locator("article blockquote")).to_have_text(ROBOTS, use_inner_text=False)
    expect(page.locator("[role=note]").first).to_contain_text("has been changed since")
    expect(page.locator(".pair mark")).to_have_text(["Twenty", "Thirty-one"])
    old, new = (cell.bounding_box() for cell in page.locator(".pair blockquote").all())
    assert old
    assert new
    if (page.viewport_size or {})["width"] > 900:
        assert old["x"] + old["width"] < new["x"]
    else:
        assert old["y"] + old["height"] < new["y"]
    accessible(page)
    page.get_by_role("link", name="See what has changed").click()
    expect(page.locator(".pair mark.gone")).to_have_count(len(FILLER) + 1)
    assert page.locator("img").count() == 0
    accessible(page)


def test_a_withdrawn_bulletin_still_opens(later: Service, page: Page, address: str) -> None:
    """Its page says so above the whole text, and so does the page of a quote of it."""
    kites = quotes(later)[1]
    for path in (f"/bulletin/{kites.sha256}", path_of(kites)):
        page.goto(address + path)
        expect(page.locator("[role=note]")).to_contain_text("has been withdrawn")
        accessible(page)
    expect(page.locator("article blockquote")).to_have_text(KITES)


def test_the_pages_can_be_read_by_night(later: Service, browser: Browser, address: str) -> None:
    """Contrast included, axe finds nothing serious in the dark colours either."""
    robots = quotes(later)[0]
    with open_page(browser, f"{address}/bulletins", 1280, 900) as page:
        page.emulate_media(color_scheme="dark")
        for path in ("/bulletins?date=2024", f"/bulletin/{robots.sha256}", path_of(robots)):
            page.goto(address + path)
            accessible(page)
