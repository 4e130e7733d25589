"""The entries of a list: which passages belong, and the sentence of each that tells of the event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import get_args

import numpy as np

from embeddings.vectors import Ids
from rag.library.reader import Library
from rag.models import Hit
from rag.query.deeds import asks_for_deeds
from rag.search import list_cutoff
from rag.search.config import SearchConfig
from rag.search.ranking import best_span
from rag.search.signals import EncodedQuery, Scores, Signals
from rag.text.tenses import Telling, telling_of

_BEST_FIRST: tuple[Telling, ...] = get_args(Telling)


def list_entries(
    library: Library, encoded: EncodedQuery, signals: Signals, scores: Scores, config: SearchConfig
) -> list[Hit]:
    """An entry for each event that belongs, newest first or as asked, those of a bulletin in its order.

    Of an event's passages the first stands for it, which says most.  Where it is asked what happened, it is the first
    that tells of a deed, and what tells only of what is or is to come is no entry.
    """
    rows: Iterable[int] = map(int, _belonging(library, encoded, signals, scores, config))
    adjustments = config.adjustments
    scores = scores.copy()
    if asks_for_deeds(encoded.query):
        tellings = {row: _tellings(library, signals, row) for row in rows}
        rows = [
            row
            for row, told in tellings.items()
            if set(told) != {"no past"} and library.role(int(signals.passages[row])) != "closing"
        ]
        for row in rows:
            start, told = int(signals.starts[row]), tellings[row]
            scores[start : start + len(told)] -= [adjustments.no_past_penalty * (each == "no past") for each in told]
            scores[start + told.index(min(told, key=_BEST_FIRST.index))] += adjustments.list_opening
    else:
        scores[signals.starts] += adjustments.list_opening
    events: dict[tuple[str, int], int] = {}
    for row in rows:
        passage = library.passages[signals.passages[row]]
        event = passage.bulletin, passage.section
        if event not in events or signals.passages[row] < signals.passages[events[event]]:
            events[event] = row
    max_chars = config.spans.list_entry_chars
    spans = [best_span(library, signals, scores, row, max_chars, config.growth) for row in events.values()]
    return _in_order(library, [span for span in spans if span], oldest_first=encoded.query.sort == "date-asc")


def _in_order(library: Library, entries: list[Hit], *, oldest_first: bool) -> list[Hit]:
    """By date; the bulletins of a day by their likeliest entry, and within a bulletin as it has them."""
    first_of: dict[str, int] = {}
    for number, entry in enumerate(entries):
        first_of.setdefault(entry.passage.bulletin, number)
    entries = sorted(entries, key=lambda entry: (first_of[entry.passage.bulletin], entry.passage.start))
    undated = dt.date.max if oldest_first else dt.date.min  # comes last
    return sorted(
        entries, key=lambda entry: library.by_name[entry.passage.bulletin].date or undated, reverse=not oldest_first
    )


def _tellings(library: Library, signals: Signals, row: int) -> list[Telling]:
    """Of what each sentence of the passage tells."""
    passage = library.passages[signals.passages[row]]
    text = library.cached_text(passage.bulletin)
    return [telling_of(sentence.of(text)) for sentence in passage.sentences]


def _belonging(library: Library, encoded: EncodedQuery, signals: Signals, scores: Scores, config: SearchConfig) -> Ids:
    """The rows of the passages that belong to the answer, likeliest first."""
    if encoded.query.topic:
        features = list_cutoff.features(library, encoded, signals, scores, config)
        model = list_cutoff.fitted()
        return list_cutoff.select(model.regression.probabilities(features), model.beta2)
    # Everything there is; then a lead or a closing is no event of its own.
    events = np.array([library.role(int(number)) == "event" for number in signals.passages])
    return np.flatnonzero(events if events.any() else ~events)
