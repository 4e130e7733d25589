"""Where a quotation's words stand as they are, give or take what ``exact-normalised`` allows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rag import limits
from rag.budget import step
from rag.checking.token_index import TokenIndex
from rag.checking.tokens import QUOTATION_MARKS, SENTENCE_END, Token, cuts_word, strip_closing_punctuation, tokens
from rag.models import Span

PreferredTexts = Callable[[], Collection[int]]


@dataclass(frozen=True, slots=True)
class Match(Span):
    """A stretch of the text with that number; ``verbatim`` says that it is the quotation character for character,
    ``same_ending`` that its closing punctuation is the same too."""

    text: int
    verbatim: bool
    same_ending: bool


def find_matches(
    index: TokenIndex, quote: str, preferred: PreferredTexts = frozenset, only: Collection[int] | None = None
) -> list[Match]:
    """Returns the places where the quotation, which holds a word, stands, in the order of the texts.

    ``only`` are the texts to look in, None for all.  Where there are thousands of places, those in the ``preferred``
    texts come first and the others are left out.
    """
    quote = quote.strip()
    wanted = tokens(quote)
    bare = strip_closing_punctuation(wanted)
    matches = _find(index, quote, wanted, preferred, only, same_ending=True)
    if len(bare) < len(wanted):
        known = {(match.text, match.start) for match in matches}
        others = _find(index, quote, bare, preferred, only, same_ending=False)
        matches += [match for match in others if (match.text, match.start) not in known]
    return sorted(matches, key=lambda match: (match.text, match.start))


def find_elided(index: TokenIndex, parts: Sequence[str], preferred: PreferredTexts) -> list[tuple[Match, ...]]:
    """Returns the texts in which all parts of an elided quotation stand one after another, in the order of the texts:
    for each the places that are closest together."""
    by_text: dict[int, dict[int, list[Match]]] = {}
    texts: Collection[int] | None = None
    for number in sorted(range(len(parts)), key=lambda number: -len(parts[number])):
        step()
        by_text[number] = {}
        for match in find_matches(index, parts[number], preferred, texts):
            by_text[number].setdefault(match.text, []).append(match)
        texts = by_text[number].keys()
    sequences = (
        _closest_in_order([by_text[number][text] for number in range(len(parts))]) for text in sorted(texts or ())
    )
    return [sequence for sequence in sequences if sequence]


def _find(
    index: TokenIndex,
    quote: str,
    wanted: Sequence[Token],
    preferred: PreferredTexts,
    only: Collection[int] | None,
    *,
    same_ending: bool,
) -> list[Match]:
    texts, firsts = index.find([token.form for token in wanted])
    if only is not None:
        here = np.isin(texts, list(only))
        texts, firsts = texts[here], firsts[here]
    if len(texts) > limits.MAX_MATCHES:
        kept = np.argsort(~np.isin(texts, list(preferred())), kind="stable")[: limits.MAX_MATCHES]
        texts, firsts = texts[kept], firsts[kept]
    matches = []
    for number, first in zip(texts.tolist(), firsts.tolist(), strict=True):
        step()
        text, span = index.text(number), index.token_span(number, first, first + len(wanted) - 1)
        if not cuts_word(text, span):
            start = _skip_quotation_marks(text, span.start, quote[: wanted[0].start], -1)
            end = _skip_quotation_marks(text, span.end, quote[wanted[-1].end :], 1)
            # Where the closing punctuation is another, the source's own is part of the true words.
            end += not same_ending and text[end : end + 1] in SENTENCE_END
            matches.append(Match(start, end, number, text[start:end] == quote, same_ending))
    return matches


def _skip_quotation_marks(text: str, offset: int, outside: str, step: int) -> int:
    """The offset moved over as many quotation marks as the quotation has there itself."""
    for _ in range(sum(character in QUOTATION_MARKS for character in outside)):
        here = offset if step > 0 else offset - 1
        if not (0 <= here < len(text) and text[here] in QUOTATION_MARKS):
            break
        offset += step
    return offset


def _closest_in_order(matches_of_parts: Sequence[Sequence[Match]]) -> tuple[Match, ...]:
    """A match of each part, in order, over the shortest stretch there is; () where there is none.

    The matches of each part are ordered by where they start.
    """
    best: tuple[Match, ...] = ()
    for first in matches_of_parts[0]:
        step()
        sequence = [first]
        for matches in matches_of_parts[1:]:
            following = bisect_left(matches, sequence[-1].end, key=lambda match: match.start)
            if following == len(matches):
                break
            sequence.append(matches[following])
        complete = len(sequence) == len(matches_of_parts)
        if complete and (not best or sequence[-1].end - sequence[0].start < best[-1].end - best[0].start):
            best = tuple(sequence)
    return best
