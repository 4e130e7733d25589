"""What trying a fault came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """``tried`` counts the times, ``failed`` those in which the duty wasn't done; ``what`` is seen, in a sentence;
    ``details`` are further figures, and under "failures" a line for each of the first failures."""

    fault: str
    tried: int
    failed: int
    what: str
    details: dict[str, Any] = field(default_factory=dict)


def failures(problems: list[str]) -> dict[str, Any]:
    """As ``details``: the first of them, each once."""
    return {"failures": list(dict.fromkeys(problems))[:20]} if problems else {}
