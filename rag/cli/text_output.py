"""Records as lines for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from rag.answer.citation.proof import Proof, Proved
from rag.answer.grouping import NEAR_MISSES, columns
from rag.answer.notice import Notice
from rag.checking.models import Report as Checks
from rag.errors import one_line
from rag.library.build.plan import Plan
from rag.library.build.update import Report
from rag.library.generations import Held
from rag.library.verify import Verdict
from rag.models import Answer, Bulletin, Quote, Section
from rag.query.conditions import condition

if TYPE_CHECKING:
    from rag.admin.replay import Change


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


def reported(report: Checks) -> str:
    """The verdicts of a text's quotations, what differs in each, and where the true words stand."""
    blocks = []
    for number, row in enumerate(report.rows, 1):
        lines = [f"{number}. {row.verdict.upper()}: “{one_line(row.quote)}”", f"   {row.explanation}"]
        if row.place and row.verdict != "exact":
            lines.append(f"   true: “{one_line(row.place.text)}”")
        lines += [f"   piece: “{one_line(piece.text)}” ({piece.bulletin})" for piece in row.pieces]
        if row.place:
            lines.append(f"   {one_line(row.place.bulletin)} [{row.place.start}:{row.place.end}]")
        blocks.append("\n".join(lines))
    return "\n".join([*blocks, *report.messages])


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


def planned(plan: Plan) -> str:
    """What indexing would do, a line for each bulletin."""
    again = {one.bulletin: one for one in plan.republished}
    told = {"renamed": "renamed from", "copy": "the words of", "correction": "corrects"}
    lines = [
        one_line(f"+ {name}" + (f" ({told[again[name].how]} {again[name].of})" if name in again else ""))
        for name in plan.added
    ]
    lines += [one_line(f"~ {name}") for name in plan.changed]
    lines += [one_line(f"- {name}") for name in plan.removed]
    counts = f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.removed)} removed"
    lines.append(f"{counts}, {plan.unchanged} unchanged, {len(plan.skipped)} skipped; nothing was changed")
    return "\n".join(lines)


def answer_change(change: Change) -> str:
    """How the answer to a saved question differs: quotes gained, lost, reordered."""
    head = one_line(f"? {change.question}")
    if change.before != change.after:
        head += f" ({change.before} before, {change.after} now)"
    lines = [one_line(f"  + “{quote.text}” ({quote.bulletin})") for quote in change.gained]
    lines += [one_line(f"  - “{quote.text}” ({quote.bulletin})") for quote in change.lost]
    if change.reordered:
        lines.append("  the same quotes in another order")
    return "\n".join([head, *lines])


def generations(held: Sequence[Held]) -> str:
    return "\n".join(
        f"{one.number:>4}  {one.generation}  {one.built_at[:19]}  {one.state:<8}  {one.bulletins} bulletins"
        f" (+{len(one.added)} ~{len(one.changed)} -{len(one.removed)})"
        for one in held
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


def noticed(notice: Notice | None) -> str:
    if notice is None:
        return "No notice is set."
    with_words = f"answers to questions with {', '.join(f'“{phrase}”' for phrase in notice.words)}"
    return f"Above {with_words if notice.words else 'all answers'}:\n  {notice.line}"


def verified(verdict: Verdict) -> str:
    state = f"{len(verdict.damage)} damaged" if verdict.damage else "all as written"
    return (
        f"generation {verdict.generation or 'unknown'}: {verdict.bulletins} bulletins,"
        f" {verdict.passages} passages re-sliced, {state}"
    )


def proved(proof: Proof) -> str:
    """A line for each quote of a receipt, then how many are proved."""
    receipt = proof.receipt
    lines = [_proved(rank, one) for rank, one in enumerate(proof.quotes, 1)]
    number = sum(one.proved for one in proof.quotes)
    lines.append(
        f"{number} of {len(lines)} quotes proved" if lines else "The receipt holds no quote; there is nothing to prove"
    )
    return "\n".join([*lines, f"receipt {receipt.identity[:12]} of {receipt.created}, generation {receipt.generation}"])


def _proved(rank: int, one: Proved) -> str:
    quote = one.quote
    standing = {"current": "unchanged", "changed": "changed since", "withdrawn": "no longer there"}
    today = f"; the bulletin is {standing[one.standing]}" if one.standing else ""
    name = f", now called {one.now}" if one.now and one.now != quote.bulletin else ""
    return one_line(
        f"{rank}. {'PROVED' if one.proved else 'NOT PROVED'}: “{quote.text}”"
        f" ({quote.bulletin} [{quote.start}:{quote.end}]): {one.why}{today}{name}"
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
