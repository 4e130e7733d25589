"""Where a quotation's words stand as they are, give or take what ``exact-normalised`` allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rag import limits
from rag.checking.token_index import Corpus
from rag.checking.tokens import MARKS, SENTENCE_END, Token, cuts_a_word, tokens, without_ending
from rag.models import Span

Likely = Callable[[], Collection[int]]


@dataclass(frozen=True, slots=True)
class Match(Span):
    """A stretch of the text with that number; ``raw`` says that it is the quotation character for character, ``whole``
    that its closing punctuation is the same too."""

    text: int
    raw: bool
    whole: bool


def matches(corpus: Corpus, quote: str, likely: Likely = frozenset, only: Collection[int] | None = None) -> list[Match]:
    """The places where the quotation, which holds a word, stands, in the order of the texts, of all or ``only`` of
    some; where there are thousands, those in the texts that are ``likely`` come first and the others are left out."""
    quote = quote.strip()
    wanted = tokens(quote)
    bare = without_ending(wanted)
    found = _found(corpus, quote, wanted, likely, only, whole=True)
    if len(bare) < len(wanted):
        known = {(match.text, match.start) for match in found}
        others = _found(corpus, quote, bare, likely, only, whole=False)
        found += [match for match in others if (match.text, match.start) not in known]
    return sorted(found, key=lambda match: (match.text, match.start))


def _found(
    corpus: Corpus,
    quote: str,
    wanted: Sequence[Token],
    likely: Likely,
    only: Collection[int] | None,
    *,
    whole: bool,
) -> list[Match]:
    texts, firsts = corpus.find([token.form for token in wanted])
    if only is not None:
        here = np.isin(texts, list(only))
        texts, firsts = texts[here], firsts[here]
    if len(texts) > limits.MAX_MATCHES:
        kept = np.argsort(~np.isin(texts, list(likely())), kind="stable")[: limits.MAX_MATCHES]
        texts, firsts = texts[kept], firsts[kept]
    found = []
    for number, first in zip(texts.tolist(), firsts.tolist(), strict=True):
        text, span = corpus.text(number), corpus.span(number, first, first + len(wanted) - 1)
        if not cuts_a_word(text, span):
            start = _over_marks(text, span.start, quote[: wanted[0].start], -1)
            end = _over_marks(text, span.end, quote[wanted[-1].end :], 1)
            # Where the closing punctuation is another, the source's own is part of the true words.
            end += not whole and text[end : end + 1] in SENTENCE_END
            found.append(Match(start, end, number, text[start:end] == quote, whole))
    return found


def _over_marks(text: str, at: int, beside: str, step: int) -> int:
    """The place moved over as many quotation marks as the quotation has there itself."""
    for _ in range(sum(character in MARKS for character in beside)):
        here = at if step > 0 else at - 1
        if not (0 <= here < len(text) and text[here] in MARKS):
            break
        at += step
    return at


def in_order(corpus: Corpus, parts: Sequence[str], likely: Likely = frozenset) -> list[tuple[Match, ...]]:
    """The texts in which all parts of an elided quotation stand one after another: the places closest together in each,
    in the order of the texts."""
    found: dict[int, list[Match]] = {}
    texts: set[int] | None = None
    for n in sorted(range(len(parts)), key=lambda n: -len(parts[n])):
        found[n] = matches(corpus, parts[n], likely, texts)
        texts = {match.text for match in found[n]}
    ways = (
        _closest([[m for m in found[n] if m.text == text] for n in range(len(parts))]) for text in sorted(texts or ())
    )
    return [way for way in ways if way]


def _closest(places: Sequence[Sequence[Match]]) -> tuple[Match, ...]:
    """A place of each part, in order; the shortest stretch there is, () where there is none."""
    best: tuple[Match, ...] = ()
    for first in places[0]:
        way = [first]
        for own in places[1:]:
            following = [match for match in own if match.start >= way[-1].end]
            if not following:
                break
            way.append(min(following, key=lambda match: match.start))
        whole = len(way) == len(places)
        if whole and (not best or way[-1].end - way[0].start < best[-1].end - best[0].start):
            best = tuple(way)
    return best
