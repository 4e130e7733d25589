"""What a server writes to its log, as tests read it."""

from __future__ import annotations

from pathlib import Path


def problem_lines(log: Path) -> list[str]:
    """Its lines but those that only inform: of questions that were answered, and that there is no account."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if '"level": "info"' not in line]
