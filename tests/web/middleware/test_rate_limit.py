"""How much one address may send within a minute."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from rag.web.middleware.rate_limit import Pace, Rates, Recent
from rag.web.server import build_app
from tests.support.edges import Echo, asked, desk_of, scope_of


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_minute_and_no_more() -> None:
    """In any minute, not in each minute of the clock; who is turned away isn't counted, others aren't touched."""
    clock = Clock()
    pace = Pace(3, clock)
    waits = []
    for _ in range(3):
        waits.append(pace.wait("a"))
        clock.now += 10
    assert waits == [0, 0, 0]
    assert pace.wait("a") == pytest.approx(30)
    assert pace.wait("a") == pytest.approx(30)
    assert pace.wait("b") == 0
    clock.now += 30.5
    assert pace.wait("a") == 0
    assert pace.wait("a") == pytest.approx(9.5)


def test_the_memory_of_senders_is_bounded() -> None:
    """A hundred thousand addresses that each send once, and one that sends for all."""
    clock = Clock()
    recent = Recent(senders=5_000, hits=20_000, clock=clock)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(100_000):
            recent.acquire_entry(f"2001:db8:{number // 65_536:x}:{number % 65_536:x}::/64", 600, 60)
        assert len(recent) == 5_000
        addresses = tracemalloc.get_traced_memory()[0] / 1e6
        for _ in range(100_000):
            recent.acquire_entry("one", 1_000_000, 60)
        assert recent.get_moving_window("one", 1_000_000, 60)[1] <= 20_000
        hits = tracemalloc.get_traced_memory()[0] / 1e6
    finally:
        tracemalloc.stop()
    print(f"100,000 addresses, of which 5,000 are remembered: {addresses:.1f} MB; 100,000 hits of one: {hits:.1f} MB")
    assert max(addresses, hits) < 10


def test_nobody_is_remembered_beyond_the_minute() -> None:
    """Neither who is quiet, nor by name while it lasts."""
    clock = Clock()
    recent = Recent(clock=clock)
    for number in range(100):
        recent.acquire_entry(f"192.0.2.{number}", 600, 60)
    assert "192.0.2" not in repr(vars(recent))
    clock.now += 60.1
    recent.acquire_entry("198.51.100.1", 600, 60)
    assert len(recent) == 1


def test_requests_are_counted_by_address_and_files_are_not() -> None:
    """All addresses of an IPv6 network together."""

    async def run() -> None:
        app = Rates(Echo(), 3)
        for number in range(3):
            assert (await asked(app, scope_of(client=f"2001:db8::{number}"))).status == 200
        refused = await asked(app, scope_of(client="2001:db8::9"))
        assert refused.status == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "too many requests" in refused.detail
        assert (await asked(app, scope_of(client="2001:db8:0:1::9"))).status == 200
        for path in ("/desk/page.css", "/assets/x.js", "/static/x.js"):
            assert (await asked(app, scope_of(path, client="2001:db8::9"))).status == 200

    asyncio.run(run())


def test_a_spoofed_address_is_not_counted_for_another(library: Path) -> None:
    """Whoever isn't a front server is counted as what they are."""
    with TestClient(build_app(desk_of(library, requests_a_minute=5))) as client:
        for number in range(5):
            assert client.get("/healthz", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code == 200
        assert client.get("/healthz", headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 429
        page = client.get("/bulletins", headers={"Accept": "text/html"})
        assert page.status_code == 429
        assert "<main" in page.text
