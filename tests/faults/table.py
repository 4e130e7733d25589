"""What the long forms came to, kept in docs/soak.json, and the table of it in docs/reliability.md."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.machine import machine
from tests.conftest import ROOT
from tests.faults.all import FAULTS
from tests.faults.outcome import Outcome

FIGURES = ROOT / "docs" / "soak.json"
PAGE = ROOT / "docs" / "reliability.md"
CHART = ROOT / "docs" / "load.svg"
_FROM, _TO = "<!-- make soak -->\n", "<!-- end -->\n"
_HEAD = "| What happens | What is promised | Test | Tried | Failed | What was seen |\n|---|---|---|---:|---:|---|\n"


def kept() -> dict[str, Any]:
    """The figures of each fault that was tried, by its name."""
    found: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    return found


def keep(name: str, outcome: Outcome) -> None:
    """In the place of what it came to before; the table is written anew."""
    figures = kept() | {name: asdict(outcome) | {"on": dt.date.today().isoformat(), "machine": machine()}}
    ordered = {one: figures[one] for one in FAULTS if one in figures}
    FIGURES.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, ordered), encoding="utf-8")


def with_table(page: str, figures: Mapping[str, Any]) -> str:
    """The page with the table of these figures."""
    before, _, rest = page.partition(_FROM)
    _, _, after = rest.partition(_TO)
    return f"{before}{_FROM}{_HEAD}{''.join(row(name, one) for name, one in figures.items())}{_TO}{after}"


def row(name: str, outcome: Mapping[str, Any]) -> str:
    fault = FAULTS[name]
    cells = (
        outcome["fault"],
        fault.room.DUTY,
        f"`{fault.test}`",
        f"{outcome['tried']:,}",
        f"{outcome['failed']:,}",
        outcome["what"],
    )
    return f"| {' | '.join(cells)} |\n"
