"""The operator's page in a real browser, with the real model: a bulletin comes in, is corrected, published and taken
back, while another window stays open on the chat."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from embeddings.encoder import Encoder
from rag import settings
from rag.admin import jobs as job
from rag.admin import saved_questions, staging, unanswered
from rag.admin.job_runner import JobRunner, Request
from rag.admin.jobs import Job
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.library import generations
from rag.library.build import update
from rag.library.reader import Library
from rag.web.loader import Loader
from rag.web.service import Service
from tests.support.accounts import PASSWORD, add_account
from tests.support.browser import ask_question, open_page, serve_desk
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import SEEDS
from tests.support.sample_bulletins import bulletin_text

SHIPS = "A choir of forty sailors from Lisbon sang sea shanties on the shore of Jinhai Lake on June 2."
TEXT = bulletin_text(
    "2024-06-05",
    "Miyun District",
    "Sailors sing at the lake",
    f"{SHIPS} The concert was free and ended at dusk.",
    title="Songs by the Lake",
    source="Foreign Affairs Office of Pinggu District",
)
QUESTION = "What happened in Pinggu District in June 2024?"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
LONG = 120_000  # milliseconds: the worker loads the model for its first job


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Service:
    """A desk of the real bulletins, which gets ready, notices new generations and has the real model."""
    folder = tmp_path_factory.mktemp("operated")
    shutil.copytree(SEEDS, folder / "seeds")
    desk = Service(settings.load(seeds=folder / "seeds", library=folder / "library"), encoder)
    update.update_library(desk.settings.folders, desk.settings.library, encoder)
    Loader(desk).start()
    return desk


@pytest.fixture(scope="module")
def address(desk: Service) -> Iterator[str]:
    with serve_desk(desk) as address:
        yield address
    desk.draining.set()


@pytest.fixture(scope="module")
def name(desk: Service) -> str:
    return add_account(desk.settings.library)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Operator").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def accessible(page: Page) -> None:
    """axe finds nothing serious, and everything that can be reached by Tab shows where the focus is."""
    # else axe fetches the style's imports from the page's own folder
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical", "moderate")] == []
    page.evaluate("document.activeElement.blur()")
    for _ in range(8):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const at = document.activeElement;"
            " return at === document.body ? 'solid' : getComputedStyle(at).outlineStyle })()"
        )
        assert focused != "none"


def test_from_upload_to_the_chat_and_back(desk: Service, address: str, name: str, browser: Browser) -> None:
    """A window that was open all along finds the new bulletin's words once it is published, and no longer once the
    operator has gone back."""
    first = generations.in_use(desk.settings.library)
    door = f"{address}/sign-in?to=operator"
    with open_page(browser, address, 1280, 900) as chat, open_page(browser, door, 1280, 900) as page:
        ask_question(chat, QUESTION)
        expect(chat.locator(".answer").last).to_have_class("answer no_match")

        sign_in(page, name)
        go_to(page, "Questions")
        page.get_by_label("A question").fill(QUESTION)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".questions").first).to_contain_text(QUESTION)
        expect(page.locator("#missing ~ .questions")).to_contain_text(QUESTION)  # the chat's question is noted

        go_to(page, "New bulletins")
        page.get_by_label("Files").set_input_files(
            [{"name": "songs.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}]
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.locator(".taken")).to_have_text("songs.txt is staged.")
        staged = page.locator(".staged > li")
        expect(staged).to_contain_text("Songs by the Lake")
        expect(staged).to_contain_text("5 June 2024")
        expect(staged).to_contain_text("Miyun District")

        page.get_by_role("link", name="Preview and correct").click()
        box = page.get_by_role("checkbox", name="Miyun District")
        expect(box).to_be_checked()
        box.uncheck()
        page.get_by_role("checkbox", name="Pinggu District").check()
        page.get_by_role("button", name="Keep the correction").click()
        expect(page.locator("table").first).to_contain_text("Pinggu District")

        go_to(page, "New bulletins")
        expect(staged).to_contain_text("Pinggu District")
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("#check ~ .names").first).to_have_text("songs.txt", timeout=LONG)
        page.get_by_role("button", name="Prepare", exact=True).click()
        change = page.locator(".change", has_text=QUESTION)
        expect(change).to_be_visible(timeout=LONG)
        expect(change).to_contain_text(QUESTION)
        expect(change.locator(".gained")).to_have_text("1 quote gained")
        expect(change.locator("blockquote")).to_contain_text(SHIPS)
        assert generations.in_use(desk.settings.library) == first

        page.get_by_role("button", name="Publish").click()
        expect(page.locator("main")).to_contain_text("Published: 3 bulletins.", timeout=LONG)
        new = generations.in_use(desk.settings.library)
        assert new != first
        expect(page.locator("#staged ~ p").first).to_contain_text("No file is staged.")

        until_served(page, desk, new)
        ask_question(chat, QUESTION)
        expect(chat.locator(".answer").last.locator("article.quote blockquote").first).to_contain_text(SHIPS)
        expect(chat.locator(".answer").last.locator(".where").first).to_have_text("Pinggu District")
        expect(chat.locator(".holdings")).to_contain_text("3 bulletins")

        go_to(page, "Generations")
        page.get_by_role("button", name="Go back to this one").click()
        expect(page.locator("main")).to_contain_text(f"Generation {first} is in use again.", timeout=LONG)
        until_served(page, desk, first)
        ask_question(chat, QUESTION)
        expect(chat.locator(".answer").last).to_have_class("answer no_match")
        expect(chat.locator(".answer").last).not_to_contain_text("sailors")


EVIL = "<img src=x onerror=alert(1)>"
UNBROKEN = "Averyveryverylongwordthatnophonecanshowononeline" * 3
ROBOTS = bulletin_text(
    "2024-05-10",
    "Haidian District",
    f"Robots {EVIL}",
    f"Twenty robots greeted guests from Norway {EVIL}. They bowed twice, and the guests bowed too.",
    "Miyun District",
    UNBROKEN,
    "It rained on the guests of the lake for the whole of an afternoon.",
    title=f"News {EVIL}",
    source=f"The Office {UNBROKEN}",
)
KITES = bulletin_text("2023-04-02", "Miyun District", "Kites", "Sixty kites rose over the hill.", title="Kites")


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A desk with something on every one of the operator's pages: corrections, earlier texts, staged files of all
    kinds, files that can't be read, questions, and a generation that waits to be published."""
    folder = tmp_path_factory.mktemp("lived-in")
    seeds, root, fake = folder / "seeds", folder / "library", HashingEncoder()
    seeds.mkdir()
    for name, text in {f"robots {EVIL.replace('/', '')}": ROBOTS, "kites": KITES, "twin": KITES, "tea": TEXT}.items():
        (seeds / f"{name}.txt").write_text(text)
    (seeds / f"unread {UNBROKEN}.txt").write_bytes(b"\xff\xfe\xff")
    desk = Service(settings.load(seeds=seeds, library=root), fake)
    update.update_library(desk.settings.folders, root, fake)
    (seeds / "tea.txt").write_text(TEXT.replace("forty", "fifty"))
    sidecar.save(seeds / "kites.txt", propose(seeds / "kites.txt", title="Kites over the hill"))
    update.update_library(desk.settings.folders, root, fake)
    for question in ("kites", "robots", f"lions {EVIL}"):
        saved_questions.add(root, question)
    for question in ("elephants", "Elephants?", f"lions {EVIL}", UNBROKEN):
        unanswered.record(root, question, "nothing")
    staged = {
        "kites.txt": KITES.replace("Sixty kites rose", "Ninety kites rose"),
        f"{UNBROKEN}.txt": bulletin_text(None, f"An undated text {EVIL} has robots in it. {UNBROKEN}"),
        "copy.html": f"<title>Songs</title><p>{UNBROKEN}</p>",
        "bad.txt": "",
    }
    for name, text in staged.items():
        data = text.encode() or b"\xff\xfe\xff"
        staging.stage(root, desk.settings.folders, name, io.BytesIO(data), {})
    jobs = JobRunner(desk.settings, fake)
    for number, what in enumerate(("verify", "check", "prepare")):
        done = jobs.run(Request(str(number), what))  # type: ignore[arg-type]
        assert done.state == "done"
    desk.show(Library.open(root))
    return desk


@pytest.fixture
def operator(lived_in: Service, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The operator's page, signed in."""
    name = add_account(lived_in.settings.library)
    with serve_desk(lived_in) as address, open_page(browser, f"{address}/sign-in?to=operator", *request.param) as page:
        accessible(page)
        sign_in(page, name)
        yield page


@pytest.mark.parametrize("operator", SIZES.values(), ids=SIZES, indirect=True)
def test_every_page_can_be_used_by_everybody(lived_in: Service, operator: Page) -> None:
    """axe, the keyboard and a phone's width, with the longest words and markup in every place; what a page lists leads
    on to the page of each."""
    root = lived_in.settings.library
    accessible(operator)
    bulletins = ("New bulletins", "All bulletins", "Generations", "Questions", "Files")
    for name in (*bulletins, "Notice and off switch", "Accounts", "Log"):
        go_to(operator, name)
        accessible(operator)
        assert operator.locator("main img").count() == 0
        assert operator.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    go_to(operator, "All bulletins")
    operator.get_by_role("link", name="Kites over the hill").click()
    expect(operator.locator("#correct")).to_be_visible()
    accessible(operator)
    go_to(operator, "All bulletins")
    operator.get_by_role("link", name="Earlier and withdrawn texts").click()
    expect(operator.locator(".bulletins > li")).to_contain_text("changed since")
    accessible(operator)
    go_to(operator, "New bulletins")
    operator.get_by_role("link", name="Preview and correct").last.click()
    operator.locator("summary").first.press("Enter")
    accessible(operator)
    go_to(operator, "Generations")
    operator.locator("summary").first.press("Enter")
    accessible(operator)
    assert generations.in_use(root)


@pytest.mark.parametrize("operator", SIZES.values(), ids=SIZES, indirect=True)
def test_progress_is_shown_until_the_job_has_ended(lived_in: Service, operator: Page) -> None:
    """The bar goes on without a reload, whichever process is at work; at the end the page shows what came of it."""
    root = lived_in.settings.library
    before = (root / job.FILE).read_bytes()
    with job.exclusive(root):
        now = Job("7", "prepare", stage="Reading bulletins", done=2, whole=8, began=job.utc_now())
        job.write(root, now)
        go_to(operator, "New bulletins")
        expect(operator.locator("#far")).to_have_text("Reading bulletins: 2 of 8")
        expect(operator.get_by_role("button", name="Check", exact=True)).to_be_disabled()
        accessible(operator)
        job.write(root, replace(now, stage="Encoding", done=1_000, whole=2_000))
        expect(operator.locator("#far")).to_have_text("Encoding: 1,000 of 2,000")
        expect(operator.get_by_role("progressbar")).to_have_js_property("value", 1_000)
        expect(operator.locator("#heard")).to_have_text("Encoding: 50 percent")
        operator.get_by_role("button", name="Cancel").click()
        expect(operator.locator(".done")).to_have_text("It stops as soon as it can.")
        assert job.is_cancelled(root, "7")
        job.write(root, replace(now, state="cancelled", line="Stopped.", ended=job.utc_now()))
    expect(operator.locator(".outcome")).to_contain_text("Stopped.")
    expect(operator.locator(".job")).to_have_count(0)
    (root / job.FILE).write_bytes(before)


def test_all_of_it_works_without_script(lived_in: Service, browser: Browser) -> None:
    """Signing in, uploading, correcting, checking; while a job runs, a link shows how far it is."""
    root = lived_in.settings.library
    with serve_desk(lived_in) as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        name = add_account(root)
        page.goto(f"{address}/sign-in?to=operator")
        sign_in(page, name)
        go_to(page, "New bulletins")
        page.get_by_label("Files").set_input_files(
            [
                {
                    "name": "bells.txt",
                    "mimeType": "text/plain",
                    "buffer": bulletin_text("2024-01-01", "Bells rang.").encode(),
                }
            ]
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.locator(".taken")).to_have_text("bells.txt is staged.")
        page.get_by_role("button", name="Remove bells.txt").click()
        expect(page.locator(".done").first).to_have_text("The file is no longer staged.")
        with job.exclusive(root):
            job.write(root, Job("8", "verify", began=job.utc_now()))
            go_to(page, "Files")
            expect(page.get_by_role("link", name="Look how far it is")).to_be_visible()
            job.write(root, Job("8", "verify", "done", line="The library is whole.", ended=job.utc_now()))
        page.get_by_role("link", name="Look how far it is").click()
        expect(page.locator(".outcome")).to_contain_text("The library is whole.")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Password")).to_be_visible()
        context.close()


def until_served(page: Page, desk: Service, name: str) -> None:
    """Until the desk has changed over to this generation."""
    for _ in range(200):
        if desk.serving and desk.serving.library.generation == name:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{name} was never answered from")
