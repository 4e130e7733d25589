"""A quotation that stands nowhere as it is -> the stored stretches that its words come from.

Words alone are compared, punctuation and case aside.  Runs of the same words are found in the texts that share the most
telling ones, and chained in order (a sparse alignment of sequences: runs are worth their words' weights, gaps cost).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rag.budget import step
from rag.checking.config import ALIGNMENT
from rag.checking.token_index import NO_TOKEN, Positions, TokenIds, TokenIndex, Weights, pairs_of


@dataclass(frozen=True, slots=True)
class Run:
    """``length`` words that a quotation, from its word ``start``, shares with text number ``text``, from its word
    ``text_start``."""

    start: int
    text_start: int
    length: int
    text: int

    @property
    def end(self) -> int:
        """The word of the quotation behind the run."""
        return self.start + self.length

    @property
    def text_end(self) -> int:
        """The word of the text behind the run."""
        return self.text_start + self.length


@dataclass(frozen=True, slots=True)
class Chain:
    """Runs of one text, in order; ``score`` is their words' weight less what the gaps cost."""

    runs: tuple[Run, ...]
    score: float


def best_chains(index: TokenIndex, words: Sequence[int], first: int = 0, last: int | None = None) -> list[Chain]:
    """Aligns a quotation's words [first:last], given by their ids, with the texts that share the most telling ones.

    Returns the best chain of each text, the best first.
    """
    last = len(words) if last is None else last
    ids = np.array(words, dtype=np.int32)
    texts = candidate_texts(index, words[first:last])
    chains = [_best_chain(index, ids, first, last, text) for text in texts]
    return sorted((chain for chain in chains if chain), key=lambda chain: -chain.score)


def candidate_texts(index: TokenIndex, words: Sequence[int]) -> list[int]:
    """Returns the numbers of the texts with a window that holds the most telling of the words.

    Windows overlap by half; each half collects the weights of the words and of the pairs of words in it.
    """
    half = max(2 * len(words), 32)
    halves = np.zeros(len(index.words) // half + 2)
    for word in _rarest_words(index, words):
        halves[_distinct(index.positions(word) // half)] += index.weight(word)
    for pair in {(a, b) for a, b in pairwise(words) if a >= 0 and b >= 0}:
        step()
        at = index.pair_positions(*pair)[: ALIGNMENT.max_positions]
        halves[_distinct(at // half)] += index.weight(min(pair, key=index.count))
    windows = halves[:-1] + halves[1:]
    count = min(4 * ALIGNMENT.max_texts, len(windows))
    best = np.argpartition(-windows, count - 1)[:count]
    texts: dict[int, None] = {}
    for window in best[np.argsort(-windows[best], kind="stable")].tolist():
        if windows[window] <= 0 or len(texts) >= ALIGNMENT.max_texts:
            break
        ends = np.array([window * half, min((window + 2) * half, len(index.words)) - 1])
        first, last = index.text_at(ends).tolist()
        texts.update(dict.fromkeys(range(first, last + 1)))
    return list(texts)[: ALIGNMENT.max_texts]


def _rarest_words(index: TokenIndex, words: Sequence[int]) -> list[int]:
    """The words that tell texts apart: the rarer first, up to so many positions in all."""
    by_count = sorted({word for word in words if word >= 0}, key=index.count)
    totals = np.cumsum([index.count(word) for word in by_count])
    return by_count[: max(int(np.searchsorted(totals, ALIGNMENT.max_positions)), 1)]


def _distinct(ordered: Positions) -> Positions:
    """Numbers in order, each once."""
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _best_chain(index: TokenIndex, words: TokenIds, first: int, last: int, text: int) -> Chain | None:
    """The best chain of the runs that the words share with a text, by dynamic programming over their ends."""
    runs = _common_runs(index.text_words(text)[: ALIGNMENT.max_text_words], words, index.weights[words], first, last)
    if not len(runs):
        return None
    step()
    starts, text_starts, lengths = runs.T
    ends, text_ends = starts + lengths, text_starts + lengths
    totals = np.concatenate(([0.0], np.cumsum(index.weights[words])))
    # Of each two runs, the earlier one by row: what of the later one would overlap, be added, and be lost by the gap.
    overlaps = np.maximum(np.maximum(ends[:, None] - starts, text_ends[:, None] - text_starts), 0)
    chainable = overlaps < lengths
    overlaps = np.where(chainable, overlaps, 0)
    added = totals[ends] - totals[starts + overlaps]
    text_gaps = text_starts + overlaps - text_ends[:, None]
    gaps = np.minimum(ALIGNMENT.gap_cost * text_gaps, ALIGNMENT.max_gap_cost)
    gaps += ALIGNMENT.skipped_word_cost * (starts + overlaps - ends[:, None])
    scores = totals[ends] - totals[starts]
    cuts, previous = np.zeros_like(starts), np.full_like(starts, -1)
    for n in range(1, len(runs)):
        # The runs are in order; those before it may have been cut by what they follow.
        follows = chainable[:n, n] & (starts[:n] + cuts[:n] < starts[n]) & (text_starts[:n] + cuts[:n] < text_starts[n])
        chained = np.where(follows, scores[:n] + added[:n, n] - gaps[:n, n], -np.inf)
        best = int(np.argmax(chained))
        if chained[best] > scores[n]:
            scores[n], previous[n], cuts[n] = chained[best], best, overlaps[best, n]
    at = int(np.argmax(scores))
    score, chain = float(scores[at]), []
    while at >= 0:
        start, text_start, length, cut = (int(of[at]) for of in (starts, text_starts, lengths, cuts))
        chain.append(Run(start + cut, text_start + cut, length - cut, text))
        at = int(previous[at])
    return Chain(tuple(reversed(chain)), score)


def _common_runs(text_words: TokenIds, words: TokenIds, weights: Weights, first: int, last: int) -> Positions:
    """The longest runs that the words share with the text, of two words or one telling one, in order: the first word of
    each, that in the text, and their number, ``(n, 3)``."""
    wanted = words[first:last]
    # Of all places where the two share a word, those of a run: most of the others are of words that say little.
    telling = np.where(weights[first:last] >= ALIGNMENT.min_word_weight, wanted, NO_TOKEN)
    lone, pairs = _shared(telling, text_words), _shared(pairs_of(wanted), pairs_of(text_words))
    at, text_at = np.concatenate([lone, pairs, pairs + 1], axis=1)
    # The places of one run follow one another on a diagonal.
    length = len(wanted) + 1
    places = np.unique((text_at - at + len(wanted)) * length + at)
    opens = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    starts, lengths = places[opens] % length, np.diff(np.append(opens, len(places)))
    text_starts = places[opens] // length - len(wanted) + starts
    runs = np.stack([starts + first, text_starts, lengths], axis=1)
    if len(runs) > ALIGNMENT.max_runs:
        totals = np.concatenate(([0.0], np.cumsum(weights)))
        heaviest = np.round(totals[runs[:, 0]] - totals[runs[:, 0] + lengths], 9)
        runs = runs[np.lexsort((text_starts + lengths, starts + lengths, heaviest))[: ALIGNMENT.max_runs]]
    return runs[np.lexsort((runs[:, 1], runs[:, 0]))]


def _shared(wanted: TokenIds | Positions, held: TokenIds | Positions) -> Positions:
    """The places of equal numbers in the two, ``(2, n)``; ``NO_TOKEN`` equals none."""
    order = np.argsort(held, kind="stable")
    at = np.flatnonzero(wanted != NO_TOKEN)
    begins, ends = (np.searchsorted(held[order], wanted[at], side=side) for side in ("left", "right"))
    counts = ends - begins
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([np.repeat(at, counts), order[np.repeat(begins, counts) + within]])
