"""The page's server: its routes, its shut doors, and a conversation whatever goes wrong."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import limits, settings
from rag.admin import question_log
from rag.answer.assistant import Assistant
from rag.answer.examples import example_questions
from rag.answer.models import Answer
from rag.answer.notice import parse_notice, save
from rag.budget import step
from rag.errors import EncoderUnavailable
from rag.library.reader import Library
from rag.query.models import Condition
from rag.web.answer_cache import AnswerCache
from rag.web.chat import gradio_app
from rag.web.chat.conversation import Turn, ask_without, converse
from rag.web.loader import Loader
from rag.web.server import build_app
from rag.web.service import Service
from tests.support.paths import ROOT
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_library import ENCODER, build_library

BULLETIN = """Consular protection for all
Date: 2023-04-29
Source: Beijing Foreign Affairs Office

Haidian District

A lecture on consular protection

Residents heard a lecture on consular protection and safety abroad, given by an expert.
"""


class Scripted:
    """An assistant that does what the test says, and remembers what it was asked: question, history, without.

    Its answer offers its chips until they are taken away."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []

    def ask(
        self, question: str, *, history: Sequence[str] = (), without: Sequence[str] = (), stopwatch: object = None
    ) -> Answer:
        self.asked.append((question, tuple(history), tuple(without)))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        left = tuple(chip for chip in self.outcome.query.conditions if chip.key not in without)
        return replace(self.outcome, query=replace(self.outcome.query, conditions=left))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return build_library(tmp_path, a=BULLETIN)


@pytest.fixture
def desk(library: Library) -> Service:
    """A desk that has opened its library but can't answer yet."""
    desk = Service(settings.load(seeds=library.root.parent / "bulletins", library=library.root))
    desk.show(library, example_questions(library))
    return desk


@pytest.fixture
def ready(desk: Service, library: Library) -> Service:
    desk.serve(Assistant(library, ENCODER))
    return desk


@pytest.fixture
def client(desk: Service) -> Iterator[TestClient]:
    with TestClient(build_app(desk)) as client:
        yield client


def words(turn: Turn) -> str:
    return LexborHTMLParser(turn.html).body.text().strip()


def test_the_page_opens_before_the_desk_is_ready(client: TestClient, desk: Service, library: Library) -> None:
    """Alive at once; ready, with what it answers from, only once it can answer."""
    assert client.get("/").status_code == 200
    assert client.get("/healthz").json() == {"status": "alive"}
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()["status"]) == (503, "preparing")
    desk.serve(Assistant(library, ENCODER))
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "detail": "Ready",
        "generation": library.generation,
        "number": 1,
        "bulletins": 1,
        "degraded": False,
    }


def test_the_page_says_what_it_holds(client: TestClient) -> None:
    """The number of bulletins and their dates, the promise and the first question are on the page."""
    page = client.get("/config").text
    assert "1 bulletin, 29 April 2023" in page
    assert "every quote is word for word from a stored bulletin; no text is generated" in page
    assert "What consular protection events happened?" in page


def test_the_page_names_no_other_host_to_load_from(client: TestClient) -> None:
    """Scripts, styles, frames and pictures come from the desk, and the browser is told to take no others."""
    page = client.get("/")
    parsed = LexborHTMLParser(page.text)
    sources = [node.attributes.get(name) for name in ("src", "href") for node in parsed.css(f"[{name}]")]
    hosts = {re.sub(r"^(https?:)?//([^/]*).*", r"\2", source) for source in sources if source and "//" in source[:8]}
    assert hosts <= {"testserver"}
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_a_bulletin_is_found_by_its_digest_alone(client: TestClient, library: Library) -> None:
    """Whatever else stands in the address gets one sentence, and no file."""
    digest = library.bulletins[0].sha256
    shown = client.get(f"/bulletin/{digest}?start=0&end=8")
    assert LexborHTMLParser(shown.text).css_first("mark#quote").text() == "Consular"
    for name in ("0" * 64, "a.txt", "..%2f..%2fapp.py", "%00", digest.upper()):
        missing = client.get(f"/bulletin/{name}")
        assert missing.status_code == 404
        said = LexborHTMLParser(missing.text).css_first("main").text().strip()
        assert said == "The desk holds no bulletin under this address."


def test_a_damaged_bulletin_is_not_shown(client: TestClient, library: Library) -> None:
    """A stored text that has changed gives a number under which the log has its error, and none of the text."""
    digest = library.bulletins[0].sha256
    (library.root / "texts" / f"{digest}.txt").write_text("Something else entirely.")
    page = client.get(f"/bulletin/{digest}")
    assert page.status_code == 500
    assert "give the number" in page.text
    assert "Something else" not in page.text


def test_gradio_gives_and_takes_no_files(client: TestClient) -> None:
    """Neither this machine's files nor another host's come through the page, and nothing can be stored."""
    for path in (
        "file=/etc/passwd",
        "file=https://example.invalid/",
        "file/etc/passwd",
        "proxy=https://example.invalid/",
    ):
        assert client.get(f"/gradio_api/{path}").status_code == 404
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 404


def test_no_other_origin_is_answered(client: TestClient) -> None:
    """A page of another site may not read the desk's answers."""
    response = client.get("/config", headers={"Origin": "https://example.invalid"})
    assert "access-control-allow-origin" not in response.headers


def test_a_question_is_answered_with_quotes(ready: Service) -> None:
    """The last state of the conversation holds the question and a quote of the bulletin."""
    *_, talk = converse(ready, " a lecture on consular protection and safety abroad ", ())
    assert [turn.question for turn in talk] == ["a lecture on consular protection and safety abroad"]
    quote = LexborHTMLParser(talk[0].html).css_first("blockquote")
    assert quote.text() == "Residents heard a lecture on consular protection and safety abroad, given by an expert."


def test_a_question_waits_until_the_desk_is_ready(desk: Service, library: Library) -> None:
    """It says so, and is answered in the end."""
    states = converse(desk, "consular protection", ())
    assert "One moment, still loading." in words(next(states)[-1])
    threading.Timer(0.1, desk.serve, [Assistant(library, ENCODER)]).start()
    *_, talk = states
    assert "<blockquote>" in talk[-1].html


@pytest.mark.model
def test_a_desk_that_could_not_get_ready_says_why(tmp_path: Path) -> None:
    """An empty folder of bulletins: the reason, the folder and what to do, in the status and in the chat."""
    empty = tmp_path / "none"
    empty.mkdir()
    desk = Service(settings.load(seeds=empty, library=tmp_path / "library"))
    Loader(desk).start()
    *_, talk = converse(desk, "Anything?", ())
    desk.draining.set()
    assert desk.state.stage.name == "failed"
    assert f" {empty.name}: " in f" {desk.state.stage.line}"
    assert str(tmp_path) not in desk.state.stage.line
    assert words(talk[-1]) == desk.state.stage.line


@pytest.mark.model
def test_a_vanished_folder_does_not_empty_the_desk(library: Library) -> None:
    """The library of before goes on answering, and the page says that the folder is missing."""
    gone = library.root.parent / "gone"
    desk = Service(settings.load(seeds=gone, library=library.root))
    Loader(desk).start()
    desk.wait_until_settled(120)
    desk.draining.set()
    assert desk.serving is not None
    assert desk.serving.library.generation == library.generation
    assert any(notice.startswith(f"{gone.name}: ") for notice in desk.state.notices)


def test_earlier_questions_go_along(desk: Service, library: Library) -> None:
    """The assistant is given the chat's earlier questions, oldest first, without one too long to ask."""
    assistant = Scripted(answer_of(quote_of(library, library.bulletins[0], "Residents heard")))
    desk.serve(assistant)  # type: ignore[arg-type]
    talk: tuple[Turn, ...] = ()
    for question in ("one", "x" * 1001, "two", "three"):
        *_, talk = converse(desk, question, talk)
    assert assistant.asked == [("one", (), ()), ("two", ("one",), ()), ("three", ("one", "two"), ())]


def test_a_question_is_asked_again_without_a_condition(desk: Service, library: Library) -> None:
    """The earlier answer stays; the new one says what was taken away; further conditions add up."""
    chips = (Condition("period:2023", "2023"), Condition("topic:earlier", "lectures", inherited=True))
    assistant = Scripted(answer_of(quote_of(library, library.bulletins[0], "Residents heard"), conditions=chips))
    desk.serve(assistant)  # type: ignore[arg-type]
    *_, talk = converse(desk, "lectures?", ())
    *_, talk = converse(desk, "and in 2023?", talk)
    *_, again = ask_without(desk, talk[1].key, "period:2023", talk)
    assert again[:2] == talk
    assert words(again[2]).startswith("Asked again without the condition 2023. 1 passage.")
    *_, again = ask_without(desk, again[2].key, "topic:earlier", again)
    assert words(again[3]).startswith("Asked again without the conditions 2023, lectures. 1 passage.")
    assert assistant.asked[1:] == [
        ("and in 2023?", ("lectures?",), ()),
        ("and in 2023?", ("lectures?",), ("period:2023",)),
        ("and in 2023?", ("lectures?",), ("period:2023", "topic:earlier")),
    ]


def test_what_was_taken_away_is_not_carried_back(desk: Service, library: Library) -> None:
    """A follow-up that would carry it over is asked without it, and says so; a condition of its own stays."""
    quote = quote_of(library, library.bulletins[0], "Residents heard")
    assistant = Scripted(answer_of(quote, conditions=(Condition("period:2023", "2023"),)))
    desk.serve(assistant)  # type: ignore[arg-type]
    *_, talk = converse(desk, "lectures in 2023?", ())
    *_, talk = ask_without(desk, talk[0].key, "period:2023", talk)
    *_, own = converse(desk, "talks in 2023?", talk)
    assert words(own[-1]).startswith("1 passage.")
    assistant.outcome = answer_of(quote, conditions=(Condition("period:2023", "2023", inherited=True),))
    *_, talk = converse(desk, "and in Haidian?", talk)
    assert assistant.asked[-1] == ("and in Haidian?", ("lectures in 2023?",), ("period:2023",))
    assert words(talk[-1]).startswith("Still without the condition 2023. 1 passage.")


def test_only_what_an_answer_offers_can_be_taken_away(desk: Service, library: Library) -> None:
    """Another conversation's answer, an unknown condition, nothing at all: nothing is asked."""
    chips = (Condition("period:2023", "2023"),)
    assistant = Scripted(answer_of(quote_of(library, library.bulletins[0], "Residents heard"), conditions=chips))
    desk.serve(assistant)  # type: ignore[arg-type]
    *_, talk = converse(desk, "one", ())
    key = talk[0].key
    for answer, condition in ((key, "period:2024"), ("0" * 24, "period:2023"), ("", "period:2023"), (key, "None")):
        assert list(ask_without(desk, answer, condition, talk)) == [talk]
    assert len(assistant.asked) == 1


def test_a_conversation_does_not_grow_for_ever(desk: Service, library: Library) -> None:
    """The earliest questions leave the page, and only the last few go along."""
    assistant = Scripted(answer_of(quote_of(library, library.bulletins[0], "Residents heard")))
    desk.serve(assistant)  # type: ignore[arg-type]
    talk: tuple[Turn, ...] = ()
    for number in range(limits.MAX_TURNS + 5):
        *_, talk = converse(desk, str(number), talk)
    assert [turn.question for turn in talk] == [str(number) for number in range(5, limits.MAX_TURNS + 5)]
    assert assistant.asked[-1][1] == tuple(str(number) for number in range(limits.MAX_TURNS - 6, limits.MAX_TURNS + 4))


def test_the_chat_gets_what_it_would_make_of_an_html_component() -> None:
    """Of every answer and every question, though no component is made for them."""
    talk = (Turn("Who?", "<p>\n  Ann &amp; É</p>\n "), Turn("<b>", ""))
    shown = gr.Chatbot().postprocess(gradio_app._messages(talk)).model_dump()
    said = ["Who?", talk[0].html, "&lt;b&gt;", talk[1].html]
    assert len(shown) == len(said)
    for message, words in zip(shown, said, strict=True):
        [content] = message["content"]
        assert words in content["value"]
        component = {"role": message["role"], "content": gradio_app._html(content["value"])}
        assert gr.Chatbot().postprocess([component]).model_dump() == [message]


def test_an_answer_is_saved_as_csv(client: TestClient, desk: Service, library: Library) -> None:
    """The link in the answer gives a file with its quotes and a name that says what it is."""
    quote = quote_of(library, library.bulletins[0], "Residents heard")
    asked = {"kind": "list", "exhaustive": True, "sort": "date-desc", "topic": "Consular <protection>"}
    desk.serve(Scripted(answer_of(quote, **asked)))  # type: ignore[arg-type]
    *_, talk = converse(desk, "one", ())
    link = LexborHTMLParser(talk[0].html).css_first("a.save").attributes["href"]
    saved = client.get(f"/{link}")
    assert saved.headers["content-type"] == "text/csv; charset=utf-8"
    name = r'attachment; filename="bulletin-desk-\d{4}-\d\d-\d\d-consular-protection\.csv"'
    assert re.fullmatch(name, saved.headers["content-disposition"])
    assert saved.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(saved.content.decode("utf-8-sig"), newline="")))
    assert [(row["quote"], row["sha256"]) for row in rows] == [("Residents heard", quote.sha256)]


def test_an_answer_that_is_gone_or_damaged_is_not_saved(client: TestClient, desk: Service, library: Library) -> None:
    """One sentence, and no file."""
    quote = quote_of(library, library.bulletins[0], "Residents heard")
    key = desk.answers.put(answer_of(replace(quote, text="Residents hoard")))
    for name, status, says in (("0" * 24, 404, "no longer keeps this answer"), (key, 500, "this page was not made")):
        page = client.get(f"/answer/{name}.csv")
        assert page.status_code == status
        assert says in LexborHTMLParser(page.text).body.text()
        assert "attachment" not in page.headers.get("content-disposition", "")


def test_the_shelf_keeps_the_latest_answers(library: Library) -> None:
    """So many answers, so many quotes; the newest is kept whatever its size."""
    quote = quote_of(library, library.bulletins[0], "Residents heard")
    shelf = AnswerCache(max_answers=2, max_quotes=5)
    one, two, three = (shelf.put(answer_of(quote)) for _ in range(3))
    assert [bool(shelf.get(key)) for key in (one, two, three)] == [False, True, True]
    large = shelf.put(answer_of(*[quote] * 9))
    assert [bool(shelf.get(key)) for key in (two, three, large)] == [False, False, True]


def test_the_notice_stands_above_whatever_the_desk_says(desk: Service, library: Library) -> None:
    """While it loads, when it refuses, when it fails: who lost a passport sees the hotline; a running page sees it."""
    lost = "I lost my passport"
    assert "12308" not in words(next(converse(desk, lost, ()))[-1])
    save(library.root, parse_notice("Call 12308 <now>.", "lost passport"))
    assert words(next(converse(desk, lost, ()))[-1]).startswith("Call 12308 <now>.")
    assert words([*converse(desk, lost + "!" * 1_000, ())][-1][-1]).startswith("Call 12308 <now>.")
    desk.serve(Scripted(ValueError()))  # type: ignore[arg-type]
    *_, talk = converse(desk, lost, ())
    assert words(talk[-1]).startswith("Call 12308 <now>.")
    assert "12308" not in words([*converse(desk, "peaches", ())][-1][-1])


def test_an_empty_question_changes_nothing(ready: Service) -> None:
    """Enter on an empty line asks nothing."""
    before = (Turn("one", "<p>1</p>"),)
    assert list(converse(ready, " \n ", before)) == [before]


def test_a_too_long_question_is_refused_even_before_the_desk_is_ready(desk: Service) -> None:
    """Its length and the limit are named."""
    *_, talk = converse(desk, "x" * 10_000, ())
    assert "10,000 characters, more than 1,000" in words(talk[-1])
    assert len(talk[-1].question) < 1_010


def test_a_known_trouble_is_told_by_a_number(desk: Service, caplog: pytest.LogCaptureFixture) -> None:
    """What the library or the model reports is in the log, under the number that the reader is told."""
    desk.serve(Scripted(EncoderUnavailable("can't be loaded", where="model", remedy="Put it back")))  # type: ignore[arg-type]
    *_, talk = converse(desk, "one", ())
    number = re.search(r"give the number (\w{8})\.", words(talk[-1]))
    assert number
    assert caplog.messages[-1].endswith(f"number {number[1]}: model: can't be loaded. Put it back")


def test_a_question_that_costs_too_much_is_ended(desk: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question stays with a line, without half an answer, and is counted as refused; the next one is answered."""
    monkeypatch.setattr(limits, "QUESTION_CPU_SECONDS", 0.05)

    class Endless:
        def ask(self, question: str, **options: object) -> Answer:
            while True:
                step()

    answering, library = desk.serving, desk.library
    assert answering
    assert library
    desk.serve(Endless())  # type: ignore[arg-type]
    *_, talk = converse(desk, "one", ())
    assert words(talk[-1]).startswith("This question asks for too much at once. Ask for fewer things")
    assert (talk[-1].question, talk[-1].key) == ("one", "")
    assert [asked.status for asked in question_log.read(library.root, 90)] == ["refused"]
    desk.serve(Assistant(library, ENCODER))
    *_, talk = converse(desk, "Who gave a lecture?", talk)
    assert "Residents heard a lecture" in words(talk[-1])


def test_an_unforeseen_trouble_is_told_by_a_number(desk: Service, caplog: pytest.LogCaptureFixture) -> None:
    """The reader gets a number, the log the number and the cause; neither the other's part."""
    desk.serve(Scripted(ValueError("secret detail")))  # type: ignore[arg-type]
    *_, talk = converse(desk, "one", ())
    number = re.search(r"give the number (\w{8})\.", words(talk[-1]))
    assert number
    assert "secret detail" not in talk[-1].html
    assert number[1] in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.process
@pytest.mark.parametrize(
    ("options", "status", "named"),
    [(["--port", "abc"], 2, "RAG_PORT"), (["--nonsense"], 2, "--nonsense"), (["--host", "256.0.0.1"], 2, "256.0.0.1")],
)
def test_unusable_options_are_told_in_one_line(options: list[str], status: int, named: str) -> None:
    """No traceback, no usage text: the option and what to do."""
    done = subprocess.run([sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
