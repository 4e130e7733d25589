"""A quotation that stands nowhere as it is -> the stored stretches that its words come from.

Words alone are compared, punctuation and case aside.  Runs of the same words are found in the texts that share the most
telling ones, and chained in order (a sparse alignment of sequences: runs are worth their words' weights, gaps cost).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rag.checking.config import ALIGNMENT
from rag.checking.token_index import Positions, TokenIds, TokenIndex


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
    weights = [index.weight(word) for word in words]
    texts = candidate_texts(index, words[first:last])
    chains = [_best_chain(index, words, weights, first, last, text) for text in texts]
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
        rarer = min(pair, key=lambda word: index.positions(word).size)
        at = index.positions(rarer)[: ALIGNMENT.max_positions] - pair.index(rarer)
        at = at[(at >= 0) & (at + 1 < len(index.words))]
        at = at[(index.words[at] == pair[0]) & (index.words[at + 1] == pair[1])]
        halves[_distinct(at // half)] += index.weight(rarer)
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
    by_count = sorted({word for word in words if word >= 0}, key=lambda word: index.positions(word).size)
    totals = np.cumsum([index.positions(word).size for word in by_count])
    return by_count[: max(int(np.searchsorted(totals, ALIGNMENT.max_positions)), 1)]


def _distinct(ordered: Positions) -> Positions:
    """Numbers in order, each once."""
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _best_chain(
    index: TokenIndex, words: Sequence[int], weights: Sequence[float], first: int, last: int, text: int
) -> Chain | None:
    """The best chain of the runs that the words share with a text, by dynamic programming over their ends."""
    runs = _common_runs(index.text_words(text)[: ALIGNMENT.max_text_words], words, weights, first, last, text)
    if not runs:
        return None
    totals = np.concatenate(([0.0], np.cumsum(weights)))
    scores: list[float] = []
    previous: list[int] = []
    kept: list[Run] = []
    for run in runs:
        best, before, best_run = float(totals[run.end] - totals[run.start]), -1, run
        for number, (earlier, score) in enumerate(zip(kept, scores, strict=True)):
            overlap = max(earlier.end - run.start, earlier.text_end - run.text_start, 0)
            if overlap >= run.length or earlier.start >= run.start or earlier.text_start >= run.text_start:
                continue
            trimmed = Run(run.start + overlap, run.text_start + overlap, run.length - overlap, text)
            chained = score + float(totals[run.end] - totals[trimmed.start]) - _gap_cost(earlier, trimmed)
            if chained > best:
                best, before, best_run = chained, number, trimmed
        scores.append(best)
        previous.append(before)
        kept.append(best_run)
    at = int(np.argmax(scores))
    score, chain = scores[at], []
    while at >= 0:
        chain.append(kept[at])
        at = previous[at]
    return Chain(tuple(reversed(chain)), score)


def _gap_cost(earlier: Run, later: Run) -> float:
    gap = min(ALIGNMENT.gap_cost * (later.text_start - earlier.text_end), ALIGNMENT.max_gap_cost)
    return gap + ALIGNMENT.skipped_word_cost * (later.start - earlier.end)


def _common_runs(
    text_words: TokenIds, words: Sequence[int], weights: Sequence[float], first: int, last: int, text: int
) -> list[Run]:
    """The longest runs that the words share with the text, of two words or one telling one, in order."""
    runs: list[Run] = []
    row = np.zeros(len(text_words) + 1, dtype=np.int32)  # for each end in the text, the length of the run ending there
    rows = [row]
    for word in words[first:last]:
        row = np.concatenate(([0], np.where(text_words == word, row[:-1] + 1, 0))).astype(np.int32)
        rows.append(row)
    for number, row in enumerate(rows[1:], 1):
        following = rows[number + 1] if number + 1 < len(rows) else np.zeros_like(row)
        ends = np.flatnonzero((row > 0) & ~(np.append(following[1:], 0) > 0))
        for end in ends.tolist():
            length = int(row[end])
            start = first + number - length
            if length > 1 or weights[start] >= ALIGNMENT.min_word_weight:
                runs.append(Run(start, end - length, length, text))
    runs.sort(key=lambda run: -sum(weights[run.start : run.end]))
    return sorted(runs[: ALIGNMENT.max_runs], key=lambda run: (run.start, run.text_start))
