"""A quotation that stands nowhere as it is -> the stored stretches that its words come from.

Words alone are compared, punctuation and case aside.  Runs of the same words are found in the texts that share the most
telling ones, and chained in order (a sparse alignment of sequences: runs are worth their words' weights, gaps cost).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rag.checking.token_index import Corpus, Numbers, Places

_TEXTS = 6  # that are looked at closely for one quotation
_COMMONEST = 40_000  # places of words that texts are told apart by
_TELLING = 0.5  # weight from which a single word may begin or end a chain
_GAP = 0.08  # cost of a skipped word of the source
_JUMP = 1.6  # what a gap costs at most
_LOOSE = 0.12  # cost of a word of the quotation that is skipped inside a chain
_FAR = 20_000  # words of a text that are looked at
_MOST_RUNS = 250  # of one text


@dataclass(frozen=True, slots=True)
class Run:
    """``length`` words: from word ``at`` of the quotation, and from word ``place`` of text ``text``."""

    at: int
    place: int
    length: int
    text: int

    @property
    def end(self) -> int:
        return self.at + self.length

    @property
    def place_end(self) -> int:
        return self.place + self.length


@dataclass(frozen=True, slots=True)
class Chain:
    """Runs of one text, in order; ``score`` is their words' weights less what the gaps cost."""

    runs: tuple[Run, ...]
    score: float


def best_chains(corpus: Corpus, words: Sequence[int], first: int = 0, last: int | None = None) -> list[Chain]:
    """For words [first:last] of a quotation (their numbers; -1 for one that no text has), the best chain of each text
    that shares the most telling ones, best first."""
    last = len(words) if last is None else last
    weights = [corpus.weight(word) for word in words]
    chains = [_chain(corpus, words, weights, first, last, text) for text in _texts(corpus, words[first:last])]
    return sorted((chain for chain in chains if chain), key=lambda chain: -chain.score)


def _texts(corpus: Corpus, words: Sequence[int]) -> list[int]:
    """The numbers of the texts with a window that holds the most telling of the words."""
    half = max(2 * len(words), 32)
    found: dict[int, None] = {}
    halves = np.zeros(len(corpus.words) // half + 2)
    for word in _rarest(corpus, words):
        halves[_each_once(corpus.places(word) // half)] += corpus.weight(word)
    for pair in {(a, b) for a, b in pairwise(words) if a >= 0 and b >= 0}:
        rare = min(pair, key=lambda word: corpus.places(word).size)
        at = corpus.places(rare)[:_COMMONEST] - pair.index(rare)
        at = at[(at >= 0) & (at + 1 < len(corpus.words))]
        at = at[(corpus.words[at] == pair[0]) & (corpus.words[at + 1] == pair[1])]
        halves[_each_once(at // half)] += corpus.weight(rare)
    windows = halves[:-1] + halves[1:]
    most = min(4 * _TEXTS, len(windows))
    best = np.argpartition(-windows, most - 1)[:most]
    for window in best[np.argsort(-windows[best], kind="stable")].tolist():
        if windows[window] <= 0 or len(found) >= _TEXTS:
            break
        ends = np.array([window * half, min((window + 2) * half, len(corpus.words)) - 1])
        first, last = corpus.text_at(ends).tolist()
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)[:_TEXTS]


def _rarest(corpus: Corpus, words: Sequence[int]) -> list[int]:
    """The words that tell texts apart: the rarer first, up to so many places in all."""
    by_count = sorted({word for word in words if word >= 0}, key=lambda word: corpus.places(word).size)
    totals = np.cumsum([corpus.places(word).size for word in by_count])
    return by_count[: max(int(np.searchsorted(totals, _COMMONEST)), 1)]


def _each_once(ordered: Places) -> Places:
    """Numbers in order, each once."""
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _chain(
    corpus: Corpus, words: Sequence[int], weights: Sequence[float], first: int, last: int, text: int
) -> Chain | None:
    runs = _runs(corpus.words_of(text)[:_FAR], words, weights, first, last, text)
    if not runs:
        return None
    totals = np.concatenate(([0.0], np.cumsum(weights)))
    scores: list[float] = []
    before: list[int] = []
    taken: list[Run] = []
    for run in runs:
        own = float(totals[run.end] - totals[run.at])
        best, where, kept = own, -1, run
        for n, (earlier, score) in enumerate(zip(taken, scores, strict=True)):
            over = max(earlier.end - run.at, earlier.place_end - run.place, 0)
            if over >= run.length or earlier.at >= run.at or earlier.place >= run.place:
                continue
            trimmed = Run(run.at + over, run.place + over, run.length - over, text)
            worth = score + float(totals[run.end] - totals[trimmed.at]) - _cost(earlier, trimmed)
            if worth > best:
                best, where, kept = worth, n, trimmed
        scores.append(best)
        before.append(where)
        taken.append(kept)
    at = int(np.argmax(scores))
    score, chain = scores[at], []
    while at >= 0:
        chain.append(taken[at])
        at = before[at]
    return Chain(tuple(reversed(chain)), score)


def _cost(earlier: Run, later: Run) -> float:
    return min(_GAP * (later.place - earlier.place_end), _JUMP) + _LOOSE * (later.at - earlier.end)


def _runs(of: Numbers, words: Sequence[int], weights: Sequence[float], first: int, last: int, text: int) -> list[Run]:
    """The longest runs that the words share with the text, of two words or one telling one, in order."""
    found: list[Run] = []
    above = np.zeros(len(of) + 1, dtype=np.int32)
    lengths = [above]
    for word in words[first:last]:
        above = np.concatenate(([0], np.where(of == word, above[:-1] + 1, 0))).astype(np.int32)
        lengths.append(above)
    for n, row in enumerate(lengths[1:], 1):
        goes_on = lengths[n + 1] if n + 1 < len(lengths) else np.zeros_like(row)
        ends = np.flatnonzero((row > 0) & ~(np.append(goes_on[1:], 0) > 0))
        for end in ends.tolist():
            length = int(row[end])
            at = first + n - length
            if length > 1 or weights[at] >= _TELLING:
                found.append(Run(at, end - length, length, text))
    found.sort(key=lambda run: -sum(weights[run.at : run.end]))
    return sorted(found[:_MOST_RUNS], key=lambda run: (run.at, run.place))
