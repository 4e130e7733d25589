"""Hit -> Quote: whole sentences sliced from the stored text, and the proof that they are."""

from __future__ import annotations

import hashlib

from rag.errors import QuoteMismatch
from rag.records import Hit, Quote, Span, StoredBulletin

LONGEST = 700  # characters; a single sentence may be longer
_TELLING = 0.9  # of the best sentence's similarity: a sentence this near to it answers too
_MOST_HIGHLIGHTS = 3


def cut(hit: Hit, bulletin: StoredBulletin, text: str, also_in: tuple[str, ...] = ()) -> Quote:
    """The paragraph that holds the hit's best sentence, and its neighbours while all fit in ``LONGEST`` characters.

    ``also_in`` are other bulletins that carry the same text.

    Raises:
        QuoteMismatch: the passage does not lie inside the text, or the text is not the bulletin's.
    """
    passage = hit.passage
    span = _window(hit)
    quote = Quote(
        start=span.start,
        end=span.end,
        text=span.of(text),
        bulletin=bulletin.name,
        title=bulletin.title,
        date=bulletin.date,
        source=bulletin.source,
        url=bulletin.url,
        districts=passage.districts,
        mentions=passage.mentions,
        heading=passage.heading,
        score=hit.score,
        highlights=_highlights(hit, span),
        sha256=bulletin.sha256,
        also_in=also_in,
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


def _window(hit: Hit) -> Span:
    passage = hit.passage
    best = passage.sentences[_best(hit)]
    at = next(n for n, p in enumerate(passage.paragraphs) if p.start <= best.start < p.end)
    paragraph = passage.paragraphs[at]
    if paragraph.end - paragraph.start > LONGEST:
        inside = [s for s in passage.sentences if paragraph.start <= s.start < paragraph.end]
        return _grown(inside, inside.index(best))
    return _grown(passage.paragraphs, at)


def _grown(spans: tuple[Span, ...] | list[Span], at: int) -> Span:
    """The span at ``at`` and what stands around it, the following before the preceding, while all fit."""
    first = last = at
    grew = True
    while grew:
        grew = False
        for a, b in ((first, last + 1), (first - 1, last)):
            if a >= 0 and b < len(spans) and spans[b].end - spans[a].start <= LONGEST:
                first, last, grew = a, b, True
                break
    return Span(spans[first].start, spans[last].end)


def _best(hit: Hit) -> int:
    return max(range(len(hit.sentence_scores)), key=hit.sentence_scores.__getitem__)


def _highlights(hit: Hit, span: Span) -> tuple[Span, ...]:
    """The sentences inside the span that answer: the best one, and those about as near to the question."""
    scores = hit.sentence_scores
    least = max(scores) * _TELLING
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:_MOST_HIGHLIGHTS]
    inside = [n for n in order if scores[n] >= least and span.start <= hit.passage.sentences[n].start < span.end]
    return tuple(hit.passage.sentences[n] for n in sorted(inside))
