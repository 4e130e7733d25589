"""Words put together as a sentence has them."""

from __future__ import annotations

from collections.abc import Iterable


def join_names(names: Iterable[str]) -> str:
    """The names as "A", "A and B" or "A, B and C"."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last
