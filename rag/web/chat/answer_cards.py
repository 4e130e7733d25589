"""An answer as HTML: quotes in columns and groups, each verified against its stored text right before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rag import limits
from rag.admin.feedback import REASONS
from rag.answer.models import NEAR_MISSES, UNSURE, Answer, columns, is_list
from rag.answer.source_notes import copies
from rag.budget import step
from rag.errors import QuoteMismatch
from rag.models import Quote, Span
from rag.query.models import Condition
from rag.text.districts import names_in_running_text
from rag.web.templating import render
from rag.web.text_runs import TextRuns, text_runs

if TYPE_CHECKING:
    from rag.library.reader import Library

FIRST_ENTRIES = 10  # quotes shown at once, the others on demand
FIRST_ENTRIES_OF_COLUMN = 5  # the same for each column of a comparison


@dataclass(frozen=True, slots=True)
class Card:
    """One quote; ``around`` is the paragraph it is cut from, None where the quote is all of it; ``number`` counts the
    answer's quotes from 1, in the order shown; ``mentions`` are the districts that its own words name."""

    quote: Quote
    number: int
    runs: TextRuns
    around: TextRuns | None
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The cards of one bulletin; ``continued`` where its head stands above already; ``copies`` says in a sentence
    which other bulletins carry its text."""

    cards: tuple[Card, ...]
    continued: bool
    copies: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of groups: ``first`` are shown at once, ``rest`` on demand; ``beyond`` counts the quotes left out."""

    label: str | None
    first: tuple[Group, ...]
    rest: tuple[Group, ...]
    beyond: int

    @property
    def others(self) -> int:
        """How many cards are shown on demand."""
        return sum(len(group.cards) for group in self.rest)


def lay_out(answer: Answer, library: Library) -> tuple[Column, ...]:
    """Returns the columns of an answer: a single one without a label where nothing is compared.

    Raises:
        QuoteMismatch: a quote, or the paragraph around it, is not what its bulletin holds there.
        RagError: the library can't give a bulletin's text.
    """
    laid_out: list[Column] = []
    number = 0
    for column in columns(answer):
        cards = []
        for place, group in enumerate(column.groups):
            cards += [(place, quote, number + n) for n, quote in enumerate(group, 1)]
            number += len(group)
        shown = [(place, _card(quote, n, library)) for place, quote, n in cards[: limits.MAX_ENTRIES_SHOWN]]
        first = FIRST_ENTRIES_OF_COLUMN if column.label else FIRST_ENTRIES
        above = shown[first - 1][0] if len(shown) > first else None
        beyond = len(cards) - len(shown)
        laid_out.append(
            Column(column.label, _groups(library, shown[:first]), _groups(library, shown[first:], above), beyond)
        )
    return tuple(laid_out)


def _groups(library: Library, cards: Sequence[tuple[int, Card]], above: int | None = None) -> tuple[Group, ...]:
    groups = []
    for place, part in groupby(cards, key=lambda placed: placed[0]):
        own = tuple(card for _, card in part)
        groups.append(Group(own, place == above, copies(library, own[0].quote)))
    return tuple(groups)


def _card(quote: Quote, number: int, library: Library) -> Card:
    step()
    text = library.text(quote.sha256)
    quote.verify(text)
    runs = text_runs(text, quote, [(span, "mark") for span in quote.highlights])
    mentions, around = names_in_running_text(quote.text), quote.around
    if around is None or around == Span(quote.start, quote.end):
        return Card(quote, number, runs, None, mentions)
    if not 0 <= around.start <= quote.start < quote.end <= around.end <= len(text):
        raise QuoteMismatch(
            "the paragraph around a quote doesn't hold it", where=quote.bulletin, remedy="Run: python -m rag verify"
        )
    return Card(quote, number, runs, text_runs(text, around, [(quote, "quoted")]), mentions)


def _label(answer: Answer) -> str | None:
    """What stands above quotes that are no answer, or may be none."""
    if not answer.quotes:
        return None
    return NEAR_MISSES if answer.status == "no_match" else UNSURE if answer.certainty == "low" else None


def answer_html(
    answer: Answer, library: Library, *, key: str = "", without: Sequence[Condition] = (), again: bool = True
) -> str:
    """Returns an answer as the chat shows it, each quote compared with its stored bulletin once more.

    ``key`` is the answer's id, by which its buttons, its CSV file and its link find it; ``without`` are the conditions
    removed from the question, ``again`` is whether they were removed just now.

    Raises:
        QuoteMismatch: a quote is not what its bulletin holds at its place.
        RagError: the library can't give a bulletin's text.
    """
    return render(
        "answer.html",
        answer=answer,
        columns=lay_out(answer, library),
        total=len(answer.quotes),
        near=_label(answer),
        said=answer.message.removeprefix(f"{UNSURE}: "),  # the heading says it
        key=key,
        without=without,
        again=again,
        savable=bool(key) and is_list(answer) and bool(answer.quotes),
        keepable=bool(key) and answer.status != "refused",
        reasons=REASONS,
        most_words=limits.MAX_FEEDBACK_CHARS,
    )
