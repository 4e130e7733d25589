"""ask(question) -> Answer: retrieve, quote, answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from embeddings.vectors import FloatRows
from rag import question as questions
from rag.dates import written
from rag.errors import EncoderUnavailable, QuestionRefused
from rag.library import Library
from rag.quote import cut, prove
from rag.records import Answer, Hit, Quote, Status, Understood
from rag.retrieve import retrieve

FEW = 5  # quotes, where the question asks for one thing
# Settled on the development questions with odd numbers.  They tell what is far from every bulletin; a near miss
# they can't tell.
_FLOOR = 0.30  # cosine similarity below which nothing here is about the question
_LISTED = 0.70  # of the best hit's fused score: the least for an entry of a list


class Assistant:
    """Answers from one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder

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
    ) -> Answer:
        """Quotes that answer, each compared with its stored bulletin, or an honest no.

        ``limit`` is the greatest number of quotes; without it a list gives all entries, anything else ``FEW``.
        ``asked_on`` is the day that "last month" is seen from (default: today); ``history`` are the earlier questions,
        latest last, which a follow-up ("and in Haidian?") leans on.

        Raises:
            EncoderUnavailable, LibraryStale: see ``warm``.
            LibraryDamaged: a stored text is missing or changed.
            QuoteMismatch: a quote is not a slice of its bulletin.
        """
        try:
            understood = questions.read(question, asked_on, history)
        except QuestionRefused as error:
            return self._answer(question, "refused", str(error))
        query = self._encoded(understood.words)
        left = self.library.filters.leave(understood)
        if understood.kind == "fact":
            hits = retrieve(self.library, query, left, most=FEW)
        else:
            hits = retrieve(self.library, query, left, share=_LISTED if understood.topic else 0.0)
        confidence = max((hit.similarity for hit in hits), default=0.0)
        if not hits or (understood.topic and confidence < _FLOOR):
            nearest = hits or retrieve(self.library, query, self.library.filters.leave(Understood()), most=1)
            message = f"{self._nothing(understood, hits)} {self._looked_over()}"
            return self._answer(question, "no_match", message, understood, self._quotes(nearest[:1]), 0, confidence)
        entries = self._entries(hits, understood)
        message = self._summary(entries, understood, limit)
        return self._answer(
            question, "answered", message, understood, self._quotes(entries[:limit]), len(entries), confidence
        )

    def _answer(
        self,
        question: str,
        status: Status,
        message: str,
        understood: Understood | None = None,
        quotes: tuple[Quote, ...] = (),
        total: int = 0,
        confidence: float = 0.0,
    ) -> Answer:
        understood = understood or Understood()
        return Answer(question, status, message, confidence, understood, total, quotes, self.library.generation)

    def _encoded(self, words: str) -> FloatRows:
        try:
            self.library.check(self.encoder)
            return self.encoder.encode_queries([words])
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def _entries(self, hits: Sequence[Hit], understood: Understood) -> list[Hit]:
        """The hits that belong to the answer, in the order of showing; of a list, one for each event."""
        if understood.kind == "fact":
            return list(hits)
        events: dict[tuple[str, int], Hit] = {}
        # Where everything is asked for, a lead or a closing is no event of its own.
        all_there_is = not understood.topic and any(self._is_event(hit) for hit in hits)
        for hit in filter(self._is_event, hits) if all_there_is else hits:
            events.setdefault((hit.passage.bulletin, hit.passage.section), hit)
        oldest_first = understood.sort == "date-asc"
        undated = dt.date.max if oldest_first else dt.date.min
        dates = {bulletin.name: bulletin.date or undated for bulletin in self.library.bulletins}
        ordered = sorted(events.values(), key=lambda hit: dates[hit.passage.bulletin], reverse=not oldest_first)
        return ordered[:FEW] if understood.kind == "latest" else ordered

    def _is_event(self, hit: Hit) -> bool:
        return self.library.by_name[hit.passage.bulletin].sections[hit.passage.section].role == "event"

    def _quotes(self, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        """Cut from the stored texts; each text is then read once more and the quote proved against it."""
        quotes = []
        for hit in hits:
            bulletin = self.library.by_name[hit.passage.bulletin]
            copies = tuple(name for name in self.library.copies[bulletin.sha256] if name != bulletin.name)
            quote = cut(hit, bulletin, self.library.text(bulletin.sha256), copies)
            prove(quote, self.library.text(bulletin.sha256))
            quotes.append(quote)
        return tuple(quotes)

    def _summary(self, entries: Sequence[Hit], understood: Understood, limit: int | None) -> str:
        about = _filters(understood)
        if understood.kind == "fact":
            nearest = "passage" if len(entries) == 1 else "passages"
            return (
                f"{about}the {nearest} nearest to the question." if about else f"The {nearest} nearest to the question."
            )
        names = {hit.passage.bulletin for hit in entries}
        dates = sorted(date for name in names if (date := self.library.by_name[name].date))
        period = f", {written(dates[0], dates[-1])}" if dates else ""
        order = "oldest first" if understood.sort == "date-asc" else "newest first"
        shown = f"; {limit} shown" if limit is not None and limit < len(entries) else ""
        return (
            f"{about}{_counted(len(entries), 'passage')} in {len(names)}"
            f" of {_counted(len(self.library.bulletins), 'bulletin')}{period}, {order}{shown}."
        )

    def _nothing(self, understood: Understood, hits: Sequence[Hit]) -> str:
        """Why there is no answer."""
        if hits:
            return "Nothing in these bulletins is about this."
        return f"{_filters(understood)}none of these bulletins tells of this."

    def _looked_over(self) -> str:
        dates = self.library.dates()
        period = f" dated {written(*dates)}" if dates else ""
        return f"I looked through {_counted(len(self.library.bulletins), 'bulletin')}{period}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _filters(understood: Understood) -> str:
    """What was carried over and what the answer was narrowed to: "Haidian District, 2024: "."""
    parts = [*understood.districts, written(understood.date_from, understood.date_to)]
    narrowed = ", ".join(part for part in parts if part)
    carried = f"Following on from “{', '.join(understood.carried)}”. " if understood.carried else ""
    return f"{carried}{narrowed}: " if narrowed else carried
