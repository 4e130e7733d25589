"""A quotation, or a draft with many -> a verdict for each, with the true words beside the claimed ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag import limits
from rag.budget import OverBudget, step
from rag.checking import explain
from rag.checking.attribution import ClauseReader, Titles
from rag.checking.drafts.find_quotations import find_quotations
from rag.checking.models import CheckedQuotation, CheckReport, Claim, Quotation
from rag.checking.verdict import VerdictEngine
from rag.library.reader import Library
from rag.models import Span

_BLOCK_MARKERS = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")  # what stands before each line of a typed block quotation

Progress = Callable[[int, int], None]
"""Progress callback: quotations done, total quotations."""


class Checker:
    """Checks quotations against one generation of the library.  Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._engine = VerdictEngine(library)
        self._titles = Titles(library)

    def check(self, text: str, *, quote: str | None = None, claims: Sequence[Claim] | None = None) -> CheckReport:
        """Checks ``quote``, whose place is looked for in the text; without it, every quotation in the text.

        ``claims`` (see ``attribution.parse_claims``) are verified against the source; without them those in the text
        around a quotation are.

        Raises:
            LibraryDamaged: a stored text is missing or changed.
        """
        if quote is None:
            return self.audit(text, claims=claims)
        start = text.find(quote)
        span = Span(max(start, 0), max(start, 0) + len(quote))
        if claims is None:
            claims = self._claims_beside(text, span) if start >= 0 else ()
        return self._report(text, [replace(self._engine.check(quote, claims), span=span)])

    def audit(
        self,
        text: str,
        *,
        blocks: Sequence[Span] = (),
        claims: Sequence[Claim] | None = None,
        name: str | None = None,
        messages: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> CheckReport:
        """Checks every quotation of a draft, in its order; ``blocks`` are block quotations that its file marks.

        Where the budget is spent, the report has those that were checked until then, and says so.

        Raises:
            LibraryDamaged: a stored text is missing or changed.
            OverBudget: not even the first one was checked within the budget.
        """
        quotations, complaints = find_quotations(text, blocks)
        notes = [*messages, *complaints]
        if not quotations:
            notes.append(explain.NO_QUOTATION)
        if len(quotations) > limits.MAX_QUOTATIONS:
            notes.append(explain.too_many(len(quotations), limits.MAX_QUOTATIONS))
        rows: list[CheckedQuotation] = []
        quotations = quotations[: limits.MAX_QUOTATIONS]
        try:
            for row in self._rows(text, quotations, claims):
                rows.append(row)
                if progress:
                    progress(len(rows), len(quotations))
        except OverBudget:
            if not rows:
                raise
            notes.append(explain.stopped(len(rows), len(quotations)))
        return self._report(text, rows, notes, name)

    def _rows(
        self, text: str, quotations: Sequence[Quotation], claims: Sequence[Claim] | None
    ) -> Iterator[CheckedQuotation]:
        reader = ClauseReader(text, self._titles)
        for quotation in quotations:
            step()
            claimed = claims if claims is not None else self._claims(reader, quotation, quotations)
            quote = quotation.of(text)
            row = self._engine.check(_BLOCK_MARKERS.sub("", quote) if quotation.block else quote, claimed)
            yield replace(row, quote=quote, span=Span(quotation.start, quotation.end))

    def _report(
        self, text: str, rows: Sequence[CheckedQuotation], messages: Sequence[str] = (), name: str | None = None
    ) -> CheckReport:
        library, today = self.library, dt.date.today()
        return CheckReport(text, tuple(rows), tuple(messages), library.generation, len(library.bulletins), today, name)

    def _claims_beside(self, text: str, span: Span) -> tuple[Claim, ...]:
        """The claims about words of a text: as one of its quotations, else by all that the text says of them."""
        quotations, _ = find_quotations(text)
        given = Quotation(span.start, span.end, clause=Span(0, len(text)))
        quotation = next((q for q in quotations if not q.block and (q.start, q.end) == (span.start, span.end)), given)
        return self._claims(
            ClauseReader(text, self._titles), quotation, [q for q in quotations if not q.overlaps(span)]
        )

    def _claims(self, reader: ClauseReader, quotation: Quotation, quotations: Sequence[Quotation]) -> tuple[Claim, ...]:
        """The claims in the clause around a quotation, the words of all quotations in it left out."""
        clause = quotation.clause or quotation
        others = [q for q in quotations if q.start < clause.end and q.end > clause.start and q != quotation]
        return reader.claims(clause, [quotation, *others])
