"""The one place where a quote is made: whole sentences of a hit, sliced from the stored text and verified."""

from __future__ import annotations

from rag.models import Hit, Quote, Span, StoredBulletin, StoredText


def cut(
    hit: Hit,
    bulletin: StoredBulletin,
    text: StoredText,
    *,
    also_in: tuple[str, ...] = (),
    side: str | None = None,
    note: str | None = None,
) -> Quote:
    """Cuts the hit's sentences from the bulletin's text; see ``Quote`` for ``also_in``, ``side`` and ``note``.

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
        sha256=bulletin.sha256,
        title=bulletin.title,
        date=bulletin.date,
        source=bulletin.source,
        url=bulletin.url,
        districts=passage.districts,
        heading=passage.heading,
        mentions=passage.mentions,
        score=hit.score,
        highlights=tuple(passage.sentences[n] for n in hit.telling),
        side=side,
        also_in=also_in,
        around=Span(around[0].start, around[-1].end) if around else Span(start, end),
        note=note,
    )
    quote.verify(text)
    return quote
