"""What one piece of work may cost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag import limits
from rag.budget import Abandoned, OverBudget, limited, patiently, step

LINE = "This takes too long"


def work() -> None:
    """Work without an end."""
    while True:
        step()


def test_what_costs_too_much_is_ended() -> None:
    """By its processor time, and by the clock where it waits; the line says so."""
    for cost, seconds in ((0.05, 60.0), (60.0, 0.05)):
        with pytest.raises(OverBudget, match=LINE), limited(cost, seconds, LINE):
            work()


def test_without_a_budget_nothing_is_ended() -> None:
    """At the command line whoever waits can end it."""
    step()
    with limited(0.0, 60.0, LINE), pytest.raises(OverBudget):
        work()
    step()


def test_the_outer_budget_holds() -> None:
    """What is done for a question is the question's."""
    with pytest.raises(OverBudget, match="outer"), limited(0.01, 60.0, "outer"), limited(60.0, 60.0, "inner"):
        work()


def test_what_nobody_waits_for_is_ended() -> None:
    """Also while it waits for its turn."""
    gone = threading.Event()
    gone.set()
    with limited(60.0, 60.0, LINE, gone), pytest.raises(Abandoned):
        work()


def test_slow_work_goes_on_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one waits, and goes on when the first has ended; one that nobody waits for leaves the queue."""
    monkeypatch.setattr(limits, "ORDINARY_CPU_SECONDS", 0.0)
    running, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with limited(60.0, 60.0, LINE):
            step()
            running.set()
            assert go_on.wait(60)

    def next_one(*, leave: bool) -> str:
        gone = threading.Event()
        if leave:
            gone.set()
        with limited(60.0, 60.0, LINE, gone):
            step()
            return "ran" if go_on.is_set() else "ran at once"

    with ThreadPoolExecutor(3) as pool:
        slow = pool.submit(first)
        assert running.wait(60)
        with pytest.raises(Abandoned):
            pool.submit(next_one, leave=True).result(60)
        waiting = pool.submit(next_one, leave=False)
        go_on.set()
        assert waiting.result(60) == "ran"
        slow.result(60)


def test_work_of_whoever_has_had_much_waits_for_its_turn_at_once() -> None:
    """One after the other from the first step on, while anybody else's goes on; who waits too long is told."""
    running, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with patiently(), limited(60.0, 60.0, LINE):
            step()
            running.set()
            assert go_on.wait(60)

    def second() -> None:
        with patiently(), limited(60.0, 0.2, LINE):
            step()

    def of_another() -> str:
        with limited(60.0, 0.2, LINE):
            step()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        held = pool.submit(first)
        assert running.wait(60)
        assert pool.submit(of_another).result(60) == "done"
        with pytest.raises(OverBudget, match="busy"):
            pool.submit(second).result(60)
        go_on.set()
        held.result(60)
