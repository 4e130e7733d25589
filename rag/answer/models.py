"""What a question is answered with, and its quotes in groups: a column for each thing compared, in it the quotes of one
bulletin together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.models import Certainty, Quote, Status
from rag.query.models import Query

NEAR_MISSES = "Nearest passages, not an answer"
UNSURE = "Close, but may not answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes, or an honest no.  ``total`` counts all that match, also past the limit asked for; ``notice`` is the
    operator's line that stands above answers on such matters; of ``certainty`` "low" is an answer whose quotes are
    shown as ``UNSURE``."""

    question: str
    status: Status
    message: str
    confidence: float
    query: Query
    total: int
    quotes: tuple[Quote, ...]
    generation: str | None = None
    notice: str | None = None
    certainty: Certainty = "high"


@dataclass(frozen=True, slots=True)
class Column:
    """The quotes about one of the things compared; a plain answer is one column without a label."""

    label: str | None
    groups: tuple[tuple[Quote, ...], ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes of the column, in order."""
        return tuple(quote for group in self.groups for quote in group)


def is_list(answer: Answer) -> bool:
    """Whether all matches were asked for and found; the quotes of other answers are ranked, the best first."""
    return answer.status == "answered" and answer.query.is_list


def columns(answer: Answer) -> tuple[Column, ...]:
    """The answer's quotes in columns, each once; a thing compared that nothing was found for has an empty column."""
    if answer.status != "answered":
        return (_column(None, answer.quotes, together=False),)
    labels = [comparand.label for comparand in answer.query.comparands]
    labels += [quote.side for quote in answer.quotes if quote.side]
    compared = [
        _column(label, (quote for quote in answer.quotes if quote.side == label), is_list(answer))
        for label in dict.fromkeys(labels)
    ]
    others = _column(None, (quote for quote in answer.quotes if not quote.side), is_list(answer))
    return (*compared, *((others,) if others.groups or not compared else ()))


def _column(label: str | None, quotes: Iterable[Quote], together: bool) -> Column:
    groups: dict[object, list[Quote]] = {}
    for number, quote in enumerate(quotes):
        groups.setdefault(quote.bulletin if together else number, []).append(quote)
    return Column(label, tuple(tuple(group) for group in groups.values()))
