"""Limits inside the functions that answer: they hold for whoever calls, from the page or past it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from rag import limits
from rag.web.auth.access import COOKIE
from rag.web.chat.conversation import Turn, append_turn, with_notice
from rag.web.service import Service
from tests.support.accounts import session_cookie
from tests.support.browser import ask_question, launch_chromium, open_page, serve_desk
from tests.support.chat_client import Unanswered, ask
from tests.support.desks import QUESTION, ready_desk
from tests.support.hashing_encoder import CountingEncoder

LIMIT = 8
LONG = "robots " * 1_500  # 10,500 characters
TOO_OFTEN = re.compile(r"You have asked 8 questions within a minute\. Please wait \d+ seconds and ask again\.")


@pytest.fixture
def counting_encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def desk(library: Path, counting_encoder: CountingEncoder) -> Service:
    return ready_desk(library, counting_encoder, questions_a_minute=LIMIT)


@pytest.fixture
def client(desk: Service) -> Iterator[httpx.Client]:
    with serve_desk(desk) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def function(client: httpx.Client, name: str) -> dict[str, Any]:
    functions = client.get("/config").json()["dependencies"]
    return dict(next(one for one in functions if one["api_name"] == name))


def put(client: httpx.Client, name: str, data: list[Any], **more: Any) -> str:
    """What the page's stream of events tells of a function that is called as the page calls it."""
    called = function(client, name)
    body = {"data": data, "fn_index": called["id"], "trigger_id": called["targets"][0][0], "session_hash": "s1", **more}
    sent = client.post("/gradio_api/queue/join", json=body)
    assert sent.status_code == 200, sent.text
    return client.get("/gradio_api/queue/data", params={"session_hash": "s1"}).text


def called(client: httpx.Client, name: str, data: list[Any]) -> str:
    event = client.post(f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
    return client.get(f"/gradio_api/call/{name}/{event}").text


def test_a_question_of_ten_thousand_characters_reaches_no_model(
    client: httpx.Client, counting_encoder: CountingEncoder
) -> None:
    """By the page, by an example that is none, by a call, by a direct run, under the function's name or its number:
    it is refused in a line, and no text is encoded."""
    ask = function(client, "ask")
    doors = {
        "page": put(client, "ask", [LONG, None, None]),
        "example": put(client, "ask_example", [None, None], event_data={"value": {"text": LONG}, "index": 0}),
        "call": called(client, "ask", [LONG, None, None]),
    }
    for door, said in doors.items():
        assert "10,500 characters, more than 1,000" in said or "10,499 characters, more than 1,000" in said, door
        assert len(said) < 20_000, door
    for path in ("run/ask", "run/predict", "api/ask", "call/v2/ask"):
        body = {"data": [LONG, None, None], "fn_index": ask["id"], "session_hash": "s2"}
        got = client.post(f"/gradio_api/{path}", json=body)
        assert got.status_code == 404, path
        assert len(got.text) < 200
    assert counting_encoder.texts == 0
    print(f"{len(doors) + 4} doors, 0 texts encoded")
    assert "<blockquote>" in put(client, "ask", [QUESTION, None, None])
    assert counting_encoder.texts > 0


def test_what_is_no_question_at_all_asks_nothing(client: httpx.Client, counting_encoder: CountingEncoder) -> None:
    """Whoever comes past the page sends what they like: nothing fails, and nothing of the insides is told."""
    for value in (None, 5, [], {}, {"text": "x"}, ["a", {"b": None}], True, " "):
        for said in (put(client, "ask", [value, None, None]), called(client, "ask", [value, None, None])):
            assert "Traceback" not in said
    for value in (None, 5, {}, {"value": 5}, {"value": {"text": None}}, {"value": {"text": [1]}}):
        assert "Traceback" not in put(client, "ask_example", [None, None], event_data=value)
        assert "Traceback" not in put(client, "take_away", [None, None], event_data=value)


def test_so_many_questions_a_minute(client: httpx.Client, counting_encoder: CountingEncoder) -> None:
    """From one address, whatever door it takes and whatever it says of itself; the conversation is told so."""
    for number in range(LIMIT):
        said = (put if number % 2 else called)(client, "ask", [QUESTION, None, None])
        assert not TOO_OFTEN.search(said)
    before = counting_encoder.texts
    for said in (
        put(client, "ask", [QUESTION, None, None]),
        put(client, "ask_example", [None, None], event_data={"value": {"text": QUESTION}, "index": 0}),
        put(client, "take_away", [None, None], event_data={"answer": "a", "condition": "b"}),
        called(client, "ask", [QUESTION, None, None]),
    ):
        assert TOO_OFTEN.search(said)
    client.headers["X-Forwarded-For"] = "192.0.2.77"
    assert TOO_OFTEN.search(put(client, "ask", [QUESTION, None, None]))
    assert counting_encoder.texts == before


def test_who_is_signed_in_is_counted_by_account(client: httpx.Client, desk: Service) -> None:
    """A colleague behind the same address doesn't take their questions, and a new address gives them none."""
    for _ in range(LIMIT):
        put(client, "ask", [QUESTION, None, None])
    client.cookies.set(COOKIE, session_cookie(desk.settings.library, "staff"))
    for _ in range(LIMIT):
        assert not TOO_OFTEN.search(put(client, "ask", [QUESTION, None, None]))
    assert TOO_OFTEN.search(put(client, "ask", [QUESTION, None, None]))
    client.cookies.set(COOKIE, session_cookie(desk.settings.library, "operator"))
    assert not TOO_OFTEN.search(put(client, "ask", [QUESTION, None, None]))


@pytest.mark.browser
def test_in_the_page_the_question_stays_in_the_box(library: Path) -> None:
    """In a real browser: the line stands in the conversation, and goes with the next answer."""
    desk = ready_desk(library, questions_a_minute=1)
    with (
        serve_desk(desk) as address,
        launch_chromium() as browser,
        open_page(browser, address, 1280, 900) as page,
    ):
        ask_question(page, QUESTION)
        box = page.get_by_label("Your question")
        box.fill("Where did a train with peaches leave for?")
        box.press("Enter")
        expect(page.locator(".answer.held .said")).to_have_text(re.compile("You have asked 1 question within a minute"))
        expect(box).to_have_value("Where did a train with peaches leave for?")


def test_a_conversation_is_bounded_by_its_size() -> None:
    """The earliest turns leave; the newest stays whatever its size."""
    talk: tuple[Turn, ...] = ()
    for number in range(10):
        talk = append_turn(talk, Turn(str(number), "x" * (limits.MAX_CONVERSATION_CHARS // 4)))
    assert [turn.question for turn in talk] == ["6", "7", "8", "9"]
    assert append_turn(talk, Turn("large", "x" * limits.MAX_CONVERSATION_CHARS * 2)) == (
        Turn("large", "x" * limits.MAX_CONVERSATION_CHARS * 2),
    )
    for number in range(limits.MAX_TURNS * 2):
        talk = append_turn(talk, Turn(str(number), "x"))
    assert len(talk) == limits.MAX_TURNS


def test_a_line_in_place_of_an_answer_is_escaped(desk: Service) -> None:
    """As all that is shown."""
    (turn,) = with_notice(desk, "<b>q", "<script>", ())
    assert "<script>" not in turn.html
    assert json.dumps(turn.question) == '"<b>q"'


def test_asking_twice_is_seen_by_the_protocol(client: httpx.Client, desk: Service) -> None:
    """A held question counts as none that was answered."""

    async def run() -> list[str]:
        async with httpx.AsyncClient() as other:
            outcomes = []
            for _ in range(LIMIT + 2):
                try:
                    await ask(other, str(client.base_url).rstrip("/"), QUESTION)
                    outcomes.append("answered")
                except Unanswered as error:
                    outcomes.append(str(error)[:4])
            return outcomes

    assert asyncio.run(run()) == ["answered"] * LIMIT + ["held"] * 2
