"""A report's draft with marks where each quotation begins and ends; and the proof of what the report shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from rag.budget import step
from rag.checking.drafts.quotation_marks import MARKS
from rag.checking.models import CheckReport
from rag.models import StoredText

if TYPE_CHECKING:
    from rag.library.reader import Library

Annotation = tuple[Literal["words", "open", "close", "label"], str, int]
_CLOSING = re.compile(f"[{MARKS}]*")


def annotate(report: CheckReport) -> Iterator[Annotation]:
    """Yields the draft in order: words, and the number (from 0) of the row whose quotation opens or closes there.

    The place for a row's label is right behind the mark that closes its quotation.
    """
    waiting: list[int] = []
    for kind, words, number in _quotation_edges(report):
        if waiting and (words or kind != "words"):
            mark = _CLOSING.match(words)
            behind = mark.end() if mark else 0
            if behind:
                yield "words", words[:behind], -1
            for closed in waiting:
                yield "label", "", closed
            waiting, words = [], words[behind:]
        if words or kind != "words":
            yield kind, words, number
        if kind == "close":
            waiting.append(number)
    for closed in waiting:
        yield "label", "", closed


def _quotation_edges(report: CheckReport) -> Iterator[Annotation]:
    text = report.draft
    open_: list[int] = []
    at = 0
    ordered = sorted(range(len(report.rows)), key=lambda n: (report.rows[n].span.start, -report.rows[n].span.end))
    for number in [*ordered, None]:
        step()
        start = len(text) if number is None else report.rows[number].span.start
        while open_ and report.rows[open_[-1]].span.end <= start:
            closed = open_.pop()
            end = report.rows[closed].span.end
            yield "words", text[at:end], -1
            yield "close", "", closed
            at = end
        yield "words", text[at:start], -1
        at = start
        if number is not None:
            yield "open", "", number
            open_.append(number)


def verify_report(report: CheckReport, library: Library) -> None:
    """Compares every slice in a report with the stored text once more, right before it is shown.

    Raises:
        QuoteMismatch: a slice's words, or its text's digest, are not what is stored.
        LibraryDamaged: a stored text is missing or changed.
    """
    texts: dict[str, StoredText] = {}
    for row in report.rows:
        step()
        for cited in (row.citation, *row.fragments, *row.other_sources):
            if cited:
                if cited.sha256 not in texts:
                    texts[cited.sha256] = library.text(cited.sha256)
                cited.verify(texts[cited.sha256])
