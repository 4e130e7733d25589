"""What a server writes to its log, as tests read it."""

from __future__ import annotations

from pathlib import Path


def troubles(log: Path) -> list[str]:
    """Its lines but those on questions that were answered."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if '"event": "question"' not in line]
