"""ask(question) -> Answer: retrieve, quote, answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from embeddings.vectors import FloatRows
from rag import question as questions
from rag.errors import EncoderUnavailable, QuestionRefused
from rag.library import Library
from rag.quote import cut, prove
from rag.records import Answer, Hit, Quote, Status, Understood
from rag.retrieve import retrieve

FEW = 5  # quotes, where the question asks for one thing
_CONSIDERED = 50  # hits that a list is made from
# Settled on the development questions with odd numbers.  They tell what is far from every bulletin; a near miss
# they can't tell.
_FLOOR = 0.30  # cosine similarity below which nothing here is about the question
_LISTED = 0.75  # of the best hit's fused score: the least for an entry of a list


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
        Each question is read by itself: neither ``asked_on`` nor ``history`` changes an answer yet.

        Raises:
            EncoderUnavailable, LibraryStale: see ``warm``.
            LibraryDamaged: a stored text is missing or changed.
            QuoteMismatch: a quote is not a slice of its bulletin.
        """
        try:
            understood = questions.read(question)
        except QuestionRefused as error:
            return self._answer(question, "refused", str(error))
        hits = retrieve(self.library, self._encoded(question), _CONSIDERED)
        confidence = max(0.0, min(1.0, hits[0].similarity)) if hits else 0.0
        if confidence < _FLOOR:
            message = f"Nothing in these bulletins is about this. {self._looked_over()}"
            return self._answer(question, "no_match", message, understood, self._quotes(hits[:1]), 0, confidence)
        chosen = self._entries(hits, understood)
        quotes = self._quotes(chosen[:limit])
        message = self._summary(len(chosen), quotes, understood)
        return self._answer(question, "answered", message, understood, quotes, len(chosen), confidence)

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

    def _encoded(self, question: str) -> FloatRows:
        try:
            self.library.check(self.encoder)
            return self.encoder.encode_queries([questions.search_text(question)])
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def _entries(self, hits: Sequence[Hit], understood: Understood) -> list[Hit]:
        """The hits that belong to the answer, in the order of showing."""
        if understood.kind != "list":
            return list(hits[:FEW])
        entries = [hit for hit in hits if hit.score >= _LISTED * hits[0].score]
        dates = {bulletin.name: bulletin.date or dt.date.min for bulletin in self.library.bulletins}
        return sorted(entries, key=lambda hit: dates[hit.passage.bulletin], reverse=True)

    def _quotes(self, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        """Cut from the stored texts; each text is then read once more and the quote proved against it."""
        quotes = []
        for hit in hits:
            bulletin = self.library.by_name[hit.passage.bulletin]
            quote = cut(hit, bulletin, self.library.text(bulletin.sha256))
            prove(quote, self.library.text(bulletin.sha256))
            quotes.append(quote)
        return tuple(quotes)

    def _summary(self, total: int, quotes: Sequence[Quote], understood: Understood) -> str:
        if understood.kind != "list":
            return "The passage nearest to the question." if total == 1 else "The passages nearest to the question."
        dates = sorted(quote.date for quote in quotes if quote.date)
        period = f", {dates[0]} to {dates[-1]}" if dates else ""
        return (
            f"{_counted(total, 'passage')} in {len({quote.bulletin for quote in quotes})}"
            f" of {_counted(len(self.library.bulletins), 'bulletin')}{period}, newest first."
        )

    def _looked_over(self) -> str:
        dates = self.library.dates()
        period = f" dated {dates[0]} to {dates[1]}" if dates else ""
        return f"I looked through {_counted(len(self.library.bulletins), 'bulletin')}{period}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
