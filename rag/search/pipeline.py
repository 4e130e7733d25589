"""One question (or one side of a comparison) -> what the library holds for it: filtered, measured, cut, in order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from rag.library.reader import Library
from rag.models import Hit, Query
from rag.search.claims import Claims, Missing, claims, missing
from rag.search.list_cutoff import features, fitted, members
from rag.search.ranking import Weights, cut, fuse, nearest, score
from rag.search.signals import MOST, EncodedQuery, Numbers, Scores, Signals, measure
from rag.text import districts
from rag.text.dates import stated

LONGEST = (450, 350, 250)  # characters of the quotes that answer one question, best first
LISTED = 1_000  # passages that are looked at for a list
ENTRY = 250  # of a list's entry
SIDE = (300, 200)  # of what answers for one of the things compared
COMPARED = (300, 300, 250, 250)  # of a comparison whose sides the question doesn't name
LEAST = 200  # characters of the first of them, where its passage has so many
NUMBER_DROP = 0.5  # the same where a number is asked for
DROP = 0.4  # how far behind the best quote's score a further one may be
LATEST = 3  # quotes, the newest of those that belong
_OPENING = 0.3  # added to a section's first sentence in a list: it says what happened
_ELSE = 3.0  # taken from a sentence that tells of another time or district than the one asked for
_CHECKED = 30  # passages, the nearest, that are looked through for what the question names
_ELSEWHERE = 10.0  # taken from a passage of another country than the one that a list is asked of
_UNBORNE = 0.6  # taken from a passage's score for each name that it doesn't bear out


@dataclass(frozen=True, slots=True)
class Prepared:
    """The passages left by a question's filters, each sentence with its score.

    ``rewarded`` is what of the score is due to the sentence telling the kind of thing asked for.

    ``unsaid`` is what the best passage doesn't bear out of what the question names, None where it names nothing.
    """

    query: EncodedQuery
    signals: Signals
    scores: Scores
    rewarded: Scores
    unsaid: Missing | None = None

    @property
    def best(self) -> float:
        """The best sentence's score, 0 where there is none."""
        return float(self.scores.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Found:
    """``hits`` answer, in the order of showing."""

    prepared: Prepared
    hits: tuple[Hit, ...]


def prepare(library: Library, query: EncodedQuery, weights: Weights) -> Prepared:
    """What the filters leave, measured."""
    understood = query.understood
    # Of a list far more may belong; where whatever there is is asked for, all that is left does.
    most = MOST if not understood.every else LISTED if understood.topic else None
    signals = measure(library, query, library.filters.leave(understood), most)
    if not len(signals.passages):
        return Prepared(query, signals, signals.sentence, signals.sentence)
    scores = score(library, query, signals, weights)
    rewarded = scores - fuse(signals, weights)
    scores -= _ELSE * _of_something_else(library, query, signals)
    asked = claims(query.understood)
    if not asked:
        return Prepared(query, signals, scores, rewarded)
    lowered, unsaid = _borne_out(library, signals, scores, asked, _asks_for_all(query.understood))
    return Prepared(query, signals, lowered, rewarded, unsaid)


def _of_something_else(library: Library, query: EncodedQuery, signals: Signals) -> Scores:
    """1 for sentences that tell of another time or district than the one asked for, 0 for all others.

    Where only a passage's words say that it is of the period or the districts asked for, those of its sentences count
    that say so, or that follow one which does.
    """
    understood = query.understood
    first, last = understood.date_from or dt.date.min, understood.date_to or dt.date.max
    found = np.zeros(len(signals.sentence), np.float32)

    def of_period(words: str, published: dt.date | None) -> bool:
        return any(first <= period.first and period.last <= last for period in stated(words, published))

    def of_district(words: str, published: dt.date | None) -> bool:
        return not set(districts.mentioned(words)).isdisjoint(understood.districts)

    for masked, says in (
        (library.filters.undated_by(understood), of_period),
        (library.filters.unheaded_by(understood), of_district),
    ):
        for place in np.flatnonzero(masked[signals.passages]):
            passage = library.passages[signals.passages[place]]
            date = library.by_name[passage.bulletin].date
            if says(passage.context, date):
                continue
            text, start, told = library.words(passage.bulletin), int(signals.starts[place]), False
            for n, sentence in enumerate(passage.sentences):
                before, told = told, says(sentence.of(text), date)
                if not (told or before):
                    found[start + n] = 1
    return found


def search(library: Library, query: EncodedQuery, weights: Weights, *, side: bool = False) -> Found:
    """What the filters leave, the nearest first or, of a list, all that belongs by date.

    ``side`` says that it is one of several things compared, whose answer is a quote or two.
    """
    prepared = prepare(library, query, weights)
    understood, signals, scores = query.understood, prepared.signals, prepared.scores
    if not len(signals.passages):
        return Found(prepared, ())
    if side:
        hits = nearest(library, signals, scores, SIDE, DROP)
    elif understood.kind == "compare":
        hits = nearest(library, signals, scores, COMPARED, 2 * DROP)
    elif understood.every:
        hits = _list(library, query, signals, scores)
    elif understood.kind == "latest":
        hits = _list(library, query, signals, scores)[:LATEST]
    else:
        hits = _few(library, query, signals, scores)
    return Found(prepared, tuple(hits))


def _few(library: Library, query: EncodedQuery, signals: Signals, scores: Scores) -> list[Hit]:
    """The nearest; of a number from further away, since another bulletin may tell another."""
    drop = NUMBER_DROP if query.understood.asks == "number" else DROP
    return nearest(library, signals, scores, LONGEST, drop, LEAST)


def _asks_for_all(understood: Query) -> bool:
    """Of all that matches, or of their number."""
    return understood.every or understood.kind == "count"


def _borne_out(
    library: Library, signals: Signals, scores: Scores, asked: Claims, every: bool
) -> tuple[Scores, Missing | None]:
    """The scores, less for passages that don't bear out what is named, and what the one then best leaves unsaid."""
    best = np.maximum.reduceat(scores, signals.starts)
    looked_at = np.argsort(-best, kind="stable")[:_CHECKED]
    absent = {int(place): missing(asked, library, int(signals.passages[place])) for place in looked_at}
    # What a list is asked of, every entry must be of, where any is.
    elsewhere = _ELSEWHERE if every and not all(found.places for found in absent.values()) else 0.0
    penalty = np.full(len(best), _UNBORNE * max(map(len, absent.values())) + elsewhere, np.float32)
    for place, found in absent.items():
        penalty[place] = _UNBORNE * len(found) + (elsewhere if found.places else 0.0)
    lowered: Scores = scores - penalty[signals.owners]
    nearest = int(signals.owners[int(np.argmax(lowered))])
    return lowered, absent.get(nearest)


def _list(library: Library, query: EncodedQuery, signals: Signals, scores: Scores) -> list[Hit]:
    """An entry for each event that belongs, by date; of an event's passages the first, which says what happened."""
    opened = scores.copy()
    opened[signals.starts] += _OPENING
    events: dict[tuple[str, int], int] = {}
    for place in _belonging(library, query, signals, scores):
        passage = library.passages[signals.passages[place]]
        event = passage.bulletin, passage.section
        if event not in events or signals.passages[place] < signals.passages[events[event]]:
            events[event] = int(place)
    hits = [hit for place in events.values() if (hit := cut(library, signals, opened, place, ENTRY))]
    return by_date(library, hits, query.understood)


def _belonging(library: Library, query: EncodedQuery, signals: Signals, scores: Scores) -> Numbers:
    """The places of the passages that belong to the answer, likeliest first."""
    if query.understood.topic:
        model = fitted()
        return members(model.probabilities(features(library, query, signals, scores)), model.beta2)
    # Everything there is; then a lead or a closing is no event of its own.
    events = np.array([library.role(int(number)) == "event" for number in signals.passages])
    return np.flatnonzero(events if events.any() else ~events)


def by_date(library: Library, hits: list[Hit], understood: Query) -> list[Hit]:
    """Newest first, or oldest first where that was asked; what is undated comes last."""
    oldest_first = understood.sort == "date-asc"
    undated = dt.date.max if oldest_first else dt.date.min
    return sorted(
        hits,
        key=lambda hit: library.by_name[hit.passage.bulletin].date or undated,
        reverse=not oldest_first,
    )
