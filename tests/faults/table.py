"""What the long forms came to: kept as figures, and as a table in a page of the documentation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from tests.faults.fault import Fault
from tests.faults.outcome import Outcome

_TO = "<!-- end -->\n"
_RULE = "|---|---|---|---:|---:|---|\n"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of ``faults`` that were tried, in ``page`` between the comment ``mark`` and the next "end"; their
    figures in ``figures``.  ``head`` is what the first column tells."""

    figures: Path
    page: Path
    mark: str
    head: str
    faults: Mapping[str, Fault]

    def kept(self) -> dict[str, Any]:
        """The figures of each fault that was tried, by its name."""
        found: dict[str, Any] = json.loads(self.figures.read_text(encoding="utf-8")) if self.figures.exists() else {}
        return found

    def keep(self, name: str, outcome: Outcome) -> None:
        """In the place of what it came to before; the table is written anew."""
        figures = self.kept() | {name: asdict(outcome) | {"on": dt.date.today().isoformat(), "machine": machine()}}
        ordered = {one: figures[one] for one in self.faults if one in figures}
        self.figures.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        page = self.page.read_text(encoding="utf-8")
        self.page.write_text(self.with_table(page, ordered), encoding="utf-8")

    def with_table(self, page: str, figures: Mapping[str, Any]) -> str:
        """The page with the table of these figures."""
        begin = f"<!-- {self.mark} -->\n"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(_TO)
        head = f"| {self.head} | What is promised | Test | Tried | Failed | What was seen |\n{_RULE}"
        rows = "".join(self._row(name, one) for name, one in figures.items())
        return f"{before}{begin}{head}{rows}{_TO}{after}"

    def _row(self, name: str, outcome: Mapping[str, Any]) -> str:
        fault = self.faults[name]
        cells = (
            outcome["fault"],
            fault.room.DUTY,
            f"`{fault.test}`",
            f"{outcome['tried']:,}",
            f"{outcome['failed']:,}",
            outcome["what"],
        )
        return f"| {' | '.join(cells)} |\n"
