"""An answer's quotes as the page lays them out, each proved against its stored text right before it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rag import limits
from rag.answer.grouping import columns
from rag.answer.quote import prove
from rag.errors import QuoteMismatch
from rag.models import Answer, Quote, Span

if TYPE_CHECKING:
    from rag.library.reader import Library

FIRST = 10  # entries shown at once, the others on demand
FIRST_OF_SIDE = 5  # the same for each thing compared

Pieces = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One quote: its words in pieces, each with its mark ("" for none); ``around`` is the paragraph it is cut from,
    None where the quote is all of it; ``number`` counts the answer's quotes from 1, in the order shown."""

    quote: Quote
    number: int
    pieces: Pieces
    around: Pieces | None


@dataclass(frozen=True, slots=True)
class Group:
    """A bulletin's cards; ``continued`` where its head stands above already."""

    cards: tuple[Card, ...]
    continued: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """One column of the page: what is shown at once, and what on demand; ``beyond`` counts what isn't shown."""

    label: str | None
    first: tuple[Group, ...]
    rest: tuple[Group, ...]
    beyond: int

    @property
    def others(self) -> int:
        return sum(len(group.cards) for group in self.rest)


def laid_out(answer: Answer, library: Library) -> tuple[Laid, ...]:
    """The columns of an answer, one without a label where nothing is compared.

    Raises:
        QuoteMismatch: a quote, or the paragraph around it, is not what its bulletin holds there.
        RagError: the library can't give a bulletin's text.
    """
    laid: list[Laid] = []
    number = 0
    for column in columns(answer):
        cards = []
        for place, group in enumerate(column.groups):
            cards += [(place, quote, number + n) for n, quote in enumerate(group, 1)]
            number += len(group)
        shown = [(place, _card(quote, n, library)) for place, quote, n in cards[: limits.MAX_ENTRIES_SHOWN]]
        first = FIRST_OF_SIDE if column.label else FIRST
        above = shown[first - 1][0] if len(shown) > first else None
        beyond = len(cards) - len(shown)
        laid.append(Laid(column.label, _groups(shown[:first]), _groups(shown[first:], above), beyond))
    return tuple(laid)


def stretches(start: int, end: int, marked: Iterable[tuple[Span, str]]) -> Iterator[tuple[Span, str]]:
    """Cover ``[start, end)`` in order and without a gap, each stretch with its mark ("" for none)."""
    at = start
    for span, mark in sorted(marked, key=lambda item: (item[0].start, item[0].end)):
        first, last = max(span.start, at), min(span.end, end)
        if first >= last:
            continue
        if at < first:
            yield Span(at, first), ""
        yield Span(first, last), mark
        at = last
    if at < end:
        yield Span(at, end), ""


def _groups(cards: Sequence[tuple[int, Card]], above: int | None = None) -> tuple[Group, ...]:
    parts = groupby(cards, key=lambda placed: placed[0])
    return tuple(Group(tuple(card for _, card in part), place == above) for place, part in parts)


def _card(quote: Quote, number: int, library: Library) -> Card:
    text = library.text(quote.sha256)
    prove(quote, text)
    pieces = _pieces(text, quote, [(span, "mark") for span in quote.highlights])
    around = quote.around
    if around is None or around == Span(quote.start, quote.end):
        return Card(quote, number, pieces, None)
    if not 0 <= around.start <= quote.start < quote.end <= around.end <= len(text):
        raise QuoteMismatch(
            "the paragraph around a quote doesn't hold it", where=quote.bulletin, remedy="Run: python -m rag verify"
        )
    return Card(quote, number, pieces, _pieces(text, around, [(quote, "quoted")]))


def _pieces(text: str, of: Span, marked: Iterable[tuple[Span, str]]) -> Pieces:
    return tuple((span.of(text), mark) for span, mark in stretches(of.start, of.end, marked))
