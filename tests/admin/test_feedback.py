"""What readers say of answers: taken of an answer that the server itself has given, from its own page, and as it gave
it; whatever else is sent is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import limits, settings
from rag.admin import feedback as kept
from rag.admin.feedback import REASONS
from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.web.chat.conversation import Turn, converse
from rag.web.chat.feedback import GONE, TOO_MUCH, feedback_routes
from rag.web.service import Service
from tests.support.hashing_encoder import HashingEncoder

HOST = "http://desk.example"
QUESTION = "How many robots greeted guests from Norway?"


@pytest.fixture
def desk(library: Path, folder: Path) -> Service:
    desk = Service(settings.load(seeds=folder, library=library))
    desk.show(Library.open(library))
    desk.serve(Assistant(Library.open(library), HashingEncoder()))
    return desk


@pytest.fixture
def client(desk: Service) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(feedback_routes(desk))
    headers = {"Origin": HOST, "Accept": "application/json"}
    with TestClient(app, base_url=HOST, headers=headers) as client:
        yield client


@pytest.fixture
def turn(desk: Service) -> Turn:
    return ask(desk, QUESTION)


def ask(desk: Service, question: str) -> Turn:
    return [*converse(desk, question, ())][-1][-1]


def say(client: TestClient, key: str, **fields: str) -> httpx.Response:
    return client.post(f"/answer/{key}/feedback", data=fields)


def stored(desk: Service) -> dict[str, Any]:
    """What the folder of feedback holds, by the names of its files."""
    files = (desk.settings.library / "log" / "feedback").glob("*")
    return {path.stem: json.loads(path.read_bytes()) for path in files}


def count(desk: Service, verdict: str) -> str:
    told = desk.metrics.exposition().decode()
    return told.split(f'desk_feedback_total{{verdict="{verdict}"}} ')[1].split("\n")[0]


def test_the_server_keeps_its_own_answer(desk: Service, client: TestClient, turn: Turn) -> None:
    """Question, message, generation and quotes; of the reader the verdict, the reason and the words."""
    response = say(client, turn.key, verdict="not_helpful", reason="missing", words="Nothing\r\nof \u202eSweden\x07.")
    assert (response.status_code, list(response.json())) == (200, ["said"])
    (name,) = stored(desk)
    assert name == turn.key
    found = kept.read(desk.settings.library, turn.key)
    answer = desk.answers.get(turn.key)
    assert found
    assert answer
    assert (found.verdict, found.reason, found.words) == ("not_helpful", "missing", "Nothing\nof  Sweden .")
    assert (found.question, found.message, found.status) == (QUESTION, answer.message, "answered")
    assert found.generation == desk.serving.library.generation  # type: ignore[union-attr]
    assert [(one.sha256, one.start, one.end, one.text, one.bulletin) for one in found.quotes] == [
        (one.sha256, one.start, one.end, one.text, one.bulletin) for one in answer.quotes
    ]
    assert list(stored(desk)[name]["quotes"][0]) == ["sha256", "start", "end", "text", "bulletin"]
    assert count(desk, "not_helpful") == "1.0"


def test_as_many_words_as_the_form_takes(desk: Service, client: TestClient, turn: Turn) -> None:
    """Five hundred characters of any script, a line break being one."""
    words = "好" * 249 + "\r\n" + "𠮷" * 250
    assert say(client, turn.key, verdict="not_helpful", reason="other", words=words).status_code == 200
    found = kept.read(desk.settings.library, turn.key)
    assert found
    assert found.words == words.replace("\r", "")


def test_a_later_word_replaces_the_earlier(desk: Service, client: TestClient, turn: Turn) -> None:
    """And what was made of the earlier one stays known."""
    say(client, turn.key, verdict="not_helpful", reason="other")
    kept.mark_as_case(desk.settings.library, turn.key, "feedback-1")
    say(client, turn.key, verdict="helpful")
    assert len(stored(desk)) == 1
    found = kept.read(desk.settings.library, turn.key)
    assert found
    assert (found.verdict, found.reason, found.case) == ("helpful", "", "feedback-1")
    assert (count(desk, "helpful"), count(desk, "not_helpful")) == ("1.0", "1.0")


def test_the_buttons_stand_under_every_answer(desk: Service) -> None:
    """An answer and a no; their forms name the id that the server gave, and each of the reasons."""
    for question in (QUESTION, "Do pandas fly to the moon on Zyzzyx?"):
        turn = ask(desk, question)
        shown = LexborHTMLParser(turn.html)
        forms = shown.css(".feedback form")
        assert [form.attributes["action"] for form in forms] == [f"answer/{turn.key}/feedback"] * 2
        offered = [option.attributes["value"] for option in shown.css("option")]
        assert offered == ["", *REASONS]
    refused = [*converse(desk, "why " * 600, ())][-1][-1]
    assert "feedback" not in refused.html


FORGED: dict[str, list[tuple[str, str]]] = {
    "another question": [("verdict", "helpful"), ("question", "Is the mayor a fool?")],
    "another message": [("verdict", "helpful"), ("message", "Yes.")],
    "another text": [("verdict", "helpful"), ("quotes", '[{"text": "The mayor is a fool."}]')],
    "a quote's text": [("verdict", "helpful"), ("text", "The mayor is a fool.")],
    "another status": [("verdict", "helpful"), ("status", "no_match")],
    "another generation": [("verdict", "helpful"), ("generation", "00000")],
    "another id": [("verdict", "helpful"), ("id", "0" * 24)],
    "a case": [("verdict", "helpful"), ("case", "feedback-1")],
    "a name in capitals": [("Verdict", "helpful")],
    "no verdict": [],
    "an empty verdict": [("verdict", "")],
    "an unknown verdict": [("verdict", "excellent")],
    "a verdict of markup": [("verdict", "<b>helpful</b>")],
    "two verdicts": [("verdict", "helpful"), ("verdict", "not_helpful")],
    "no reason": [("verdict", "not_helpful")],
    "an empty reason": [("verdict", "not_helpful"), ("reason", "")],
    "an unknown reason": [("verdict", "not_helpful"), ("reason", "boring")],
    "a reason's words": [("verdict", "not_helpful"), ("reason", "Something is missing")],
    "two reasons": [("verdict", "not_helpful"), ("reason", "other"), ("reason", "missing")],
    "a reason for what helped": [("verdict", "helpful"), ("reason", "missing")],
    "words for what helped": [("verdict", "helpful"), ("words", "Fine.")],
    "too many words": [("verdict", "not_helpful"), ("reason", "other"), ("words", "x" * 501)],
    "far too many words": [("verdict", "not_helpful"), ("reason", "other"), ("words", "x" * 20_000)],
    "words twice": [("verdict", "not_helpful"), ("reason", "other"), ("words", "a"), ("words", "b")],
}  # fmt: skip


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED.keys())
def test_what_the_form_doesn_t_have_is_refused(
    desk: Service, client: TestClient, turn: Turn, sent: list[tuple[str, str]]
) -> None:
    """With one line, and nothing is kept; nor does it change what was kept before."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for before in ({}, {"verdict": "helpful"}):
        if before:
            say(client, turn.key, **before)
        was = stored(desk)
        response = client.post(f"/answer/{turn.key}/feedback", content=urlencode(sent), headers=headers)
        assert response.status_code == 422
        assert 0 < len(response.json()["said"]) < 200
        assert "\n" not in response.json()["said"]
        assert stored(desk) == was


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="verdict"\r\n\r\nhelpful\r\n--x--'
OTHERS: dict[str, tuple[str, bytes]] = {
    "json": ("application/json", b'{"verdict": "helpful"}'),
    "multipart": ("multipart/form-data; boundary=x", MULTIPART),
    "no type": ("", b"verdict=helpful"),
    "plain text": ("text/plain", b"verdict=helpful"),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"verdict=not_helpful&reason=other&words=%ff%fe"),
    "raw bytes": ("application/x-www-form-urlencoded", b"verdict=not_helpful&reason=other&words=\xff"),
    "many fields": ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 4000)),
}  # fmt: skip


@pytest.mark.parametrize(("content_type", "body"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_no_such_form_is_refused(
    desk: Service, client: TestClient, turn: Turn, content_type: str, body: bytes
) -> None:
    response = client.post(f"/answer/{turn.key}/feedback", content=body, headers={"Content-Type": content_type})
    assert (response.status_code, stored(desk)) == (422, {})


def test_of_an_answer_that_the_server_never_gave_nothing_is_kept(desk: Service, client: TestClient, turn: Turn) -> None:
    """A made-up id, one that was altered, one that has left the shelf, one that would lead elsewhere."""
    keys = [
        *("0" * 24, turn.key[:-1] + ("0" if turn.key[-1] != "0" else "1"), turn.key.upper(), turn.key[:-1]),
        *(turn.key + "0", "..%2f..%2faccounts", "%00", "x" * 5_000, turn.key + "%0a"),
    ]
    for key in keys:
        if key != turn.key:
            response = say(client, key, verdict="helpful")
            assert response.status_code == 404
    assert say(client, keys[0], verdict="helpful").json() == {"said": GONE}
    for number in range(desk.answers.max_answers):
        desk.answers.put(desk.answers.get(turn.key) or pytest.fail(f"gone after {number}"))
    assert say(client, turn.key, verdict="helpful").json() == {"said": GONE}
    assert stored(desk) == {}


def test_another_page_can_t_speak_for_a_reader(desk: Service, client: TestClient, turn: Turn) -> None:
    """The browser says where a form comes from, and a page can't make it say otherwise."""
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HOST + ".evil.example"},
        {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "none"},
    ):
        response = client.post(f"/answer/{turn.key}/feedback", data={"verdict": "helpful"}, headers=headers)
        assert response.status_code == 403
    del client.headers["Origin"]
    assert say(client, turn.key, verdict="helpful").status_code == 403
    assert stored(desk) == {}


def test_what_is_replayed_changes_nothing_but_its_own(desk: Service, client: TestClient, turn: Turn) -> None:
    """A request sent again, or for another answer, is stored with what the server knows of that answer."""
    other = ask(desk, "When did a train with peaches leave for Lisbon?")
    for key in (turn.key, turn.key, other.key):
        assert say(client, key, verdict="not_helpful", reason="source").status_code == 200
    questions = {key: found["question"] for key, found in stored(desk).items()}
    assert questions == {turn.key: QUESTION, other.key: "When did a train with peaches leave for Lisbon?"}


def test_one_address_is_heard_so_often_a_day(desk: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one reader could speak for all; what was kept stays as it is."""
    monkeypatch.setattr(limits, "MAX_FEEDBACK_OF_ADDRESS", 2)
    app = FastAPI()
    app.include_router(feedback_routes(desk))
    with TestClient(app, base_url=HOST, headers={"Origin": HOST, "Accept": "application/json"}) as client:
        keys = [ask(desk, QUESTION).key for _ in range(3)]
        said = [say(client, key, verdict="helpful") for key in keys]
    assert [one.status_code for one in said] == [200, 200, 429]
    assert said[-1].json() == {"said": TOO_MUCH}
    assert stored(desk).keys() == set(keys[:2])


def test_without_script_a_sentence_is_shown(desk: Service, client: TestClient, turn: Turn) -> None:
    """As the form opens it in a tab of its own."""
    client.headers["Accept"] = "text/html"
    response = say(client, turn.key, verdict="helpful")
    assert response.headers["content-type"].startswith("text/html")
    assert "Thank you." in response.text
    assert say(client, "0" * 24, verdict="helpful").status_code == 404


def test_what_can_t_be_kept_is_said(desk: Service, client: TestClient, turn: Turn) -> None:
    """And isn't counted."""
    (desk.settings.library / "log" / "feedback").write_text("no folder")
    response = say(client, turn.key, verdict="helpful")
    assert (response.status_code, count(desk, "helpful")) == (500, "0.0")
    assert "could not be kept" in response.json()["said"]


def test_a_changed_file_is_found(desk: Service, client: TestClient, turn: Turn) -> None:
    """Another word on the same answer takes its place."""
    say(client, turn.key, verdict="helpful")
    path = desk.settings.library / "log" / "feedback" / f"{turn.key}.json"
    path.write_bytes(path.read_bytes().replace(b"robots", b"rabbit"))
    assert kept.list_summaries(desk.settings.library) == ((), 1)
    say(client, turn.key, verdict="helpful")
    assert kept.list_summaries(desk.settings.library)[1] == 0
