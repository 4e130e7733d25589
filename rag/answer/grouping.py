"""How an answer's quotes are laid out: a column for each thing compared, a bulletin's entries under one head."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.models import Answer, Quote

NEAR_MISSES = "Nearest passages, not an answer"


@dataclass(frozen=True, slots=True)
class Column:
    """What answers for one of the things compared; a plain answer is one column without a label."""

    label: str | None
    groups: tuple[tuple[Quote, ...], ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return tuple(quote for group in self.groups for quote in group)


def is_list(answer: Answer) -> bool:
    """Whether all that matches was asked for; else the quotes stand by how near they are, the best first."""
    understood = answer.understood
    asks_for_all = understood.every or understood.kind == "compare" or understood.sort != "relevance"
    return answer.status == "answered" and asks_for_all


def columns(answer: Answer) -> tuple[Column, ...]:
    """The answer's quotes, each once.  A thing compared that nothing was found for has an empty column."""
    if answer.status != "answered":
        return (_column(None, answer.quotes, together=False),)
    labels = [side.label for side in answer.understood.sides]
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
