"""What a question is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from rag.models import Quote, Status
from rag.query.models import Query


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes, or an honest no.  ``total`` counts all that match, also past the limit asked for; ``notice`` is the
    operator's line that stands above answers on such matters."""

    question: str
    status: Status
    message: str
    confidence: float
    query: Query
    total: int
    quotes: tuple[Quote, ...]
    generation: str | None = None
    notice: str | None = None
