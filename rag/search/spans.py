"""Which of a passage's sentences to quote: the fewest that answer and can stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.models import Passage
from rag.search.config import DEFAULT, SpanGrowth

# A sentence that opens so says nothing without the one before it.
_OPENING_REFERENCE = re.compile(
    r"[\"'\u201c\u2018(]*(?:He|She|It|They|His|Her|Its|Their|Th(?:is|ese|ose|at)|Both|Each of|One of them|Some of them"
    r"|Another|Others?|Such|The (?:latter|former|same|two|three|others?)|Among them|Of these|In addition|Moreover"
    r"|However|Therefore|Afterwards|Then|Later|Here|There(?! (?:is|are|was|were)\b))\b|[他她它]们?|其中|该|此"
)


def select_span(
    passage: Passage,
    scores: Sequence[float],
    text: str,
    max_chars: int,
    growth: SpanGrowth = DEFAULT.growth,
    min_chars: int = 0,
    taken: Collection[int] = (),
) -> tuple[int, int] | None:
    """First and last sentence of the span to quote around the best one that isn't ``taken``; None where all are.

    It starts with the sentences that the best one depends on.  Then it grows by the better neighbour while it stays
    within ``max_chars`` and that neighbour scores well enough; up to ``min_chars`` it grows all the same.
    """
    free = [n for n in range(len(scores)) if n not in taken]
    if not free:
        return None
    best = max(free, key=scores.__getitem__)
    first = last = best
    sentences = passage.sentences

    def chars(a: int, b: int) -> int:
        return sentences[b].end - sentences[a].start if a >= 0 and b < len(sentences) else max_chars + 1

    while first > 0 and first - 1 not in taken and chars(first - 1, last) <= max_chars:
        if not depends_on_previous(sentences[first].of(text)):
            break
        first -= 1
    while True:
        neighbours = [
            (scores[n], n)
            for n, size in ((last + 1, chars(first, last + 1)), (first - 1, chars(first - 1, last)))
            if n not in taken
            and size <= max_chars
            and (size <= min_chars or scores[n] >= growth.neighbour_share * scores[best])
        ]
        if not neighbours:
            return first, last
        _, n = max(neighbours)
        first, last = min(first, n), max(last, n)


def depends_on_previous(sentence: str) -> bool:
    """Whether the sentence opens with a word that points to the one before it."""
    return _OPENING_REFERENCE.match(sentence) is not None


def answering_sentences(
    scores: Sequence[float], first: int, last: int, growth: SpanGrowth = DEFAULT.growth
) -> tuple[int, ...]:
    """The sentences of a span that answer, in order: the best one and those that score about as well."""
    by_score = sorted(range(first, last + 1), key=scores.__getitem__, reverse=True)
    best = scores[by_score[0]]
    threshold = best - (1 - growth.answering_share) * abs(best)
    return tuple(sorted(n for n in by_score[: growth.max_answering] if scores[n] >= threshold))
