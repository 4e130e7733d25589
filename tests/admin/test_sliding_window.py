"""How many hits of a key fall into the last so many seconds."""

from __future__ import annotations

import gc
import tracemalloc

from rag.admin.sliding_window import SlidingWindow


def test_the_memory_of_keys_and_hits_is_bounded() -> None:
    """A hundred thousand keys that each hit once, and one that hits for all."""
    window = SlidingWindow(60)
    window.max_keys, window.max_hits = 5_000, 20_000
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(100_000):
            window.take({f"{number:024x}": 600}, 1_000.0)
        assert len(window.hits()) == 5_000
        keys = tracemalloc.get_traced_memory()[0] / 1e6
        for _ in range(100_000):
            window.take({"one": 1_000_000}, 1_000.0)
        assert len(window.hits()["one"]) <= 20_000
        hits = tracemalloc.get_traced_memory()[0] / 1e6
    finally:
        tracemalloc.stop()
    print(f"100,000 keys, of which 5,000 are remembered: {keys:.1f} MB; 100,000 hits of one: {hits:.1f} MB")
    assert max(keys, hits) < 10


def test_a_key_is_forgotten_once_its_hits_do_not_count() -> None:
    """Whoever is quiet leaves nothing behind."""
    window = SlidingWindow(60)
    for number in range(100):
        window.take({f"key {number}": 600}, 1_000.0)
    window.take({"another": 600}, 1_060.1)
    assert len(window._hits) == 1


def test_all_keys_are_counted_or_none() -> None:
    """A hit that one key refuses isn't counted for the others."""
    window = SlidingWindow(60)
    assert window.take({"a": 1, "b": 5}, 10.0) == 0
    assert window.take({"a": 1, "b": 5}, 20.0) == 50
    assert window.hits() == {"a": [10.0], "b": [10.0]}
    window.give_back(["a", "b", "c"])
    assert window.hits() == {}


def test_stored_hits_outside_the_window_are_dropped() -> None:
    """Also those of the future, which a clock that was set back leaves behind."""
    window = SlidingWindow(60, {"a": [1_200.0, 990.0, 900.0, 1_030.0]}, now=1_000.0)
    assert window.hits() == {"a": [990.0, 1_030.0]}
