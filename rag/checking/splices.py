"""Which stored stretches a quotation was put together from, where it stands nowhere as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.checking.align import Chain, Run, best_chains
from rag.checking.token_index import Corpus
from rag.models import Span

FEWEST = 3  # words of a piece that counts as one
_TELLING = 1.2  # their weight
_ELSEWHERE = 1.5  # weight of a run that is looked for outside the best text
_SLIP = 2  # words left out at the edge of a sentence: dropped words, and no seam
_BETTER = 0.3  # by which another text must explain a piece better than the one found first
_TWO = 2.0  # by which two texts must explain a quotation better than one
_DEEPEST = 4  # pieces looked for one within the gaps of another


@dataclass(frozen=True, slots=True)
class Piece:
    """Words [at:end] of a quotation, as runs of one text whose gaps lie inside sentences; ``weight`` is that of the
    words matched, ``matched`` their number."""

    runs: tuple[Run, ...]
    weight: float

    @property
    def at(self) -> int:
        return self.runs[0].at

    @property
    def end(self) -> int:
        return self.runs[-1].end

    @property
    def text(self) -> int:
        return self.runs[0].text

    @property
    def matched(self) -> int:
        return sum(run.length for run in self.runs)

    @property
    def solid(self) -> bool:
        return self.matched >= FEWEST and self.weight >= _TELLING

    def span(self, corpus: Corpus) -> Span:
        """Its stretch of the stored text, from the first word's first character to the last one's last."""
        first, last = (corpus.word_span(self.text, n) for n in (self.runs[0].place, self.runs[-1].place_end - 1))
        return Span(first.start, last.end)


@dataclass(frozen=True, slots=True)
class Words:
    """A quotation's words: their ``numbers`` in the corpus; ``elided`` are those that an ellipsis stands before,
    ``stopped`` those that a sentence's end stands before."""

    numbers: tuple[int, ...]
    elided: frozenset[int] = frozenset()
    stopped: frozenset[int] = frozenset()


def pieces(corpus: Corpus, words: Words) -> tuple[Piece, ...]:
    """The pieces in the order of the quotation, parted where the source has a seam: another text, an earlier place, or
    another sentence with more than a slip of words left out.  An ellipsis is a seam only where the text or the order
    changes."""
    runs = sorted(_explained(corpus, words.numbers, 0, len(words.numbers), _DEEPEST), key=lambda run: run.at)
    found = _parted(corpus, words, runs)
    if len(found) > 1:
        found = _parted(corpus, words, _each_by_itself(corpus, words, found))
    return tuple(Piece(tuple(group), _weight(corpus, words.numbers, group)) for group in found)


def _parted(corpus: Corpus, words: Words, runs: Sequence[Run]) -> list[list[Run]]:
    """The runs, in order, parted at seams."""
    found: list[list[Run]] = []
    for run in runs:
        if found and not _seam(corpus, words, found[-1][-1], run):
            found[-1].append(run)
        else:
            found.append([run])
    return found


def _each_by_itself(corpus: Corpus, words: Words, found: Sequence[Sequence[Run]]) -> list[Run]:
    """The runs, each piece's taken from the text that has most of it: it was found in one that has some of all."""
    better: list[Run] = []
    for n, group in enumerate(found):
        first = better[-1].end if better else 0
        last = found[n + 1][0].at if n + 1 < len(found) else len(words.numbers)
        chains = best_chains(corpus, words.numbers, first, last)
        own = _weight(corpus, words.numbers, group)
        better += chains[0].runs if chains and chains[0].score > own + _BETTER else group
    return better


def weight(corpus: Corpus, numbers: Sequence[int]) -> float:
    """How much these words weigh together."""
    return sum(corpus.weight(number) for number in numbers)


def same_sentence(corpus: Corpus, one: Piece, other: Piece) -> bool:
    """Whether two pieces lie in one sentence of one text."""
    if one.text != other.text:
        return False
    spans = one.span(corpus), other.span(corpus)
    ends = [corpus.sentence_at(one.text, place) for span in spans for place in (span.start, span.end - 1)]
    return len(set(ends)) == 1


def _weight(corpus: Corpus, numbers: Sequence[int], runs: Collection[Run]) -> float:
    return sum(weight(corpus, numbers[run.at : run.end]) for run in runs)


def _explained(corpus: Corpus, numbers: Sequence[int], first: int, last: int, depth: int) -> list[Run]:
    """The runs of the best text, and of others for what lies before and after them."""
    if last - first < 1 or depth == 0:
        return []
    chains = best_chains(corpus, numbers, first, last)
    if not chains:
        return []
    best = chains[0]
    if depth < _DEEPEST and not _stands_alone(corpus, numbers, best.runs):
        return []
    if two := _in_two(corpus, numbers, first, last, best):
        return two
    before = _explained(corpus, numbers, first, best.runs[0].at, depth - 1)
    after = _explained(corpus, numbers, best.runs[-1].end, last, depth - 1)
    return [*before, *best.runs, *after]


def _in_two(corpus: Corpus, numbers: Sequence[int], first: int, last: int, best: Chain) -> list[Run]:
    """The runs of two texts that explain the words by far better than one that has something of all; [] where none
    do."""
    missed = weight(corpus, numbers[first:last]) - _weight(corpus, numbers, best.runs)
    if missed < _TWO:
        return []
    found: list[Run] = []
    most = best.score + _TWO
    pairs = [*pairwise(best.runs)]
    ends = [one.end for one, _ in pairs if one.length >= FEWEST] + [two.at for _, two in pairs if two.length >= FEWEST]
    for split in sorted({*ends}):
        left, right = best_chains(corpus, numbers, first, split), best_chains(corpus, numbers, split, last)
        if left and right and left[0].score + right[0].score > most:
            most, found = left[0].score + right[0].score, [*left[0].runs, *right[0].runs]
    return found


def _stands_alone(corpus: Corpus, numbers: Sequence[int], runs: Sequence[Run]) -> bool:
    """Whether one of the runs says enough for a source of its own."""
    least = {run: _ELSEWHERE if run.length == FEWEST else _TELLING for run in runs if run.length >= FEWEST}
    return any(_weight(corpus, numbers, [run]) >= own for run, own in least.items())


def _seam(corpus: Corpus, words: Words, one: Run, other: Run) -> bool:
    if one.text != other.text or other.place < one.place_end:
        return True
    if other.at in words.elided and one.end == other.at:
        return False
    skipped = other.place - one.place_end
    if skipped <= _SLIP:
        return False
    left = corpus.sentence_of_word(one.text, one.place_end - 1)
    right = corpus.sentence_of_word(one.text, other.place)
    if left == right:
        return False
    # The end of one sentence left out, and the next begun after a full stop: a gap inside the first.
    begins = other.place == 0 or corpus.sentence_of_word(one.text, other.place - 1) < right
    return not (right == left + 1 and begins and other.at in words.stopped)
