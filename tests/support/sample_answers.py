"""Quotes cut by hand from a library of made-up bulletins, and answers that hold them."""

from __future__ import annotations

from rag.answer.models import Answer
from rag.library.reader import Library
from rag.models import Quote, Span, StoredBulletin
from rag.query.models import Query


def quote_of(library: Library, bulletin: StoredBulletin, words: str, *highlights: str, **other: object) -> Quote:
    """The quote of these words, with those among them highlighted."""
    text = library.text(bulletin.sha256)
    at = text.index(words)
    fields: dict[str, object] = {
        "districts": (),
        "mentions": (),
        "heading": None,
        "title": bulletin.title,
        "date": bulletin.date,
        "source": bulletin.source,
        "highlights": tuple(Span(at + words.index(part), at + words.index(part) + len(part)) for part in highlights),
    }
    return Quote(
        start=at,
        end=at + len(words),
        text=words,
        bulletin=bulletin.name,
        url=bulletin.url,
        score=0.5,
        sha256=bulletin.sha256,
        **fields | other,  # type: ignore[arg-type]
    )


def answer_of(
    *quotes: Quote,
    status: str = "answered",
    message: str = "1 passage.",
    notice: str | None = None,
    **understood: object,
) -> Answer:
    """The answer with these quotes to a question understood like this."""
    asked = Query(**understood)  # type: ignore[arg-type]
    return Answer("?", status, message, 0.9, asked, len(quotes), quotes, "1", notice)  # type: ignore[arg-type]
