"""Assistant: ask(question) -> Answer.  It parses the question, searches, and quotes what answers it, or says no."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from rag import limits
from rag.answer import absence, messages, source_notes
from rag.answer.examples import example_questions
from rag.answer.models import UNSURE, Answer
from rag.answer.notice import notice_for
from rag.answer.quote import cut
from rag.answer.timing import Stopwatch
from rag.budget import step
from rag.errors import EncoderUnavailable, NothingAsked, QuestionRefused
from rag.library.reader import Library
from rag.models import Certainty, Hit, Quote, Status
from rag.query.comparison import comparand_queries
from rag.query.language import unread_language
from rag.query.mentions import find_mentions
from rag.query.models import Comparand, Query
from rag.query.parse import parse_bilingual
from rag.query.spelling import Correction, Speller, apply_corrections
from rag.query.superlative import asks_for_the_most, states_the_most
from rag.search.answerability import Answerability, assess
from rag.search.config import DEFAULT, SearchConfig
from rag.search.pipeline import Candidates, SearchResult, search
from rag.search.ranking import top_spans
from rag.search.signals import EncodedQuery, encode_all

COMPARED_QUOTES = 12  # the first quotes of an answer, whose figures are compared with each other
_NEEDS_ALL_WORDS = ("Which delegaitons came from Hunagry?", "谁来自匈牙利?")  # English, places, the glossary
LabelledHit = tuple[Hit, str | None]  # with the label of the comparand that it is about


@dataclass(frozen=True, slots=True)
class _Decision:
    status: Status
    message: str
    hits: list[LabelledHit]
    confidence: float = 0.0
    certainty: Certainty = "high"


class Assistant:
    """Answers from one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library, encoder: Encoder, *, config: SearchConfig = DEFAULT) -> None:
        self.library = library
        self.encoder = encoder
        self.config = config
        self._speller = Speller(library.vocabulary)
        self._told = library.filters.days_told()

    def warm_up(self) -> None:
        """Loads the model and the lists of words, so that the first question doesn't wait for them.

        Raises:
            EncoderUnavailable: the model can't be loaded.
            LibraryStale: another model made the library's vectors.
            DataDamaged: a list of words that comes with the desk can't be read.
        """
        for question in _NEEDS_ALL_WORDS:
            self._parse(question, None, (), ())
        try:
            self.encoder.warm_up()
            self.library.require_encoder(self.encoder)
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def ask(
        self,
        question: str,
        *,
        asked_on: dt.date | None = None,
        history: Sequence[str] = (),
        limit: int | None = None,
        without: Sequence[str] = (),
        stopwatch: Stopwatch | None = None,
    ) -> Answer:
        """Answers with quotes, each verified against its stored bulletin, or with an honest no.

        ``asked_on`` is the day that "last month" counts from (default: today); ``history`` are the earlier questions,
        latest last, that a follow-up ("and in Haidian?") depends on; ``limit`` is the greatest number of quotes
        (default: all entries of a list, a few otherwise); ``without`` are the keys of removed conditions.

        Raises:
            EncoderUnavailable, LibraryStale: see ``warm_up``. LibraryDamaged: a stored text is missing or changed.
            QuoteMismatch: a quote is not a slice of its bulletin.
        """
        stopwatch = stopwatch or Stopwatch()
        generation, notice = self.library.generation, notice_for(self.library.root, question)
        try:
            query, corrections = self._parse(question, asked_on, history, without)
        except NothingAsked:
            line = messages.help_with(self._examples)
            return Answer(question, "refused", line, 0.0, Query(), 0, (), generation, notice)
        except QuestionRefused as error:
            return Answer(question, "refused", str(error), 0.0, Query(), 0, (), generation, notice)
        finally:
            stopwatch.lap("reading")
        if language := unread_language(question):
            message = messages.unread_language(self.library, language)
            return Answer(question, "no_match", message, 0.0, query, 0, (), generation, notice)
        encoded = self._encode(query)
        stopwatch.lap("encoding")
        results = [search(self.library, each, self.config, comparand=bool(query.comparands)) for each in encoded]
        decision = self._decide(query, results, limit)
        stopwatch.lap("searching")
        total, shown = (len(decision.hits), limit) if decision.status == "answered" else (0, None)
        quotes = self._quotes(query, decision.hits[:shown])
        stopwatch.lap("quoting")
        message = f"{messages.spelling_note(question, corrections)}{messages.time_notes(query)}{decision.message}"
        status, sure = decision.status, decision.confidence
        answer = Answer(question, status, message, sure, query, total, quotes, generation, notice)
        return replace(answer, certainty=decision.certainty)

    @functools.cached_property
    def _examples(self) -> tuple[str, ...]:
        return example_questions(self.library)

    def _parse(
        self, question: str, asked_on: dt.date | None, history: Sequence[str], without: Sequence[str]
    ) -> tuple[Query, Sequence[Correction]]:
        """The parsed question, with the corrections of its spelling.  Raises QuestionRefused: it can't be asked."""
        mentions = find_mentions(question[: limits.MAX_QUESTION_CHARS + 1])
        corrections = self._speller.corrections(mentions)
        earlier = [
            apply_corrections(before, self._speller.corrections(find_mentions(before[: limits.MAX_QUESTION_CHARS])))
            for before in history
        ]
        corrected = apply_corrections(question, corrections)
        return parse_bilingual(corrected, asked_on, earlier, without, mentions, self._told), corrections

    def _encode(self, query: Query) -> list[EncodedQuery]:
        """The encoded question, or one encoded query for each of the things that it compares."""
        try:
            self.library.require_encoder(self.encoder)
            return encode_all(comparand_queries(query), self.encoder, self.library, self.config.words)
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def _decide(self, query: Query, results: Sequence[SearchResult], limit: int | None) -> _Decision:
        """The status, with the message and the hits to be quoted: those that answer, or the nearest passages."""
        library = self.library
        judged = [(assess(library, result.candidates, self.config), result) for result in results]
        best, result = max(judged, key=lambda pair: (pair[0].reason is None, pair[0].confidence))
        candidates = result.candidates
        if query.unread and query.exhaustive:
            return _Decision("no_match", messages.unread_time(query), self._near_misses(candidates))
        if query.lacking:
            return self._missing(query, best, result)
        if best.reason == "filtered":
            hits, searched = self._near_misses_without_filters(candidates.encoded)
            return _Decision("no_match", messages.filtered_out(library, query, searched), hits)
        if best.reason == "missing_entities" and candidates.unsupported:
            message = messages.missing_entities(library, query, candidates.unsupported)
            message += messages.not_of_beijing(query.districts_elsewhere)
            return _Decision("no_match", message, self._near_misses(candidates))
        if best.reason == "no_value_of_type":
            return _Decision("no_match", messages.no_value_of_type(library, query), self._near_misses(candidates))
        if asks_for_the_most(query.original or query.words) and self._lacks_the_most(best, result):
            return _Decision("no_match", messages.asks_for_the_most(library, query), self._near_misses(candidates))
        if best.reason == "off_topic" or not result.hits:  # a list that tells of nothing done has no entry
            near_misses = self._near_misses(candidates)
            return _Decision("no_match", messages.off_topic(library, query), near_misses, best.confidence)
        comparands = query.comparands or (Comparand("", ""),)
        answering = [result.hits if verdict.reason is None else () for verdict, result in judged]
        labels = [comparand.label for comparand in comparands]
        hits = [(hit, label or None) for label, own in zip(labels, answering, strict=True) for hit in own]
        message = messages.summary(library, query, [hit for hit, _ in hits], len(hits[:limit]))
        message += messages.nothing_found_for([label for label, own in zip(labels, answering, strict=True) if not own])
        if best.certainty == "low":
            message = f"{UNSURE}: {message}"
        return _Decision("answered", message, hits, best.confidence, best.certainty)

    def _missing(self, query: Query, verdict: Answerability, result: SearchResult) -> _Decision:
        """What is missing of the set that is asked about, with the passages that say so."""
        on_it: Sequence[Hit] = result.hits if verdict.reason is None else ()
        if verdict.reason == "off_topic" and verdict.confidence:
            on_it = absence.on_topic(self.library, query, result.hits)
        reckoning = absence.reckon(self.library, query, on_it)
        if not reckoning.denials:
            return _Decision("no_match", reckoning.message, [])
        denials: list[LabelledHit] = [(hit, None) for hit in reckoning.denials]
        return _Decision("answered", reckoning.message, denials, verdict.confidence, verdict.certainty)

    def _lacks_the_most(self, verdict: Answerability, result: SearchResult) -> bool:
        """Whether none of the passages that answer says of anything that it is the largest, the longest or the like."""
        passages = [hit.passage for hit in result.hits] if verdict.reason is None else []
        texts = (self.library.cached_text(each.bulletin)[each.start : each.end] for each in passages)
        return not any(map(states_the_most, texts))

    def _near_misses_without_filters(self, encoded: EncodedQuery) -> tuple[list[LabelledHit], str]:
        """The nearest passages without the period, else without the districts, and which of them was left out."""
        query = encoded.query
        undated = replace(query, date_from=None, date_to=None, either=(), weekdays=())
        for loosened, searched in (
            (undated, "without the period"),
            (replace(undated, districts=()), "in any district and at any time"),
        ):
            result = search(self.library, replace(encoded, query=loosened), self.config, comparand=True)
            if loosened != query and result.hits:
                return self._near_misses(result.candidates), searched
        return [], ""

    def _near_misses(self, candidates: Candidates) -> list[LabelledHit]:
        lengths, growth = self.config.spans.near_misses, self.config.growth
        hits = top_spans(self.library, candidates.signals, candidates.scores, lengths, growth)
        return [(hit, None) for hit in hits]

    def _quotes(self, query: Query, shown: Sequence[LabelledHit]) -> tuple[Quote, ...]:
        """The quotes of the hits, each with a note on its source; where a figure is asked for, the note also says where
        another bulletin's differs."""
        library = self.library
        asks_for_figure = query.kind in ("count", "compare") or query.answer_type == "number"
        compared = [hit for hit, _ in shown[:COMPARED_QUOTES]] if asks_for_figure else []
        disagreements = source_notes.disagreements(library, compared)
        quotes = []
        for number, (hit, label) in enumerate(shown):
            step()
            bulletin = library.by_name[hit.passage.bulletin]
            copies = tuple(name for name in library.copies[bulletin.body] if name != bulletin.name)
            text_note = source_notes.revision(library, hit) or disagreements.get(number)
            note = " ".join(filter(None, [text_note, source_notes.correction(library, hit)])) or None
            text = library.text(bulletin.sha256)
            quotes.append(cut(hit, bulletin, text, also_in=copies, side=label, note=note))
        return tuple(quotes)
