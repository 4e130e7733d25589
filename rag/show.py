"""Records as lines for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tqdm import tqdm

from rag.build import Report
from rag.errors import one_line
from rag.records import Answer, Bulletin, Quote, Section
from rag.verify import Verdict


class Progress:
    """A progress bar on standard error for long work; none where that is no terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._what = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, what: str, done: int, whole: int) -> None:
        if what != self._what:
            if self._bar is not None:
                self._bar.close()
            self._what = what
            self._bar = tqdm(None, desc=what, total=whole, file=sys.stderr, disable=None, unit="")
        if self._bar is not None:
            self._bar.update(done - self._bar.n)


def parsed(bulletin: Bulletin, sections: Sequence[Section]) -> str:
    head = [
        f"{one_line(bulletin.name)} ({bulletin.encoding})",
        f"  title   {bulletin.title or 'not stated'}",
        f"  date    {bulletin.date or 'not stated'}",
        f"  source  {bulletin.source or 'not stated'}",
        f"  url     {bulletin.url or 'not stated'}",
    ]
    rows = [
        f"  {section.start:>6}-{section.end:<6} {', '.join(section.districts) or 'no district'}:"
        f" {section.heading or 'no heading'}"
        for section in sections
        if section.role == "event"
    ]
    return "\n".join([*head, *rows])


def indexed(report: Report) -> str:
    changes = [
        f"{len(names)} {what}"
        for what, names in (("added", report.added), ("changed", report.changed), ("removed", report.removed))
        if names
    ]
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    return (
        f"{report.bulletins} bulletins, {report.sections} sections, {report.passages} passages"
        f" ({', '.join([*changes, f'{report.unchanged} unchanged'])}{skipped}) in {report.seconds:.1f} s,"
        f" generation {report.generation}"
    )


def answered(answer: Answer) -> str:
    blocks = [answer.message]
    if answer.status == "no_match" and answer.quotes:
        blocks.append("Nearest passages, not an answer:")
    return "\n\n".join([*blocks, *(_quote(quote) for quote in answer.quotes)])


def verified(verdict: Verdict) -> str:
    state = f"{len(verdict.damage)} damaged" if verdict.damage else "all as written"
    return (
        f"generation {verdict.generation or 'unknown'}: {verdict.bulletins} bulletins,"
        f" {verdict.passages} passages re-sliced, {state}"
    )


def _quote(quote: Quote) -> str:
    about = [str(quote.date or "undated"), *quote.districts, *filter(None, [quote.heading])]
    words = "\n".join(f"  | {line}" for line in quote.text.split("\n"))
    origin = ", ".join(filter(None, [quote.title, quote.source]))
    return f"{' · '.join(about)}\n{words}\n  {origin} ({quote.bulletin} [{quote.start}:{quote.end}])"
