"""How much one address may send within a minute."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.budget import OverBudget, limited, step
from rag.web.middleware.client_address import address_key
from rag.web.middleware.rate_limit import Pace, PerMinuteLimiter, ProcessorSecondsLimiter, RateLimit
from rag.web.server import build_app
from tests.support.asgi import EchoApp, http_scope, send_request
from tests.support.desks import ready_desk


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_minute_and_no_more() -> None:
    """In any minute, not in each minute of the clock; who is turned away isn't counted, others aren't touched."""
    clock = Clock()
    limiter = PerMinuteLimiter(3, clock)
    waits = []
    for _ in range(3):
        waits.append(limiter.wait("a"))
        clock.now += 10
    assert waits == [0, 0, 0]
    assert limiter.wait("a") == pytest.approx(30)
    assert limiter.wait("a") == pytest.approx(30)
    assert limiter.wait("b") == 0
    clock.now += 30.5
    assert limiter.wait("a") == 0
    assert limiter.wait("a") == pytest.approx(9.5)


def test_the_networks_around_an_address_have_a_few_times_its_share() -> None:
    """Whoever has a /56 or a /48 chooses among hundreds and thousands of networks; an account is one sender."""
    limiter = PerMinuteLimiter(2, Clock())
    house = [address_key(f"2001:db8:1:{number:x}::1") for number in range(3)]
    assert [bool(limiter.wait(key)) for key in house * 2] == [False] * 4 + [True] * 2
    office = [address_key(f"2001:db8:1:{number:x}00::1") for number in range(1, 4)]
    assert [bool(limiter.wait(key)) for key in office] == [False, False, True]
    assert limiter.wait(address_key("2001:db8:2::1")) == 0
    assert [bool(limiter.wait("account a/64")) for _ in range(3)] == [False, False, True]


def test_no_sender_can_be_read_from_memory() -> None:
    """Senders are held under a digest with a key of this process."""
    limiter = PerMinuteLimiter(600)
    for number in range(100):
        limiter.wait(f"192.0.2.{number}")
    assert len(limiter._window.hits()) == 100
    assert "192.0.2" not in repr(vars(limiter._window))


def test_so_many_processor_seconds_a_minute() -> None:
    """They come back as time goes by; what one piece of work spends beyond them is waited for, by its sender alone."""
    clock = Clock()
    limiter = ProcessorSecondsLimiter(clock)
    limiter.spend("a", 5.9, 6.0)
    assert limiter.wait("a", 6.0) == 0
    limiter.spend("a", 2.0, 6.0)
    assert limiter.wait("a", 6.0) == pytest.approx(19)
    assert limiter.wait("b", 6.0) == 0
    clock.now += 19.5
    assert limiter.wait("a", 6.0) == 0
    clock.now += 600
    limiter.spend("a", 5.9, 6.0)  # what wasn't spent isn't saved up
    limiter.spend("a", 0.2, 6.0)
    assert limiter.wait("a", 6.0) == pytest.approx(1)


def test_senders_are_held_in_bounded_memory() -> None:
    """The one that spent longest ago is forgotten first."""
    limiter = ProcessorSecondsLimiter(Clock())
    limiter.max_senders = 2
    for sender in "abac":
        limiter.spend(sender, 9.0, 6.0)
    assert [bool(limiter.wait(sender, 6.0)) for sender in "abc"] == [True, False, True]


def test_nobody_is_remembered_once_all_has_come_back() -> None:
    """The next one who spends anything clears those away."""
    clock = Clock()
    limiter = ProcessorSecondsLimiter(clock)
    for sender in "ab":
        limiter.spend(sender, 3.0, 6.0)
    clock.now += 29
    limiter.spend("c", 3.0, 6.0)
    assert len(limiter._back) == 3
    clock.now += 2
    limiter.spend("c", 3.0, 6.0)
    assert len(limiter._back) == 1


def test_whoever_has_spent_the_minute_waits_at_every_door(library: Path) -> None:
    """Questions, checks, their reports and pages alike: nothing is done, and a draft is kept."""
    app = build_app(ready_desk(library, questions_a_minute=30))
    app.state.pace.charge("192.0.2.1", 60.0)
    with TestClient(app, client=("192.0.2.1", 50_000)) as client:
        digest = "0" * 64
        doors = [
            *(client.get(path) for path in ("/bulletins?q=a", f"/bulletin/{digest}", f"/quote/{digest}/1-2")),
            *(client.get(path) for path in (f"/bulletin/{digest}/beside/{digest}", f"/answer/{digest}")),
            client.get(f"/check?sha256={digest}&start=1&end=2"),
            client.post("/check", data={"draft": "robots greeted"}),
            client.post("/check/report.csv", data={"draft": "robots greeted"}),
        ]
        event = client.post("/gradio_api/call/ask", json={"data": ["Which robots?", None, None]}).json()["event_id"]
        asked = client.get(f"/gradio_api/call/ask/{event}").text
        assert client.get("/healthz").status_code == 200
    assert [(door.status_code, 700 < int(door.headers["retry-after"]) < 800) for door in doors] == [(429, True)] * 8
    assert all("Please try again in " in said for said in (*(door.text for door in doors), asked))
    assert "robots greeted" in doors[-2].text


def test_one_address_has_few_questions_under_way_at_once() -> None:
    """Else a few addresses would take all places, with questions that wait for their turn."""
    pace = Pace(30, lambda request: None)
    with ExitStack() as under_way:
        for _ in range(6):
            assert pace.refusal("a", asks=True) is None
            under_way.enter_context(pace.under_way("a"))
        pace.charge("a", 0.1)
        refused = pace.refusal("a", asks=True)
        assert refused
        assert refused.wait < 2
        assert pace.refusal("b", asks=True) is None
    assert pace.refusal("a", asks=True) is None


def test_who_has_had_much_waits_behind_others() -> None:
    """From the first step on: of two such only one goes on, and somebody else's work beside it."""
    pace = Pace(30)
    pace.charge("a", 3.0)

    def done_by(sender: str, seconds: float) -> str:
        with pace.work(sender), limited(60.0, seconds, "too much"):
            step()
        return "done"

    with ThreadPoolExecutor(1) as pool, pace.work("a"), limited(60.0, 60.0, "too much"):
        step()
        with pytest.raises(OverBudget, match="busy"):
            pool.submit(done_by, "a", 0.2).result(60)
        assert pool.submit(done_by, "b", 60.0).result(60) == "done"
    assert done_by("a", 60.0) == "done"


def test_a_check_counts_as_a_question(library: Path) -> None:
    """With its reports, for anybody."""
    with TestClient(build_app(ready_desk(library, questions_a_minute=2))) as client:
        sent = [client.post(path, data={"draft": "robots"}) for path in ("/check", "/check/report.csv", "/check")]
    assert [page.status_code for page in sent] == [200, 200, 429]
    assert "You have asked 2 questions within a minute" in sent[-1].text


def test_requests_are_counted_by_address_and_files_are_not() -> None:
    """All addresses of an IPv6 network together."""

    async def run() -> None:
        app = RateLimit(EchoApp(), 3)
        for number in range(3):
            assert (await send_request(app, http_scope(client=f"2001:db8::{number}"))).status == 200
        refused = await send_request(app, http_scope(client="2001:db8::9"))
        assert refused.status == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "too many requests" in refused.detail
        assert (await send_request(app, http_scope(client="2001:db8:0:1::9"))).status == 200
        for path in ("/desk/page.css", "/assets/x.js", "/static/x.js"):
            assert (await send_request(app, http_scope(path, client="2001:db8::9"))).status == 200

    asyncio.run(run())


def test_a_spoofed_address_is_not_counted_for_another(library: Path) -> None:
    """Whoever isn't a front server is counted as what they are."""
    with TestClient(build_app(ready_desk(library, requests_a_minute=5))) as client:
        for number in range(5):
            assert client.get("/healthz", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code == 200
        assert client.get("/healthz", headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 429
        page = client.get("/bulletins", headers={"Accept": "text/html"})
        assert page.status_code == 429
        assert "<main" in page.text
