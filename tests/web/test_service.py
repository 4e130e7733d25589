"""A desk that changes over: questions, pages and checks while other processes index, publish, go back and break things.

The other process is the test itself: a desk hears of it by the library's files alone.
"""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from rag import settings
from rag.checking import checker
from rag.checking.checker import Checker
from rag.library import generations, publishing
from rag.library.build.update import update_library
from rag.library.manifest import read_manifest
from rag.library.reader import Library
from rag.web import loader
from rag.web.auth.access import COOKIE
from rag.web.chat.conversation import converse
from rag.web.chat.gradio_app import _masthead
from rag.web.loader import Loader
from rag.web.server import build_app
from rag.web.service import READY, Service
from tests.support.accounts import session_cookie
from tests.support.browser import ask_question, launch_chromium, open_page, serve_desk
from tests.support.chat_client import ChatAnswer, Unanswered, parse_answer
from tests.support.effort import effort
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import FIRST

QUESTION = "How many robots greeted guests from Norway?"
CHANGES = effort(6, 12)


class Site:
    """A folder of bulletins and its library; ``digests`` are the texts that each generation holds."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self.root = folder, library
        self.digests: dict[str, set[str]] = {}
        self.note()

    def note(self) -> str:
        now = Library.open(self.root)
        self.digests[now.generation] = set(now.by_digest)
        return now.generation

    def count(self, robots: str) -> str:
        """Index with another number of robots; the generation's name."""
        (self.folder / "first.txt").write_text(FIRST.replace("Twenty robots", f"{robots} robots"), encoding="utf-8")
        update_library(self.folder, self.root, HashingEncoder())
        return self.note()

    def damage(self) -> None:
        """Cuts a byte off what the generation in use has and the one before hadn't."""
        now, before, *_ = (
            {part.segment for part in read_manifest(self.root, held.generation).segments}
            for held in generations.list_generations(self.root)
        )
        for segment in now - before:
            passages = self.root / "segments" / segment / "passages.jsonl"
            passages.write_bytes(passages.read_bytes()[:-1])


@pytest.fixture
def site(folder: Path, library: Path) -> Site:
    return Site(folder, library)


@pytest.fixture
def desk(site: Site) -> Iterator[Service]:
    desk = Service(settings.load(seeds=site.folder, library=site.root), HashingEncoder())
    yield desk
    desk.draining.set()


@pytest.fixture
def watch(desk: Service) -> Loader:
    """Of a desk that is ready; the test says when it looks."""
    watch = Loader(desk)
    watch.prepare()
    assert desk.state.stage == READY
    return watch


def answer(desk: Service, question: str = QUESTION) -> ChatAnswer:
    *_, talk = converse(desk, question, ())
    return parse_answer(talk[-1].html)


def until(reached: Callable[[], bool]) -> None:
    while not reached():
        time.sleep(0.01)


def readiness(desk: Service) -> tuple[int, dict[str, Any]]:
    with TestClient(build_app(desk)) as client:
        ready = client.get("/readyz")
        return ready.status_code, ready.json()


@pytest.mark.soak
def test_questions_asked_without_pause_never_see_two_generations(desk: Service, site: Site) -> None:
    """Every answer names one generation, all of its quotes are of that one, none fails, while generations change."""
    answers: list[ChatAnswer] = []
    failures: list[str] = []
    done = threading.Event()

    def ask_on() -> None:
        while not done.is_set():
            try:
                answers.append(answer(desk, "What happened in the districts?" if len(answers) % 2 else QUESTION))
            except Unanswered as error:
                failures.append(repr(error))

    Loader(desk).start()
    assert desk.wait_until_settled(60)
    readers = [threading.Thread(target=ask_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(CHANGES):
        name = site.count(f"{number + 30}")
        until(lambda name=name: desk.serving is not None and desk.serving.library.generation == name)  # type: ignore[misc]
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len({one.generation for one in answers}) > CHANGES // 2
    assert all(one.status == "answered" and one.quotes for one in answers)
    assert [one for one in answers if not {q.sha256 for q in one.quotes} <= site.digests[one.generation or ""]] == []
    assert f"{CHANGES + 29} robots" in answer(desk).html


def test_an_answer_that_is_being_made_stays_with_its_generation(
    desk: Service, watch: Loader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is searched, quoted and laid out from the one that it was asked of, though the desk has changed over."""
    before = desk.serving
    assert before
    assert before.assistant
    asked = before.assistant.ask

    def ask_slowly(question: str, **options: Any) -> Any:
        found = asked(question, **options)
        site.count("Ninety")
        watch.poll()
        assert desk.serving is not before
        return found

    monkeypatch.setattr(before.assistant, "ask", ask_slowly)
    one = answer(desk)
    assert one.generation == before.library.generation
    assert "Twenty robots" in one.html
    assert "Ninety robots" in answer(desk).html


def test_what_was_answered_before_is_still_saved_and_linked(desk: Service, watch: Loader, site: Site) -> None:
    """An answer of an earlier generation gives its file and its permanent link: its texts are kept."""
    *_, talk = converse(desk, "What happened in Haidian District?", ())
    site.count("Ninety")
    watch.poll()
    session = {COOKIE: session_cookie(desk.settings.library, "staff")}
    with TestClient(build_app(desk), "http://127.0.0.1", cookies=session) as client:
        saved = client.get(f"/answer/{talk[-1].key}.csv")
        assert "Twenty robots" in saved.text
        kept = client.post(f"/answer/{talk[-1].key}/keep", headers={"Sec-Fetch-Site": "same-origin"})
        assert kept.status_code == 200
        assert "Twenty robots" in kept.text


def test_the_generation_of_before_goes_with_its_last_reader(desk: Service, watch: Loader, site: Site) -> None:
    """Its memory is given back, not while somebody reads from it; what hasn't changed is shared, not read again."""
    serving = desk.serving
    assert serving
    gone = weakref.ref(serving.library)
    segments = {segment.digest: segment for segment in serving.library.segments}
    site.count("Ninety")
    watch.poll()
    gc.collect()
    assert gone() is serving.library
    now = desk.serving
    assert now
    assert now is not serving
    shared = [segment for segment in now.library.segments if segment.digest in segments]
    assert all(segment is segments[segment.digest] for segment in shared)
    del serving
    gc.collect()
    assert gone() is None


def test_a_generation_that_cannot_be_opened_is_not_turned_to(desk: Service, watch: Loader, site: Site) -> None:
    """The one in hand goes on answering, the desk says so, and it is ready again with the next whole one."""
    first = answer(desk).generation
    site.count("Ninety")
    site.damage()
    watch.poll()
    assert answer(desk).generation == first
    status, ready = readiness(desk)
    assert (status, ready["status"], ready["degraded"], ready["generation"]) == (200, "degraded", True, first)
    assert "damaged" in ready["detail"]
    assert ready["detail"] in _masthead(desk.state).replace("&#39;", "'")
    name = site.count("Eighty")
    watch.poll()
    assert (readiness(desk)[1]["status"], answer(desk).generation) == ("ready", name)
    assert "go on answering" not in _masthead(desk.state)


def test_what_could_not_be_opened_is_tried_again(
    desk: Service, watch: Loader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while, though nothing names another generation: a disk may have come back."""
    name = site.count("Ninety")
    segments = site.root / "segments"
    segments.rename(site.root / "elsewhere")
    watch.poll()
    assert desk.state.stage.name == "degraded"
    (site.root / "elsewhere").rename(segments)
    watch.poll()
    assert desk.state.stage.name == "degraded"
    monkeypatch.setattr(loader, "RETRY_SECONDS", 0.0)
    watch.poll()
    assert (desk.state.stage, answer(desk).generation) == (READY, name)


def test_a_library_made_by_another_model_is_not_turned_to(desk: Service, watch: Loader, site: Site) -> None:
    """Its answers would be wrong in silence."""
    first = answer(desk).generation
    update_library(site.folder, site.root, HashingEncoder(32))
    watch.poll()
    assert desk.state.stage.name == "degraded"
    assert "hashing-32" in desk.state.stage.line
    assert answer(desk).generation == first


def test_going_back_is_followed(desk: Service, watch: Loader, site: Site) -> None:
    """The generation of before answers again; a server that is started then doesn't lead on from it by itself."""
    first = answer(desk).generation
    site.count("Ninety")
    watch.poll()
    publishing.rollback(site.root)
    watch.poll()
    assert answer(desk).generation == first
    assert "Twenty robots" in answer(desk).html
    again = Service(desk.settings, HashingEncoder())
    Loader(again).prepare()
    assert answer(again).generation == first


def test_a_pointer_that_has_gone_is_said_until_it_is_back(desk: Service, watch: Loader, site: Site) -> None:
    """A library whose folder isn't there for a while: what has been read goes on answering."""
    pointer = (site.root / "CURRENT").read_bytes()
    (site.root / "CURRENT").unlink()
    watch.poll()
    assert desk.state.stage.name == "degraded"
    assert "Twenty robots" in answer(desk).html
    (site.root / "CURRENT").write_bytes(pointer)
    watch.poll()
    assert desk.state.stage == READY


def test_at_start_an_earlier_generation_stands_in_for_a_damaged_one(desk: Service, site: Site) -> None:
    """Where the bulletins can't be indexed anew either; both are said."""
    first = site.note()
    site.count("Ninety")
    site.damage()
    site.folder.rename(site.folder.with_name("elsewhere"))
    Loader(desk).prepare()
    assert answer(desk).generation == first
    assert desk.state.stage.name == "degraded"
    assert any(notice.startswith(f"{site.folder.name}: ") for notice in desk.state.notices)


def test_a_start_while_another_process_indexes_is_no_complaint(desk: Service, site: Site) -> None:
    """The library that there is answers."""
    with generations.write_lock(site.root):
        Loader(desk).prepare()
    assert (desk.state.stage, desk.state.notices) == (READY, ())
    assert "Twenty robots" in answer(desk).html


def test_a_first_library_that_another_process_makes_is_waited_for(folder: Path, tmp_path: Path) -> None:
    """Two servers started at once on a new machine: one makes the library, the other waits; if it fails, takes over."""
    desk = Service(settings.load(seeds=folder, library=tmp_path / "new"), HashingEncoder())
    with generations.write_lock(tmp_path / "new"):
        Loader(desk).start()
        until(lambda: "another process is indexing" in desk.state.stage.line)
    assert desk.wait_until_settled(60)
    desk.draining.set()
    assert desk.state.stage == READY


def test_a_desk_that_failed_gets_ready_once_there_is_a_library(folder: Path, tmp_path: Path) -> None:
    """Nobody needs to start it again."""
    desk = Service(settings.load(seeds=tmp_path / "none", library=tmp_path / "new"), HashingEncoder())
    watch = Loader(desk)
    watch.prepare()
    assert desk.state.stage.name == "failed"
    assert readiness(desk)[0] == 503
    update_library(folder, tmp_path / "new", HashingEncoder())
    watch.poll()
    assert desk.state.stage == READY
    assert "Twenty robots" in answer(desk).html


def test_a_check_never_waits_for_a_change_over(
    desk: Service, watch: Loader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked by goes on checking, of its own generation, until the new one is made in the background."""
    go_on = threading.Event()

    class SlowChecker(Checker):
        def __init__(self, library: Library) -> None:
            go_on.wait(60)
            super().__init__(library)

    before = desk.checker()
    assert before
    monkeypatch.setattr(checker, "Checker", SlowChecker)
    name = site.count("Ninety")
    watch.poll()
    assert desk.checker() is before
    assert before.check("“Twenty robots greeted guests from Norway on May 3.”").rows[0].verdict == "exact"
    go_on.set()
    until(lambda: desk.checker() is not before)
    after = desk.checker()
    assert after
    assert after.library.generation == name
    assert after.check("“Twenty robots greeted guests from Norway on May 3.”").rows[0].verdict == "altered"


def test_a_question_without_an_answer_is_noted(desk: Service, watch: Loader) -> None:
    """For the operator: with how often it was asked; one that was answered isn't."""
    from rag.admin.unanswered import most_frequent

    nothing = "zzzz qqqq xxxx"
    for question in (nothing, QUESTION, nothing):
        answer(desk, question)
    assert [(one.question, one.count) for one in most_frequent(desk.settings.library)] == [(nothing, 2)]


@pytest.mark.process
@pytest.mark.browser
def test_a_page_open_all_along_shows_the_new_state(desk: Service, watch: Loader, site: Site) -> None:
    """With the next answer: how many bulletins there are, their dates, and what is wrong; nothing is loaded anew."""
    third = "Kites over Yanqing\nDate: 2024-06-02\n\nForty kite flyers from Portugal came to a festival on May 30."
    with (
        serve_desk(desk) as address,
        launch_chromium() as browser,
        open_page(browser, address, 1280, 900) as page,
    ):
        page.evaluate("window.open_all_along = true")
        expect(page.locator(".holdings")).to_have_text("2 bulletins, 9 January 2023 to 10 May 2024")
        ask_question(page, QUESTION)
        (site.folder / "third.txt").write_text(third, encoding="utf-8")
        update_library(site.folder, site.root, HashingEncoder())
        watch.poll()
        ask_question(page, "How many kite flyers came from Portugal?")
        expect(page.locator("article.quote blockquote").last).to_contain_text("Forty kite flyers from Portugal")
        expect(page.locator(".holdings")).to_have_text("3 bulletins, 9 January 2023 to 2 June 2024")
        site.count("Ninety")
        site.damage()
        watch.poll()
        ask_question(page, QUESTION)
        expect(page.locator(".masthead .notice")).to_contain_text("damaged")
        expect(page.locator(".status")).to_have_text("Ready")
        assert page.evaluate("window.open_all_along")
