"""The entries of a list: which passages belong, and the sentence of each that tells of the event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import get_args

import numpy as np

from embeddings.vectors import Ids
from rag.budget import step
from rag.library.reader import Library
from rag.models import Hit
from rag.query.deeds import asks_for_deeds
from rag.search import list_cutoff
from rag.search.config import ScoreAdjustments, SearchConfig
from rag.search.ranking import best_span
from rag.search.signals import EncodedQuery, Scores, Signals
from rag.text.dates import stated_periods
from rag.text.tenses import Telling, telling_of

_BEST_FIRST: tuple[Telling, ...] = get_args(Telling)


def list_entries(
    library: Library, encoded: EncodedQuery, signals: Signals, scores: Scores, config: SearchConfig
) -> list[Hit]:
    """An entry for each event that belongs, newest first or as asked.

    Of an event's passages the first stands for it, which says most.  Where it is asked what happened, it is the first
    that tells of a deed, and what tells only of what is or is to come is no entry.
    These entries stand in their bulletin's order, others likeliest first.
    """
    rows = [int(row) for row in _belonging(library, encoded, signals, scores, config)]
    scores = scores.copy()
    happened = asks_for_deeds(encoded.query)
    if happened:
        rows = _prefer_deeds(library, signals, scores, rows, config.adjustments)
    else:
        scores[signals.starts] += config.adjustments.list_opening
    events: dict[tuple[str, int], int] = {}
    for row in rows:
        passage = library.passages[signals.passages[row]]
        event = passage.bulletin, passage.section
        if event not in events or signals.passages[row] < signals.passages[events[event]]:
            events[event] = row
    max_chars = config.spans.list_entry_chars
    spans = [best_span(library, signals, scores, row, max_chars, config.growth) for row in events.values()]
    entries = [span for span in spans if span]
    if happened:  # the bulletins of a day by their likeliest entry
        first_of = {entry.passage.bulletin: number for number, entry in reversed([*enumerate(entries)])}
        entries.sort(key=lambda entry: (first_of[entry.passage.bulletin], entry.passage.start))
    oldest_first = encoded.query.sort == "date-asc"
    undated = dt.date.max if oldest_first else dt.date.min  # comes last
    return sorted(
        entries, key=lambda entry: library.by_name[entry.passage.bulletin].date or undated, reverse=not oldest_first
    )


def _prefer_deeds(
    library: Library, signals: Signals, scores: Scores, rows: Sequence[int], adjustments: ScoreAdjustments
) -> list[int]:
    """The rows that tell of something past; in ``scores`` their first deed gains, and what isn't past loses."""
    tellings = {row: _tellings(library, signals, row) for row in rows}
    kept = [row for row, told in tellings.items() if set(told) != {"no past"}]
    for row in kept:
        start, told = int(signals.starts[row]), tellings[row]
        scores[start : start + len(told)] -= [adjustments.no_past_penalty * (each == "no past") for each in told]
        scores[start + told.index(min(told, key=_BEST_FIRST.index))] += adjustments.list_opening
    return kept


def _tellings(library: Library, signals: Signals, row: int) -> list[Telling]:
    """What each sentence of the passage tells; a closing sums up, unless it states when something was done."""
    step()
    number = int(signals.passages[row])
    passage = library.passages[number]
    text, date = library.cached_text(passage.bulletin), library.by_name[passage.bulletin].date
    closing = library.role(number) == "closing"
    sentences = [sentence.of(text) for sentence in passage.sentences]
    return ["no past" if closing and not stated_periods(words, date) else telling_of(words) for words in sentences]


def _belonging(library: Library, encoded: EncodedQuery, signals: Signals, scores: Scores, config: SearchConfig) -> Ids:
    """The rows of the passages that belong to the answer, likeliest first."""
    if encoded.query.topic:
        features = list_cutoff.features(library, encoded, signals, scores, config)
        model = list_cutoff.fitted()
        return list_cutoff.select(model.regression.probabilities(features), model.beta2)
    # Everything there is; then a lead or a closing is no event of its own.
    events = np.array([library.role(int(number)) == "event" for number in signals.passages])
    return np.flatnonzero(events if events.any() else ~events)
