"""ask(question) -> Answer: read the question, search, say no where nothing bears it out, quote and prove."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from rag import limits
from rag.answer import messages, source_notes
from rag.answer.notice import NoticeBoard
from rag.answer.quote import cut, prove
from rag.answer.timing import Stopwatch
from rag.errors import EncoderUnavailable, QuestionRefused
from rag.library.reader import Library
from rag.models import Answer, Comparand, Hit, Query, Quote, Status
from rag.query import chinese, district_scope
from rag.query.spelling import Speller, corrected
from rag.search.answerability import verdict
from rag.search.pipeline import Found, Prepared, search
from rag.search.ranking import Weights, nearest
from rag.search.signals import EncodedQuery, encode

_COMPARED = 12  # quotes of an answer, the first, whose figures are held against each other
_NEAR_MISSES = (250, 200)  # characters of the quotes shown as such


class Assistant:
    """Answers from one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library, encoder: Encoder, *, weights: Weights | None = None) -> None:
        self.library = library
        self.encoder = encoder
        self.weights = weights or Weights()
        self._notices = NoticeBoard(library.root)
        self._speller = Speller(library.vocabulary)

    def warm(self) -> None:
        """Loads the model and refuses one that didn't make the library's vectors.

        Raises:
            EncoderUnavailable: the model can't be loaded.
            LibraryStale: it is another model.
        """
        try:
            self.encoder.warm()
            self.library.check(self.encoder)
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
        watch: Stopwatch | None = None,
    ) -> Answer:
        """Quotes that answer, each compared with its stored bulletin, or an honest no.

        ``limit`` is the greatest number of quotes; without it a list gives all entries, anything else a few.
        ``asked_on`` is the day that "last month" is seen from (default: today); ``history`` are the earlier questions,
        latest last, which a follow-up ("and in Haidian?") leans on; ``without`` are the keys of chips taken away.
        ``watch`` is told when each stage is over.

        Raises:
            EncoderUnavailable, LibraryStale: see ``warm``.
            LibraryDamaged: a stored text is missing or changed.
            QuoteMismatch: a quote is not a slice of its bulletin.
        """
        watch = watch or Stopwatch()
        notice = self._notices.notice_for(question)
        corrections = self._speller.corrections(question[: limits.MAX_QUESTION_CHARS + 1])
        earlier = [corrected(one, self._speller.corrections(one[: limits.MAX_QUESTION_CHARS])) for one in history]
        try:
            understood = chinese.read(corrected(question, corrections), asked_on, earlier, without)
        except QuestionRefused as error:
            return Answer(question, "refused", str(error), 0.0, Query(), 0, (), self.library.generation, notice)
        finally:
            watch.lap("reading")
        queries = self._encoded(understood)
        watch.lap("encoding")
        found = [search(self.library, query, self.weights, side=bool(understood.sides)) for query in queries]
        status, message, hits, sure = self._decided(understood, found, limit)
        watch.lap("searching")
        message = f"{messages.read_as(question, corrections)}{message}"
        shown = hits[:limit] if status == "answered" else hits
        quotes = self._quotes(shown, of_a_figure=understood.kind in ("count", "compare") or understood.asks == "number")
        watch.lap("quoting")
        total = len(hits) if status == "answered" else 0
        return Answer(question, status, message, sure, understood, total, quotes, self.library.generation, notice)

    def _encoded(self, understood: Query) -> list[EncodedQuery]:
        """The question, or each of the things that it compares, in one pass of the encoder."""
        asked = [_alone(understood, side) for side in understood.sides] or [understood]
        try:
            self.library.check(self.encoder)
            return [encode(one, self.encoder, self.library) for one in asked]
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def _decided(
        self, understood: Query, found: Sequence[Found], limit: int | None
    ) -> tuple[Status, str, list[tuple[Hit, str | None]], float]:
        """Status, message, quotes to be shown with the side each is on, and how sure the desk is."""
        library = self.library
        verdicts = [verdict(library, one.prepared) for one in found]
        sure, one = max(zip(verdicts, found, strict=True), key=lambda pair: (pair[0].why is None, pair[0].confidence))
        near = one.prepared
        if sure.why == "filtered":
            hits, without = self._without_filters(near.query)
            return "no_match", messages.nothing_left(library, understood, without), hits, 0.0
        if sure.why == "unsaid" and near.unsaid:
            message = messages.unsaid(library, understood, near.unsaid)
            return "no_match", f"{message}{_elsewhere(understood)}", self._near_misses(near), 0.0
        if sure.why == "untold":
            return "no_match", messages.untold(library, understood), self._near_misses(near), 0.0
        if sure.why == "far":
            return "no_match", messages.far(library, understood), self._near_misses(near), sure.confidence
        sides = understood.sides or (Comparand("", ""),)
        told = [one.hits if each.why is None else () for each, one in zip(verdicts, found, strict=True)]
        hits = [(hit, side.label or None) for side, own in zip(sides, told, strict=True) for hit in own]
        message = messages.summary(library, understood, [hit for hit, _ in hits], len(hits[:limit]))
        empty = [side.label for side, own in zip(sides, told, strict=True) if not own]
        return "answered", f"{message}{messages.nothing_of(empty)}", hits, sure.confidence

    def _without_filters(self, query: EncodedQuery) -> tuple[list[tuple[Hit, str | None]], str]:
        """The nearest passages without the period, else without the districts, and which of them was left out."""
        understood = query.understood
        undated = replace(understood, date_from=None, date_to=None)
        for loosened, what in (
            (undated, "without the period"),
            (replace(undated, districts=()), "in any district and at any time"),
        ):
            found = search(self.library, replace(query, understood=loosened), self.weights, side=True)
            if loosened != understood and found.hits:
                return self._near_misses(found.prepared), what
        return [], ""

    def _near_misses(self, near: Prepared) -> list[tuple[Hit, str | None]]:
        return [(hit, None) for hit in nearest(self.library, near.signals, near.scores, _NEAR_MISSES, 1.0)]

    def _quotes(self, shown: Sequence[tuple[Hit, str | None]], *, of_a_figure: bool) -> tuple[Quote, ...]:
        """Each with what a reader must know of its source; where a figure is asked for, also that another differs."""
        library = self.library
        told = [hit for hit, _ in shown[:_COMPARED]] if of_a_figure else []
        differing = source_notes.disagreements(library, told)
        quotes = []
        for place, (hit, side) in enumerate(shown):
            others = source_notes.revision(library, hit) or differing.get(place)
            note = " ".join(filter(None, [others, source_notes.correction(library, hit)]))
            quotes.append(self._quote(hit, side, note or None))
        return tuple(quotes)

    def _quote(self, hit: Hit, side: str | None, note: str | None) -> Quote:
        """Cut from the stored text, which is then read once more and the quote proved against it."""
        library = self.library
        bulletin = library.by_name[hit.passage.bulletin]
        copies = tuple(name for name in library.copies[bulletin.body] if name != bulletin.name)
        quote = cut(hit, bulletin, library.text(bulletin.sha256), also_in=copies, side=side, note=note)
        prove(quote, library.text(bulletin.sha256))
        return quote


def _elsewhere(understood: Query) -> str:
    """That a district named isn't one of Beijing's."""
    names = district_scope.elsewhere(understood.words)
    return f" {district_scope.not_in_beijing(names)}" if names else ""


def _alone(understood: Query, side: Comparand) -> Query:
    """The question put to one of the things that it compares."""
    dated = (side.date_from, side.date_to) != (understood.date_from, understood.date_to)
    return replace(
        understood,
        # A period is a filter, and its words would find others that state it.
        words=(understood.topic or side.words) if dated else side.words,
        own=0,
        districts=side.districts,
        date_from=side.date_from,
        date_to=side.date_to,
    )
