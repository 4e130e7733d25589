"""The page that checks a draft, in a real browser: each verdict, its source, files, bad input, the keyboard alone."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from playwright.sync_api import Browser, Locator, Page, expect
from selectolax.lexbor import LexborHTMLParser

from rag import limits, settings
from rag.library.reader import Library
from rag.web.auth.access import COOKIE
from rag.web.service import Service
from tests.support.accounts import session_cookie
from tests.support.browser import open_page, serve_desk
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

EVIL = "<img src=x onerror=alert(1)>"
ROBOTS = "Twenty robots greeted guests from Norway on May 3. They bowed twice and handed out tea."
BELLS = "A choir of miners sang in the old bell tower, and forty lanterns were lit."
PEACHES = "A train with peaches left for Lisbon on May 4. It will take three weeks to arrive."
FORMULA = "=1+1 is the sum that the pupils of the school wrote on the wall for their guests."
SAME = "The guests were seen off at the gate with songs."

# Each quotation's verdict, and the draft that holds them all.
EXPECTED = [
    ("exact", ROBOTS),
    ("exact-normalised", "twenty robots greeted  guests from Norway on May 3"),
    ("ellipsis", "Twenty robots greeted guests … and handed out tea."),
    ("altered", "A train with peaches left for Lisbon on May 14."),
    ("spliced", "A choir of miners sang in the old bell tower. A train with peaches left for Lisbon on May 4."),
    ("misattributed", BELLS),
    ("ambiguous", SAME),
    ("not-found", f"Purple elephants {EVIL} conquered every northern harbour yesterday."),
    ("exact", FORMULA),
]
DRAFT = f"""Haidian wrote on May 10, 2024: “{EXPECTED[0][1]}” It says that “{EXPECTED[1][1]}”, and: “{EXPECTED[2][1]}”

Pinggu tells us “{EXPECTED[3][1]}” {EVIL}

We read: “{EXPECTED[4][1]}”

On June 7, 2022 Fengtai wrote: “{EXPECTED[5][1]}”

Who wrote “{EXPECTED[6][1]}”

> {EXPECTED[7][1]}

The wall says “{EXPECTED[8][1]}”
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three bulletins in which each verdict has its case; one is long, so that a place in it has to be scrolled to."""
    filler = [f"On day {n} the workers of the park painted bench number {n} in a new colour." for n in range(60)]
    haidian = ("Haidian District", f"Robots {EVIL}", *filler, ROBOTS, FORMULA)
    pinggu = ("Pinggu District", "Peaches for Lisbon", PEACHES, SAME)
    miyun = ("Miyun District", "Bells and lanterns", BELLS, SAME)
    return build_library(
        tmp_path_factory.mktemp("checking"),
        robots=bulletin_text("2024-05-10", *haidian, title=f"News {EVIL}"),
        peaches=bulletin_text("2023-06-01", *pinggu, title="From the orchards"),
        bells=bulletin_text("2022-01-15", *miyun, title="Winter in the hills"),
    )


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    with serve_desk(desk) as address:
        yield address


@pytest.fixture(scope="module")
def session(library: Library) -> str:
    return session_cookie(library.root, "staff")


@pytest.fixture(params=[(1360, 860), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str, session: str) -> Iterator[Page]:
    with open_page(browser, f"{address}/staff/check", *request.param, session) as page:
        yield page


def check(page: Page, draft: str) -> None:
    """Paste the draft and wait until it has been checked, or refused."""
    page.evaluate("document.getElementById('result').replaceChildren()")
    page.get_by_label("The draft, with its quotations").fill(draft)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator(".summary, .problem")).to_be_visible()


def words_of(draft: Locator) -> str:
    """The draft as it is shown, without the labels."""
    return str(
        draft.evaluate(
            "shown => { const copy = shown.cloneNode(true);"
            " copy.querySelectorAll('.tag').forEach(tag => tag.remove()); return copy.textContent }"
        )
    )


def test_each_verdict_is_read_back_from_its_row(page: Page, library: Library) -> None:
    """The draft is shown as it is, each quotation marked by colour and word; its row holds the words, the verdict and
    the true passage, word for word in its bulletin."""
    check(page, DRAFT)
    assert page.locator(".summary").text_content() == (
        "9 quotations: 2 exact, 1 exact-normalised, 1 ellipsis, 1 ambiguous, 1 misattributed, 1 altered, 1 spliced,"
        " 1 not-found"
    )
    assert words_of(page.locator(".draft")) == DRAFT.replace("> Purple", "Purple")
    tags = page.locator(".draft .tag")
    assert tags.all_text_contents() == [f"Quotation {n} {verdict}" for n, (verdict, _) in enumerate(EXPECTED, 1)]
    colours = set()
    for n, (verdict, words) in enumerate(EXPECTED, 1):
        mark = page.locator(f".draft mark[data-row='{n}']")
        assert mark.text_content() == words
        colours.add(mark.evaluate("mark => getComputedStyle(mark).backgroundColor"))
        tags.nth(n - 1).click()
        row = page.locator(f"#row-{n}")
        expect(row).to_be_visible()
        expect(page.locator(".row:visible")).to_have_count(1)
        expect(row.locator(".verdict")).to_have_text(verdict)
        assert row.locator(".claimed").text_content() == words
        expect(page.locator("#which")).to_have_text(f"{n} of 9: {verdict}")
        true = row.locator(".true")
        if verdict == "not-found":
            assert true.count() == 0
            expect(page.locator("#beside")).to_be_hidden()
        else:
            shown = true.text_content() or ""
            assert any(shown in library.text(of.sha256) for of in library.bulletins)
    assert len(colours) == 3
    altered = page.locator("#row-4 .differences")
    assert altered.locator("ins").text_content() == "14"
    assert altered.locator("del").text_content() == "4"
    assert "(number)" in (altered.text_content() or "")
    claims = page.locator("#row-6 .claims li")
    assert [claim.split("”: ")[1] for claim in claims.all_text_contents()] == ["does not hold", "does not hold"]
    assert page.locator("#row-5 .pieces li").count() == 2
    assert page.locator("#row-7 .others li").count() == 1
    assert page.locator("#result img").count() == 0


def test_a_quotation_is_followed_to_its_source(page: Page) -> None:
    """The bulletin stands beside, with the true passage highlighted and in view."""
    check(page, DRAFT)
    mark = page.frame_locator("#source").locator("mark#quote")
    page.locator("#at-1").click()
    page.locator("#beside").scroll_into_view_if_needed()
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == ROBOTS
    page.locator("#at-6").click()
    page.locator("#beside").scroll_into_view_if_needed()
    expect(mark).to_have_text(BELLS)
    page.locator("#at-7").click()
    expect(mark).to_have_text(SAME)
    first = page.frame_locator("#source").locator("h1").text_content()
    page.locator("#row-7 .others a").click()
    expect(page.frame_locator("#source").locator("h1")).not_to_have_text(first or "")
    expect(mark).to_have_text(SAME)


def test_the_report_is_saved(page: Page, tmp_path: Path) -> None:
    """As CSV, as JSON and as a page that needs no other file, each with the rows that the page shows."""
    check(page, DRAFT)
    saved = {}
    for name in ("CSV", "JSON", "Page to print"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        file = download.value.suggested_filename
        assert re.fullmatch(r"bulletin-desk-check-\d{4}-\d\d-\d\d\.(csv|json|html)", file)
        download.value.save_as(tmp_path / file)
        saved[name] = (tmp_path / file).read_bytes()
    rows = list(csv.DictReader(io.StringIO(saved["CSV"].decode("utf-8-sig"), newline="")))
    assert [(row["verdict"], row["quote"]) for row in rows[:8]] == EXPECTED[:8]
    assert rows[8]["quote"] == f"'{FORMULA}"
    report = json.loads(saved["JSON"])
    assert [(row["verdict"], row["quote"]) for row in report["verdicts"]] == EXPECTED
    for row in report["verdicts"]:
        assert report["draft"][slice(*row["at"])] == row["quote"]
    printed = LexborHTMLParser(saved["Page to print"].decode())
    assert [mark.attributes["class"] for mark in printed.css(".draft mark")] == [verdict for verdict, _ in EXPECTED]
    assert printed.css("script, img, link") == []
    expect(page.locator(".summary")).to_be_visible()


def focus_on(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} by Tab")


def test_the_keyboard_alone_suffices(page: Page) -> None:
    """From the draft over the button to each quotation, to its row and on to the bulletin; the focus is always seen."""
    focus_on(page, "#draft")
    page.keyboard.insert_text(DRAFT)
    focus_on(page, "button.main")
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    which, focused = page.locator("#which"), page.locator(".tag:focus")
    for key, place in (("n", 2), ("j", 3), ("ArrowDown", 4), ("ArrowRight", 5), ("p", 4), ("k", 3), ("ArrowUp", 2)):
        page.keyboard.press(key)
        expect(which).to_have_text(f"{place} of 9: {EXPECTED[place - 1][0]}")
        expect(focused).to_have_attribute("id", f"at-{place}")
        expect(focused).to_be_in_viewport()
        assert focused.evaluate("tag => getComputedStyle(tag).outlineStyle") == "solid"
    for key, place in (("Home", 1), ("ArrowLeft", 9), ("ArrowRight", 1), ("End", 9)):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("id", f"at-{place}")
    page.keyboard.press("Enter")
    expect(page.locator("#row-9")).to_be_focused()
    focus_on(page, "#row-9 a.source")
    focus_on(page, "iframe")
    # a letter typed in the draft is a letter
    page.locator("#draft").focus()
    page.keyboard.press("n")
    expect(which).to_have_text("9 of 9: exact")


def test_only_what_needs_a_look_is_gone_through(page: Page) -> None:
    """The filter leaves the draft as it is, and the buttons and keys step over what is right."""
    check(page, DRAFT)
    page.get_by_label("Only the 5 that need a look").check()
    expect(page.locator("#which")).to_have_text("1 of 5: altered")
    expect(page.locator(".tag:visible")).to_have_count(5)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#which")).to_have_text("2 of 5: spliced")
    page.get_by_role("button", name="Previous").click()
    page.get_by_role("button", name="Previous").click()
    expect(page.locator("#which")).to_have_text("5 of 5: not-found")
    assert words_of(page.locator(".draft")) == DRAFT.replace("> Purple", "Purple")


def bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 40_000_000)
    return data.getvalue()


def word() -> bytes:
    data = io.BytesIO()
    document = Document()
    document.add_paragraph(f"Haidian wrote: “{ROBOTS}”")
    document.add_paragraph(PEACHES, style="Quote")
    document.save(data)
    return data.getvalue()


def test_bad_input_is_one_sentence_and_the_rest_is_checked(page: Page) -> None:
    """No quotation, a mark left open, one word, nothing at all, a damaged document, a bomb: each says what it is."""
    notes = page.locator("#result .note")
    check(page, "Nothing is quoted here.")
    expect(notes).to_contain_text("No quotation was found in this text.")
    check(page, f"He said “they came by night.\n\nThen: “{ROBOTS}”")
    expect(notes).to_contain_text(
        "Line 1: nothing closes the quotation that begins “they came by night.”; it was checked"
    )
    assert page.locator(".tag").all_text_contents() == ["Quotation 1 not-found", "Quotation 2 exact"]
    check(page, "They wrote “robots” in it.")
    expect(page.locator(".row .verdict")).to_have_text("ambiguous")
    expect(page.locator(".row .why")).to_contain_text("too short to attribute")
    check(page, "  ")
    expect(notes).to_have_text("The draft: holds no text. Paste or write what is to be checked.")
    file = page.get_by_label("Or a file")
    too_much = "more than a document takes"
    for name, data, line in (
        ("half.docx", word()[:900], "is damaged, or is not a Word document. Open it in Word and save it again."),
        ("bomb.docx", bomb(), f"would unpack to 40,000,000 bytes in 1 part, {too_much}. Paste its text."),
        ("a.pdf", b"%PDF-1.7", "is a PDF, whose lines and columns hide quotations. Paste its text."),
        ("large.txt", b"x" * 10_500_000, "is larger than 10,000,000 bytes. Paste its text, or split it."),
    ):
        page.evaluate("document.getElementById('result').replaceChildren()")
        page.get_by_label("The draft, with its quotations").fill("My “own words” stay.")
        file.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.get_by_role("button", name="Check", exact=True).click()
        expect(notes).to_have_text(f"{name}: {line}")
        expect(notes).to_be_focused()
        expect(page.get_by_label("The draft, with its quotations")).to_have_value("My “own words” stay.")


def test_a_word_document_is_checked_and_can_be_saved(page: Page) -> None:
    """Its text comes into the page, its block quotation marked as one, so that the report can be saved from there."""
    page.get_by_label("Or a file").set_input_files(
        {"name": f"d{EVIL}.docx", "mimeType": "application/octet-stream", "buffer": word()}
    )
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator(".summary")).to_have_text("2 quotations: 2 exact")
    expect(page.locator("#checked .from").first).to_have_text(f"In d{EVIL}.docx")
    expect(page.get_by_label("The draft, with its quotations")).to_have_value(
        f"Haidian wrote: “{ROBOTS}”\n\n> {PEACHES}"
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    saved = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert [row["quote"] for row in saved["verdicts"]] == [ROBOTS, PEACHES]
    assert saved["name"] == f"d{EVIL}.docx"


def test_a_quote_of_the_chat_is_checked_from_its_address(browser: Browser, address: str, library: Library) -> None:
    """With the bulletin's date and title as what is claimed of it; the report can be saved."""
    of = library.by_name["bells.txt"]
    start = library.text(of.sha256).index(BELLS)
    with open_page(
        browser, f"{address}/check?sha256={of.sha256}&start={start}&end={start + len(BELLS)}", 1360, 860
    ) as page:
        expect(page.locator(".summary")).to_have_text("1 quotation: 1 exact")
        claims = page.locator(".claims li").all_text_contents()
        assert claims == ["date “2022-01-15”: holds", "title “Winter in the hills”: holds"]
        expect(page.frame_locator("#source").locator("mark#quote")).to_have_text(BELLS)
        with page.expect_download() as download:
            page.get_by_role("button", name="JSON").click()
        saved = json.loads(download.value.path().read_text(encoding="utf-8"))
        assert [(row["verdict"], row["quote"]) for row in saved["verdicts"]] == [("exact", BELLS)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Browser, address: str, session: str, scheme: Any) -> None:
    """In light and dark, on a wide screen and on a phone, with every row shown once."""
    for width, height in ((1360, 860), (390, 844)):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/check")
        found = Axe().run(page).response["violations"]
        page.goto(f"{address}/staff/check")
        found += Axe().run(page).response["violations"]
        check(page, DRAFT)
        for row in (4, 6, 7, 8):
            page.locator(f"#at-{row}").click()
            found += Axe().run(page).response["violations"]
        context.close()
        assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_without_script_everything_can_be_read(browser: Browser, address: str, session: str) -> None:
    """The form brings a page with all rows; labels lead to them, and links to the bulletins; the draft is kept."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/staff/check")
    page.get_by_label("The draft, with its quotations").fill("\n" + DRAFT)
    page.get_by_role("button", name="Check", exact=True).click()
    assert page.get_by_label("The draft, with its quotations").input_value() == "\n" + DRAFT
    expect(page.locator(".row")).to_have_count(9)
    assert page.locator(".row:visible .verdict").all_text_contents() == [verdict for verdict, _ in EXPECTED]
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    page.locator("#at-9").click()
    expect(page.locator("#row-9")).to_be_in_viewport()
    page.get_by_label("Only the 5 that need a look").check()
    expect(page.locator(".row:visible")).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    with context.expect_page() as opened_page:
        page.locator("#row-4 a.source").click()
    expect(opened_page.value.locator("mark#quote")).to_have_text("A train with peaches left for Lisbon on May 4.")
    context.close()


def send(address: str, session: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
    """One of the staff sends a form from the page."""
    here = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{COOKIE}={session}", **(headers or {})}
    return httpx.post(f"{address}/staff/check{path}", headers=here, **sent)


def test_progress_comes_in_lines_and_the_page_in_the_last(address: str, session: str) -> None:
    """Each line is a JSON object that says how far it has come."""
    draft = "\n".join(f"He said “{ROBOTS}” and “bench number {n} in green”." for n in range(1_100))
    form = {"draft": (None, draft), "name": (None, "")}
    sent = send(address, session, "", files=form, headers={"Accept": "application/x-ndjson"}, timeout=280)
    *far, last = [json.loads(line) for line in sent.text.splitlines()]
    assert far
    assert all(line.keys() == {"done", "of"} and line["done"] <= line["of"] for line in far)
    page = LexborHTMLParser(last["html"])
    assert len(page.css(".row")) == 2_000
    assert "The first 2,000 of 2,200 quotations were checked." in page.css_first(".note").text()
    assert last["draft"] == draft


def test_a_long_draft_is_checked_as_far_as_it_is_read(address: str, session: str) -> None:
    """Over a million characters the rest is left, and that is said; what is too large is refused in a sentence."""
    draft = f"He said “{ROBOTS}”\n" + "Nothing is quoted in this line of the draft.\n" * 25_000
    sent = send(address, session, "", files={"draft": (None, draft)}, timeout=120)
    page = LexborHTMLParser(sent.text)
    assert sent.status_code == 200
    assert page.css_first(".summary").text() == "1 quotation: 1 exact"
    assert "characters; the first 999," in page.css_first("#checked .note").text()
    sent = send(address, session, "", files={"draft": (None, "x" * limits.MAX_DRAFT_FORM_BYTES)}, timeout=120)
    assert sent.status_code == 413
    assert "What was sent: is larger than 11,000,000 bytes." in LexborHTMLParser(sent.text).css_first(".problem").text()


def test_requests_that_no_form_makes_are_refused_in_a_sentence(address: str, session: str, library: Library) -> None:
    """A form cut off, another kind of report, a place that isn't there; and what the form can't hold is text."""
    broken = send(address, session, "", content=b"--x", headers={"Content-Type": "multipart/form-data"}, timeout=60)
    assert broken.status_code == 400
    problem = LexborHTMLParser(broken.text).css_first(".problem").text()
    assert problem == "What was sent: can't be read. Please send it again."
    other = send(address, session, "/report.exe", files={"draft": (None, "“a b c”")}, timeout=60)
    assert other.status_code == 404
    assert "desk/check.css" in other.text
    digest = library.bulletins[0].sha256
    for query in (
        "sha256=0&start=0&end=5",
        f"sha256={digest}&start=5&end=5",
        f"sha256={digest}&start=x&end=99999999999",
    ):
        missing = httpx.get(f"{address}/check?sha256={query}", timeout=60)
        assert missing.status_code == 404
        assert "The desk holds no such words under this address." in missing.text
    empty = send(address, session, "", json={"draft": "x"}, timeout=60)
    assert empty.status_code == 422


def test_a_desk_that_is_not_ready_says_so_and_keeps_the_draft(tmp_path: Path) -> None:
    """With the status for it, in both forms of the answer."""
    with serve_desk(Service(settings.load(library=tmp_path / "none"))) as address:
        assert httpx.get(f"{address}/check", timeout=60).status_code == 200
        for accept in ("text/html", "application/x-ndjson"):
            form = {"draft": (None, "My “own words”.")}
            sent = httpx.post(f"{address}/check", files=form, headers={"Accept": accept}, timeout=60)
            assert sent.status_code == 503
            assert "still getting ready" in sent.text
            assert "My “own words”." in sent.text


def test_a_damaged_library_is_told_and_nothing_is_shown(tmp_path: Path) -> None:
    """A stored text that has changed is never shown as a quote."""
    library = build_library(tmp_path, a=bulletin_text("2024-05-10", "Haidian District", "Robots", ROBOTS))
    desk = Service(settings.load(library=library.root))
    desk.show(library)
    assert desk.checker() is desk.checker()
    next((library.root / "texts").iterdir()).write_text(ROBOTS.replace("Twenty", "Thirty"), encoding="utf-8")
    with serve_desk(desk) as address:
        sent = httpx.post(f"{address}/check", files={"draft": (None, f"“{ROBOTS}”")}, timeout=60)
        assert sent.status_code == 500
        page = LexborHTMLParser(sent.text)
        assert "give the number" in page.css_first(".problem").text()
        assert page.css(".row") == []


def test_anybody_has_one_quotation_checked(browser: Browser, address: str) -> None:
    """With or without quotation marks; the report is saved too."""
    with open_page(browser, f"{address}/check", 390, 844) as page:
        box = page.get_by_label("The quotation, with where it is said to come from")
        elsewhere = EXPECTED[7][1].replace(EVIL, "")
        for words, verdict in ((ROBOTS, "exact"), (f"Pinggu: “{EXPECTED[3][1]}”", "altered"), (elsewhere, "not-found")):
            page.evaluate("document.getElementById('result').replaceChildren()")
            box.fill(words)
            page.get_by_role("button", name="Check", exact=True).click()
            expect(page.locator(".summary")).to_have_text(f"1 quotation: 1 {verdict}")
        assert page.get_by_label("Or a file").count() == 0
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        assert download.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("kind", ["", "/report.csv"])
def test_drafts_and_files_are_the_staffs(address: str, kind: str) -> None:
    """Whoever sends them past the page gets a sentence, and what was typed is kept."""
    for form, status, line in (
        ({"draft": (None, DRAFT)}, 422, "This text holds 9 quotations, and one is checked at a time."),
        (
            {"draft": (None, "x" * (limits.MAX_PUBLIC_QUOTATION_CHARS + 1))},
            413,
            "This text has 2,001 characters, more than 2,000.",
        ),
        ({"file": ("a.docx", word())}, 403, "Files aren’t taken here: paste the quotation."),
    ):
        sent = httpx.post(f"{address}/check{kind}", files=form, timeout=60)  # type: ignore[arg-type]
        assert sent.status_code == status
        page = LexborHTMLParser(sent.text)
        assert line in page.css_first(".problem").text()
        assert page.css(".row") == []
    sent = httpx.post(f"{address}/check{kind}", files={"draft": (None, "x" * 70_000)}, timeout=60)
    assert sent.status_code == 413


def test_the_staffs_page_is_nobody_elses(address: str, session: str) -> None:
    """Neither the form nor a report."""
    for path in ("", "/report.csv"):
        for value in ("", "x", session[:-4]):
            assert send(address, value, path, files={"draft": (None, DRAFT)}).status_code == 403
        elsewhere = send(address, session, path, {"Sec-Fetch-Site": "cross-site"}, files={"draft": (None, DRAFT)})
        assert elsewhere.status_code == 403
    assert httpx.get(f"{address}/staff/check").status_code == 403
