"""A stretch of text cut into runs, each with its mark: what templates show of quotes, differences and bulletins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.models import Span

TextRuns = tuple[tuple[str, str], ...]  # words and their mark, "" for none


def text_runs(text: str, span: Span, marks: Iterable[tuple[Span, str]]) -> TextRuns:
    """The words of the span in order, each run with its mark."""
    return tuple((run.of(text), mark) for run, mark in split_at_marks(span, marks))


def split_at_marks(span: Span, marks: Iterable[tuple[Span, str]]) -> Iterator[tuple[Span, str]]:
    """Cover the span in order and without a gap, each part with its mark ("" for none)."""
    at = span.start
    for marked, mark in sorted(marks, key=lambda item: (item[0].start, item[0].end)):
        first, last = max(marked.start, at), min(marked.end, span.end)
        if first >= last:
            continue
        if at < first:
            yield Span(at, first), ""
        yield Span(first, last), mark
        at = last
    if at < span.end:
        yield Span(at, span.end), ""
