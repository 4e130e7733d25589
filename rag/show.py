"""Records as lines for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tqdm import tqdm

from rag.build import Report
from rag.errors import one_line
from rag.listing import NEAR_MISSES, columns
from rag.notices import Notice
from rag.records import Answer, Bulletin, Chip, Quote, Section
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
    """Notice, message and conditions, then the quotes, those of one bulletin under its head."""
    blocks = [answer.message]
    if answer.notice:
        blocks.insert(0, f"! {answer.notice}")
    if answer.understood.chips:
        blocks.append(f"Conditions: {', '.join(condition(chip) for chip in answer.understood.chips)}")
    if answer.status == "no_match" and answer.quotes:
        blocks.append(f"{NEAR_MISSES}:")
    for column in columns(answer):
        if column.label:
            blocks.append(f"{column.label}\n{'=' * len(column.label)}")
            blocks += [] if column.groups else ["Nothing was found for this."]
        blocks += [_group(group) for group in column.groups]
    return "\n\n".join(blocks)


def condition(chip: Chip) -> str:
    """What a chip says: "2023", "carried over: consular protection"."""
    return f"carried over: {chip.label}" if chip.carried else chip.label


def noticed(notice: Notice | None) -> str:
    if notice is None:
        return "No notice is set."
    return f"Above answers to questions with {', '.join(f'“{phrase}”' for phrase in notice.words)}:\n  {notice.line}"


def verified(verdict: Verdict) -> str:
    state = f"{len(verdict.damage)} damaged" if verdict.damage else "all as written"
    return (
        f"generation {verdict.generation or 'unknown'}: {verdict.bulletins} bulletins,"
        f" {verdict.passages} passages re-sliced, {state}"
    )


def _group(quotes: Sequence[Quote]) -> str:
    """A bulletin's head, and its entries."""
    first = quotes[0]
    about = [str(first.date or "undated"), first.title or "Untitled bulletin", *filter(None, [first.source])]
    return "\n\n".join([f"{' · '.join(about)}\n{_quote(first)}", *map(_quote, quotes[1:])])


def _quote(quote: Quote) -> str:
    about = " · ".join([*quote.districts, *filter(None, [quote.heading])])
    words = "\n".join(f"  | {line}" for line in quote.text.split("\n"))
    also = f"The same text also stands in {', '.join(quote.also_in)}." if quote.also_in else None
    place = f"({quote.bulletin} [{quote.start}:{quote.end}])"
    below = [f"  {line}" for line in (quote.note, also, place) if line]
    return "\n".join([*([f"  {about}"] if about else []), words, *below])
