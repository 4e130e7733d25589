"""One question, or one comparand of it -> hits: filtered, measured, scored, selected and ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rag.budget import step
from rag.library.filters import Mask
from rag.library.reader import Library
from rag.models import Hit
from rag.query.models import Query
from rag.search.config import DEFAULT, ScoreAdjustments, SearchConfig
from rag.search.entity_support import Unsupported, missing_entities
from rag.search.list_entries import list_entries
from rag.search.ranking import score_sentences, top_spans
from rag.search.relations import told_of_others
from rag.search.signals import EncodedQuery, Scores, Signals, measure
from rag.text import districts
from rag.text.analyzer import question_terms
from rag.text.dates import stated_periods

_ALL_TERMS = 0.99  # of a topic left out, by weight: a sum of floats
_GLOSSARY_SHARE = 0.5  # the same of a Chinese one, for whose words the glossary often has two in English


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best passages that a question's filters allow, each sentence with its score."""

    encoded: EncodedQuery
    signals: Signals
    scores: Scores
    unsupported: Unsupported | None = None  # by the best passage, of what the question names; None: it names nothing


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The candidates, and the hits among them in the order of showing."""

    candidates: Candidates
    hits: tuple[Hit, ...]


def search(
    library: Library, encoded: EncodedQuery, config: SearchConfig = DEFAULT, *, comparand: bool = False
) -> SearchResult:
    """The hits that the filters allow, best first or, of a list, all that belong by date.

    ``comparand`` says that it is one of several things compared, whose answer is a quote or two.
    """
    candidates = score_candidates(library, encoded, config)
    query, signals, scores = encoded.query, candidates.signals, candidates.scores
    if not len(signals.passages):
        return SearchResult(candidates, ())
    if not comparand and query.kind != "compare" and (query.exhaustive or query.kind == "latest"):
        entries = list_entries(library, encoded, signals, scores, config)
        if entries and not query.topic and query.sort == "date-asc" and not query.exhaustive:
            oldest = library.by_name[entries[0].passage.bulletin].date  # "the oldest bulletin" is one
            entries = [hit for hit in entries if library.by_name[hit.passage.bulletin].date == oldest]
        return SearchResult(candidates, tuple(entries if query.exhaustive else entries[: config.lists.latest_entries]))
    limits = config.spans.number if query.answer_type == "number" else config.spans.answer
    if comparand or query.kind == "compare":
        limits = config.spans.comparand if comparand else config.spans.comparison
    return SearchResult(candidates, tuple(top_spans(library, signals, scores, limits, config.growth)))


def score_candidates(library: Library, encoded: EncodedQuery, config: SearchConfig = DEFAULT) -> Candidates:
    """What the filters allow, measured and scored."""
    query, counts, adjustments = encoded.query, config.candidates, config.adjustments
    max_passages: int | None = counts.list_passages if query.exhaustive else counts.passages
    if not query.topic and (query.exhaustive or query.kind == "latest"):
        max_passages = None  # all that is allowed belongs; the order is by date alone
    excluded = left_out(library, query)
    signals = measure(library, encoded, library.filters.allowed(query, excluded), max_passages, excluded)
    if not len(signals.passages):
        return Candidates(encoded, signals, signals.sentence)
    scores = score_sentences(library, encoded, signals, config)
    scores -= adjustments.out_of_scope_penalty * _out_of_scope(library, query, signals)
    entities = query.required_entities
    if not entities:
        return Candidates(encoded, signals, scores)
    best_first = np.argsort(-np.maximum.reduceat(scores, signals.starts), kind="stable")
    checked = best_first[: counts.entity_passages]
    missing: dict[int, Unsupported] = {}
    for row in map(int, checked):
        step()
        missing[row] = missing_entities(entities, library, int(signals.passages[row]))
    scores = scores - _entity_penalty(missing, len(signals.passages), adjustments, query.is_aggregate)[signals.owners]
    best = int(signals.owners[int(np.argmax(scores))])
    unsupported = missing.get(best)
    if unsupported is not None and not unsupported:
        unsupported = told_of_others(library, encoded, signals, missing, best, config) or unsupported
    return Candidates(encoded, signals, scores, unsupported)


def left_out(library: Library, query: Query) -> Mask | None:
    """The passages that the question leaves out, ``(passages,)``; None where it leaves nothing out.

    Of what is told of a topic the whole section is left out in which a passage has all its terms.
    """
    if not query.excluded:
        return None
    result = np.zeros(len(library.passages), np.bool_)
    for exclusion in query.excluded:
        step()
        mask = library.filters.left_out(exclusion)
        if exclusion.topic:
            known = [term for term in question_terms(exclusion.topic) if library.lexical.document_frequency(term)]
            told = library.lexical.coverage(known) >= (_GLOSSARY_SHARE if query.original else _ALL_TERMS)
            sections = {(p.bulletin, p.section) for p in map(library.passages.__getitem__, np.flatnonzero(told))}
            mask &= np.array([(p.bulletin, p.section) in sections for p in library.passages], np.bool_)
        result |= mask
    return result


def _entity_penalty(
    missing: dict[int, Unsupported], passages: int, adjustments: ScoreAdjustments, aggregate: bool
) -> Scores:
    """What each passage's score loses for the names that it doesn't support; unchecked ones lose the most."""
    # Where any passage is of the places that a list is asked of, every entry must be.
    other_place = adjustments.other_place_penalty if aggregate and not all(m.places for m in missing.values()) else 0.0
    each = adjustments.missing_entity_penalty
    penalty = np.full(passages, each * max(map(len, missing.values())) + other_place, np.float32)
    for row, names in missing.items():
        penalty[row] = each * len(names) + (other_place if names.places else 0.0)
    return penalty


def _out_of_scope(library: Library, query: Query, signals: Signals) -> Scores:
    """1 for sentences of another time or district than the one asked for, 0 for all others.

    Where only a passage's words say that it is of the period or the districts asked for, those of its sentences count
    that say so, or that follow one which does.
    """
    result = np.zeros(len(signals.sentence), np.float32)

    def in_period(text: str, published: dt.date | None) -> bool:
        return any(map(query.covers, stated_periods(text, published)))

    def in_districts(text: str, published: dt.date | None) -> bool:
        return not set(districts.names_in_running_text(text)).isdisjoint(query.districts)

    checks: tuple[tuple[Mask, Callable[[str, dt.date | None], bool]], ...] = (
        (library.filters.outside_period(query), in_period),
        (library.filters.outside_headings(query), in_districts),
    )
    for outside, in_scope in checks:
        for row in np.flatnonzero(outside[signals.passages]):
            step()
            passage = library.passages[signals.passages[row]]
            date = library.by_name[passage.bulletin].date
            if not in_scope(passage.context, date):
                text, start, follows = library.cached_text(passage.bulletin), int(signals.starts[row]), False
                for n, sentence in enumerate(passage.sentences):
                    says_so = in_scope(sentence.of(text), date)
                    if not (says_so or follows):
                        result[start + n] = 1
                    follows = says_so
    return result
