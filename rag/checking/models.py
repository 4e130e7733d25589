"""What a check of a quotation says, and the evidence for it.

Offsets count Unicode code points: a quotation's in the draft, a citation's in the bulletin's stored text.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from rag.models import Citation, Period, Slice, Span

VerdictName = Literal[
    "not-found", "spliced", "altered", "misattributed", "ambiguous", "ellipsis", "exact-normalised", "exact"
]
ClaimKind = Literal["date", "title", "district"]
EditOperation = Literal["replace", "insert", "delete", "bracket"]
DifferenceKind = Literal["negation", "number", "name", "character", "word", "case", "punctuation"]
"""What a difference is in, most telling first."""


@dataclass(frozen=True, slots=True)
class Quotation(Span):
    """Quoted words in a draft, [start:end] without their marks.

    ``block`` says that they are a block quotation; ``outer`` is the number of the quotation (of the draft's, from 0)
    that they are nested in; ``clause`` is the stretch of the draft around, in which claims about them are looked for.
    """

    block: bool = False
    outer: int | None = None
    clause: Span | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a draft says of a quotation's source.

    ``words`` are as written; ``span`` is their place in the draft, None where they were given apart from it;
    ``periods`` are what a date may mean (see ``DateMention``), ``district`` is canonical.  ``holds`` is set by the
    check: None where there was no source to verify it against, or where the date is ``unread``, and why.
    """

    kind: ClaimKind
    words: str
    span: Span | None = None
    periods: tuple[Period, ...] = ()
    yearless: bool = False
    unread: str = ""
    district: str | None = None
    holds: bool | None = None

    @property
    def names_day(self) -> bool:
        """Whether it is a date that names a day with its year."""
        return not self.yearless and any(period.first == period.last for period in self.periods)


@dataclass(frozen=True, slots=True)
class Difference:
    """``operation`` turns the true words into the claimed ones: "insert" stands in the claim alone, "delete" in the
    source alone, "bracket" is an insertion that the draft itself marks.  ``kind`` is the most telling thing changed."""

    operation: EditOperation
    claimed: str
    true: str
    kind: DifferenceKind = "word"


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation's verdict.

    ``quote`` are its words, ``span`` their place in the draft; ``citation`` are the nearest true words, None where
    there are none; ``fragments`` are those of a splice or an ellipsis, in draft order; ``other_sources`` carry the same
    words, copies among them; ``explanation`` is one sentence.
    """

    quote: str
    span: Span
    verdict: VerdictName
    explanation: str
    citation: Citation | None = None
    fragments: tuple[Slice, ...] = ()
    differences: tuple[Difference, ...] = ()
    other_sources: tuple[Slice, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """An audited draft: ``rows`` in the order of the draft; ``messages`` are sentences about what could not be checked
    (an unclosed mark, text beyond the limit); ``name`` is the draft's file, None where it was pasted."""

    draft: str
    rows: tuple[CheckedQuotation, ...]
    messages: tuple[str, ...]
    generation: str
    bulletins: int
    checked_on: dt.date
    name: str | None = None
