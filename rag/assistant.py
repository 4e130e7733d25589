"""ask(question) -> Answer: retrieve, quote, answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from rag import question as questions
from rag.errors import EncoderUnavailable, QuestionRefused
from rag.library import Library
from rag.quote import cut, prove
from rag.records import Answer, Hit, Quote, Understood
from rag.retrieve import retrieve

FEW = 5  # quotes, where the question asks for one thing
_CONSIDERED = 50  # hits that a list is made from
# Cosine similarities, settled on the development questions with odd numbers.  They tell what is far from every
# bulletin; they can't tell a near miss.
_FLOOR = 0.30  # below it, nothing here is about the question
_LISTED = 0.75  # of the best hit's fused score: the least for an entry of a list


class Assistant:
    """Answers from one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder

    def warm(self) -> None:
        """Loads the model and refuses one that didn't make the library's vectors.

        Raises:
            EncoderUnavailable: the model can't be loaded. LibraryStale: it is another model.
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

        Raises:
            EncoderUnavailable, LibraryStale, LibraryDamaged, QuoteMismatch.
        """
        try:
            understood = questions.read(question)
        except QuestionRefused as error:
            return Answer(question, "refused", str(error), 0.0, Understood(), 0, (), self.library.generation)
        self.warm()
        hits = retrieve(self.library, self._encoded(question), _CONSIDERED)
        confidence = max(0.0, min(1.0, hits[0].similarity)) if hits else 0.0
        if confidence < _FLOOR:
            near = self._quotes(hits[:1])
            return Answer(
                question, "no_match", f"Nothing here is about this. {self._looked_over()}", confidence, understood, 0, near,
                self.library.generation,
            )
        chosen = self._entries(hits, understood)
        quotes = self._quotes(chosen[: len(chosen) if limit is None else max(0, limit)])
        return Answer(
            question, "answered", self._counted(len(chosen), quotes), confidence, understood, len(chosen), quotes,
            self.library.generation,
        )

    def _encoded(self, question: str):  # type: ignore[no-untyped-def]
        try:
            return self.encoder.encode_queries([questions.search_text(question)])
        except EmbeddingError as error:
            raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error

    def _entries(self, hits: Sequence[Hit], understood: Understood) -> list[Hit]:
        if understood.kind != "list":
            return list(hits[:FEW])
        entries = [hit for hit in hits if hit.score >= _LISTED * hits[0].score]
        bulletins = self.library.by_name
        return sorted(entries, key=lambda hit: bulletins[hit.passage.bulletin].date or dt.date.min, reverse=True)

    def _quotes(self, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        """Cut from the stored texts, then proved against them once more."""
        quotes = []
        for hit in hits:
            bulletin = self.library.by_name[hit.passage.bulletin]
            quote = cut(hit, bulletin, self.library.text(bulletin.sha256))
            prove(quote, self.library.text(bulletin.sha256))
            quotes.append(quote)
        return tuple(quotes)

    def _counted(self, total: int, quotes: Sequence[Quote]) -> str:
        passages = "1 passage" if total == 1 else f"{total} passages"
        shown = "" if len(quotes) == total else f", {len(quotes)} shown"
        return f"{passages} in {len({q.bulletin for q in quotes})} of {len(self.library.bulletins)} bulletins{shown}."

    def _looked_over(self) -> str:
        count = len(self.library.bulletins)
        dates = self.library.dates()
        period = f" dated {dates[0]} to {dates[1]}" if dates else ""
        return f"I looked through {count} bulletin{'s' if count != 1 else ''}{period}."
