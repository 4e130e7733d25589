"""Hit -> Quote: whole sentences sliced from the stored text, and the proof that they are."""

from __future__ import annotations

import hashlib

from rag.errors import QuoteMismatch
from rag.models import Hit, Quote, Span, StoredBulletin


def cut(
    hit: Hit,
    bulletin: StoredBulletin,
    text: str,
    *,
    also_in: tuple[str, ...] = (),
    side: str | None = None,
    note: str | None = None,
) -> Quote:
    """The hit's sentences, as they stand in the text.

    ``also_in`` are other bulletins that carry the same text; see ``Quote`` for ``side`` and ``note``.

    Raises:
        QuoteMismatch: the passage does not lie inside the text, or the text is not the bulletin's.
    """
    passage = hit.passage
    start, end = passage.sentences[hit.first].start, passage.sentences[hit.last].end
    # The section's paragraphs: of a long one, a passage may hold a part only.
    around = [p for p in bulletin.sections[passage.section].paragraphs if p.start < end and start < p.end]
    quote = Quote(
        start=start,
        end=end,
        text=text[start:end],
        bulletin=bulletin.name,
        title=bulletin.title,
        date=bulletin.date,
        source=bulletin.source,
        url=bulletin.url,
        districts=passage.districts,
        mentions=passage.mentions,
        heading=passage.heading,
        score=hit.score,
        highlights=tuple(passage.sentences[n] for n in hit.telling),
        sha256=bulletin.sha256,
        side=side,
        also_in=also_in,
        around=Span(around[0].start, around[-1].end) if around else Span(start, end),
        note=note,
    )
    prove(quote, text)
    return quote


def prove(quote: Quote, text: str) -> None:
    """Compares a quote with the stored text once more, right before it is shown.

    Raises:
        QuoteMismatch: the text's digest or the words at the quote's place are not the quote's.
    """
    if hashlib.sha256(text.encode("utf-8")).hexdigest() != quote.sha256:
        raise QuoteMismatch(
            "the stored text is not the one quoted", where=quote.bulletin, remedy="Run: python -m rag verify"
        )
    in_place = 0 <= quote.start < quote.end <= len(text)
    if not in_place or text[quote.start : quote.end] != quote.text:
        raise QuoteMismatch(
            "a quote is not a slice of its bulletin", where=quote.bulletin, remedy="Run: python -m rag verify"
        )
