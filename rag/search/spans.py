"""Which of a passage's sentences to quote: the fewest that answer and can stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Passage

# A sentence that opens so says nothing without the one before it.
_LEANS = re.compile(
    r"[\"'\u201c\u2018(]*(?:He|She|It|They|His|Her|Its|Their|Th(?:is|ese|ose|at)|Both|Each of|One of them|Some of them"
    r"|Another|Others?|Such|The (?:latter|former|same|two|three|others?)|Among them|Of these|In addition|Moreover"
    r"|However|Therefore|Afterwards|Then|Later|Here|There(?! (?:is|are|was|were)\b))\b|[他她它]们?|其中|该|此"
)
_WORTH = 0.75  # of the best sentence's score: a neighbour that reaches it is quoted along
_TELLING = 0.93  # of the best sentence's score: a sentence this near to it answers too
_MOST_TELLING = 3


def window(
    passage: Passage, scores: Sequence[float], text: str, longest: int, taken: Sequence[int] = (), least: int = 0
) -> tuple[int, int] | None:
    """First and last sentence of the stretch to quote around the best one that isn't ``taken``; None where all are.

    It grows by the better neighbour while the stretch stays within ``longest`` characters and that neighbour is worth
    it, or the stretch would not stand alone without it; up to ``least`` characters it grows all the same.
    """
    free = [n for n in range(len(scores)) if n not in taken]
    if not free:
        return None
    best = max(free, key=scores.__getitem__)
    first = last = best
    spans = passage.sentences

    def fits(a: int, b: int) -> bool:
        return a >= 0 and b < len(spans) and spans[b].end - spans[a].start <= longest

    def short(a: int, b: int) -> bool:
        return spans[b].end - spans[a].start <= least

    while first > 0 and first - 1 not in taken and leans(spans[first].of(text)) and fits(first - 1, last):
        first -= 1
    while True:
        near = [
            (scores[n], n)
            for n, a, b in ((last + 1, first, last + 1), (first - 1, first - 1, last))
            if n not in taken and fits(a, b) and (scores[n] >= _WORTH * scores[best] or short(a, b))
        ]
        if not near:
            return first, last
        _, n = max(near)
        first, last = min(first, n), max(last, n)


def leans(sentence: str) -> bool:
    """The sentence opens with a word that points to the one before it."""
    return _LEANS.match(sentence) is not None


def telling(scores: Sequence[float], first: int, last: int) -> tuple[int, ...]:
    """Of the sentences quoted, the best one and those about as near to the question, in order."""
    inside = sorted(range(first, last + 1), key=scores.__getitem__, reverse=True)
    best = scores[inside[0]]
    least = best - (1 - _TELLING) * abs(best)
    return tuple(sorted(n for n in inside[:_MOST_TELLING] if scores[n] >= least))
