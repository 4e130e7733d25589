"""Many at once: who comes when the desk is full reads so, and gets an answer a moment later."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from rag.web.idle import StaleAnswers
from rag.web.internals import QuestionQueue
from rag.web.middleware.concurrency_limit import BUSY, CROWDED, MANY_OPEN, ConcurrencyLimit, Heartbeats, Room
from tests.support.asgi import EchoApp, http_scope, send_request
from tests.support.browser import launch_chromium, serve_desk
from tests.support.chat_client import API, AskEvent, Unanswered, ask, ask_event
from tests.support.desks import QUESTION, QUOTE, block_answers, quotes_robots, ready_desk
from tests.support.effort import effort
from tests.support.server_process import run_server

SESSIONS = effort(120, 500)


def test_so_many_questions_wait_and_so_many_requests_are_under_way() -> None:
    """One more is turned away with a line and a time, and counted; a probe never is."""
    turned_away: list[int] = []
    waiting = [1, 2]
    go_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()
        await EchoApp()(scope, receive, send)

    async def run() -> None:
        app = ConcurrencyLimit(slow, waiting, lambda: turned_away.append(1), max_waiting=3, requests=Room(1, 9))
        join = http_scope("/gradio_api/queue/join", "POST")
        first = asyncio.create_task(send_request(app, join))
        await asyncio.sleep(0)
        for path in ("/gradio_api/queue/join", "/gradio_api/call/ask"):
            full = await send_request(app, http_scope(path, "POST"))
            assert (full.status, full.detail) == (503, BUSY)
            assert int(full.headers["retry-after"]) > 0
        second = asyncio.create_task(send_request(app, http_scope("/gradio_api/queue/data")))
        await asyncio.sleep(0)
        assert app.answers.total == 1
        assert (await send_request(app, http_scope("/"))).detail == CROWDED
        probe = asyncio.create_task(send_request(app, http_scope("/healthz")))
        await asyncio.sleep(0)
        go_on.set()
        assert [one.status for one in await asyncio.gather(first, second, probe)] == [200] * 3
        waiting.clear()
        assert (await send_request(app, join)).status == 200

    asyncio.run(run())
    assert len(turned_away) == 3


def test_one_address_does_not_take_every_place() -> None:
    """What it holds open counts until it ends; others are answered meanwhile."""
    go_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()
        await EchoApp()(scope, receive, send)

    async def run() -> None:
        app = ConcurrencyLimit(slow, [], requests=Room(9, 2))
        page = http_scope("/bulletins", client="2001:db8::1")
        held = [asyncio.create_task(send_request(app, page)) for _ in range(2)]
        await asyncio.sleep(0)
        assert (await send_request(app, http_scope(client="2001:db8::2"))).detail == MANY_OPEN
        other = asyncio.create_task(send_request(app, http_scope(client="192.0.2.9")))
        await asyncio.sleep(0)
        go_on.set()
        assert [one.status for one in await asyncio.gather(*held, other)] == [200] * 3
        assert (await send_request(app, page)).status == 200

    asyncio.run(run())


async def beat(scope: Any, receive: Any, send: Any) -> None:
    """A heartbeat as Gradio's: it begins, and goes on until the client has left."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.Event().wait()


def test_heartbeats_take_nobody_s_place() -> None:
    """Of as many as there may be, the oldest of whoever has most makes way; for the networks around an address, too;
    whoever is ended gets a whole response, and other requests aren't touched."""

    async def run() -> None:
        room = Heartbeats(6, 2)
        app = ConcurrencyLimit(beat, [], heartbeats=room)
        held: list[tuple[str, asyncio.Task[Any]]] = []

        async def opened(*clients: str) -> list[str]:
            """The addresses whose streams go on."""
            for client in clients:
                task = asyncio.create_task(send_request(app, http_scope("/gradio_api/heartbeat/x", client=client)))
                held.append((client, task))
                for _ in range(9):
                    await asyncio.sleep(0)
            return [client for client, task in held if not task.done()]

        async def left() -> None:
            for _, task in held:
                task.cancel()
            await asyncio.wait([task for _, task in held])
            assert (room.total, room.taken, room._open) == (0, {}, {})

        assert await opened("a", "a", "a") == ["a", "a"]
        first = held[0][1].result()
        assert (first.status, first.body) == (200, b"")
        assert await opened("b", "c", "c", "d") == ["a", "a", "b", "c", "c", "d"]
        assert await opened("e") == ["a", "b", "c", "c", "d", "e"]
        assert await opened("f") == ["a", "b", "c", "d", "e", "f"]
        await left()
        house = [f"2001:db8:1:{number:x}::1" for number in range(12)]  # networks of one /56
        assert len(await opened(*house)) == 4
        office = [f"2001:db8:1:{number:x}00::1" for number in range(1, 9)]  # of one /48
        assert len(await opened(*office)) == 6
        await left()

    asyncio.run(run())


def test_there_is_room_for_the_staff_whatever_the_public_holds() -> None:
    """Signing in and the off switch, when all other places are taken; they have a bound as well."""
    go_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()
        await EchoApp()(scope, receive, send)

    async def run() -> None:
        app = ConcurrencyLimit(slow, [], requests=Room(1, 1), answers=Room(1, 1), staff=Room(2, 1))
        taken = ("/", "/gradio_api/queue/data", "/sign-in")
        held = [asyncio.create_task(send_request(app, http_scope(path))) for path in taken]
        await asyncio.sleep(0)
        refused = ("/bulletins", "/gradio_api/queue/data", "/gradio_api/call/ask/1", "/staff", "/operator/off")
        assert [(await send_request(app, http_scope(path))).status for path in refused] == [503] * 5
        held.append(asyncio.create_task(send_request(app, http_scope("/operator/off", "POST", client="b"))))
        await asyncio.sleep(0)
        go_on.set()
        assert [one.status for one in await asyncio.gather(*held)] == [200] * 4

    asyncio.run(run())


def test_an_answer_that_nobody_comes_for_is_not_kept_for_ever() -> None:
    """After two minutes; not one that is still being made, nor one that is being read; of too many the oldest."""
    now = [0.0]
    full, empty = SimpleNamespace(empty=lambda: False), SimpleNamespace(empty=lambda: True)
    queue: Any = SimpleNamespace(
        __len__=len,
        pending_messages_per_session={"gone": full, "made": full, "read": empty},
        pending_event_ids_session={"gone": {"1"}, "made": {"2"}},
        event_ids_to_events={"2": object()},
        **dict.fromkeys(("push", "start_processing", "stopped", "progress_update_sleep_when_free")),
    )
    page: Any = SimpleNamespace(_queue=queue)
    unread = StaleAnswers(QuestionQueue(page), seconds=120, max_sessions=2, clock=lambda: now[0])
    assert unread.drop() == 0
    now[0] = 121
    assert unread.drop() == 1
    assert set(queue.pending_messages_per_session) == {"made", "read"}
    for number in range(4):
        queue.pending_messages_per_session[f"n{number}"] = full
        now[0] += 1
        unread.drop()
    assert set(queue.pending_messages_per_session) == {"made", "read", "n2", "n3"}


@pytest.mark.browser
def test_a_full_desk_tells_a_reader_so_and_answers_a_moment_later(library: Path) -> None:
    """In a real browser: somebody fills the queue; the reader sees a line, keeps the question, and need do nothing."""
    desk = ready_desk(library)
    assistant = block_answers(desk)
    with serve_desk(desk) as address, launch_chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        box = page.get_by_label("Your question")
        box.click()

        async def flood() -> Counter[int]:
            async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None), timeout=60) as client:
                event = await ask_event(client, address)
                body = {"data": [QUESTION, None, None], "fn_index": event.fn_index, "trigger_id": event.trigger}
                url = f"{address}/{API}/queue/join"
                sent = [client.post(url, json=body | {"session_hash": f"flood{n}"}) for n in range(120)]
                return Counter(one.status_code for one in await asyncio.gather(*sent))

        seen = in_a_thread(flood)
        assert set(seen) == {200, 503}, seen
        box.press_sequentially(QUESTION)
        box.press("Enter")
        banner = page.get_by_role("status").filter(has_text="The desk is busy")
        expect(banner).to_be_visible()
        expect(box).to_have_value(QUESTION)
        expect(page.get_by_text("Error", exact=True)).to_have_count(0)
        assistant.go_on.set()
        expect(page.locator("article.quote blockquote").first).to_have_text(QUOTE, timeout=60_000)
        expect(banner).to_have_count(0)
        expect(box).to_have_value("")
        assert desk.metrics.exposition().decode().count("desk_busy_total")
        print(f"120 questions at once, the desk held: {dict(seen)}; the reader was told and then answered")


@pytest.mark.browser
def test_a_reader_who_gives_up_can_ask_again(library: Path) -> None:
    """The desk stays full: after some tries its own line is left, nothing covers the conversation, the question stays
    in the box."""
    desk = ready_desk(library)
    with serve_desk(desk) as address, launch_chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.route(
            "**/queue/join*",
            lambda route: route.fulfill(
                status=429, content_type="application/json", body='{"detail": "Too many <b>requests</b>."}'
            ),
        )
        box = page.get_by_label("Your question")
        box.fill(QUESTION)
        box.press("Enter")
        expect(page.locator("#said")).to_have_text("Too many <b>requests</b>.")
        expect(box).to_have_value(QUESTION)
        for covering in page.locator("[data-testid=status-tracker], .toast-wrap").all():
            expect(covering).to_be_hidden()
        page.unroute("**/queue/join*")
        box.press("Enter")
        expect(page.locator("article.quote blockquote").first).to_have_text(QUOTE, timeout=60_000)
        expect(page.locator("#said")).to_have_text("")


def in_a_thread(work: Any) -> Any:
    """What it returns; the browser's own loop runs in this one."""
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(asyncio.run(work())))
    thread.start()
    thread.join(60)
    return made[0]


@pytest.mark.soak
@pytest.mark.process
def test_many_sessions_at_once(library: Path) -> None:
    """Each gets an answer, at once or when it asks again, or is told that the desk is busy; the server lives on and its
    memory stays level."""
    turned_away: Counter[str] = Counter()

    async def session(client: httpx.AsyncClient, address: str, event: AskEvent, number: int) -> str:
        await asyncio.sleep(number / SESSIONS)
        for _ in range(60):
            try:
                answered = await ask(client, address, QUESTION, event)
                return "answered" if quotes_robots(answered) else "something else"
            except Unanswered as error:
                if "503" not in str(error):
                    return str(error)
                turned_away["times"] += 1
                await asyncio.sleep(1 + number % 10 / 10)
        return "turned away"

    async def rounds(at: Any) -> Iterator[Any]:
        # a connection that was kept may be just being ended by the server
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(limits=limits, timeout=120) as client:
            event = await ask_event(client, at.address)
            await ask(client, at.address, QUESTION, event)
            levels = [at.megabytes()]
            for _ in range(2):
                began = time.time()
                came = await asyncio.gather(*(session(client, at.address, event, n) for n in range(SESSIONS)))
                levels.append(at.megabytes())
                counted = Counter(came)
                print(
                    f"{SESSIONS} sessions in {time.time() - began:.0f} s: {dict(counted)}, "
                    f"{turned_away.pop('times', 0)} times busy, {levels[-1]:.0f} MB (before {levels[0]:.0f})"
                )
                assert set(counted) <= {"answered", "turned away"}
                assert counted["answered"] > SESSIONS // 2
            assert (await client.get(f"{at.address}/healthz")).status_code == 200
            return levels  # type: ignore[return-value]

    with run_server(library) as at:
        levels: Any = asyncio.run(rounds(at))  # type: ignore[arg-type]
        assert at.log.read_text() == ""
    assert levels[2] - levels[1] < 40  # megabytes: the second round adds nothing that stays
