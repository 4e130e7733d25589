"""The stored fragments that a quotation was put together from, where it stands nowhere as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.budget import step
from rag.checking.align import Chain, Run, best_chains
from rag.checking.config import SPLICES
from rag.checking.quotation_words import QuotationWords
from rag.checking.token_index import TokenIndex
from rag.models import Span


@dataclass(frozen=True, slots=True)
class Fragment:
    """Words of a quotation, as runs of one text whose gaps lie inside sentences; ``weight`` is that of the words
    matched."""

    runs: tuple[Run, ...]
    weight: float

    @property
    def start(self) -> int:
        """The quotation's word that the fragment begins with."""
        return self.runs[0].start

    @property
    def end(self) -> int:
        """The quotation's word behind the fragment."""
        return self.runs[-1].end

    @property
    def text(self) -> int:
        """The number of the text that it comes from."""
        return self.runs[0].text

    @property
    def matched(self) -> int:
        """The number of words that are the text's."""
        return sum(run.length for run in self.runs)

    @property
    def is_solid(self) -> bool:
        """Whether it says enough to count as a fragment of a splice."""
        return self.matched >= SPLICES.min_words and self.weight >= SPLICES.min_weight

    def span(self, index: TokenIndex) -> Span:
        """Returns its stretch of the stored text, from the beginning of its first word to the end of its last."""
        first, last = (index.word_span(self.text, n) for n in (self.runs[0].text_start, self.runs[-1].text_end - 1))
        return Span(first.start, last.end)


def find_fragments(index: TokenIndex, words: QuotationWords) -> tuple[Fragment, ...]:
    """Returns the fragments in the order of the quotation, split where the source has a seam.

    A seam is a change to another text, to an earlier place, or to another sentence with more than a few words left out.
    At an ellipsis only a change of the text or of the order is one.
    """
    runs = sorted(_cover(index, words.ids, 0, len(words.ids), SPLICES.max_depth), key=lambda run: run.start)
    groups = _split_at_seams(index, words, runs)
    if len(groups) > 1:
        groups = _split_at_seams(index, words, _realign_each(index, words, groups))
    return tuple(Fragment(tuple(group), _weight_of_runs(index, words.ids, group)) for group in groups)


def total_weight(index: TokenIndex, ids: Sequence[int]) -> float:
    """Returns how much these words weigh together."""
    return sum(index.weight(word) for word in ids)


def in_same_sentence(index: TokenIndex, first: Fragment, second: Fragment) -> bool:
    """Whether two fragments lie in one sentence of one text."""
    if first.text != second.text:
        return False
    spans = first.span(index), second.span(index)
    sentences = {index.sentence_at(first.text, at) for span in spans for at in (span.start, span.end - 1)}
    return len(sentences) == 1


def _split_at_seams(index: TokenIndex, words: QuotationWords, runs: Sequence[Run]) -> list[list[Run]]:
    groups: list[list[Run]] = []
    for run in runs:
        if groups and not _is_seam(index, words, groups[-1][-1], run):
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _realign_each(index: TokenIndex, words: QuotationWords, groups: Sequence[Sequence[Run]]) -> list[Run]:
    """The runs, each group's taken from the text that has most of it: it was found in one that has some of all."""
    realigned: list[Run] = []
    for number, group in enumerate(groups):
        first = realigned[-1].end if realigned else 0
        last = groups[number + 1][0].start if number + 1 < len(groups) else len(words.ids)
        chains = best_chains(index, words.ids, first, last)
        weight = _weight_of_runs(index, words.ids, group)
        realigned += chains[0].runs if chains and chains[0].score > weight + SPLICES.min_gain else group
    return realigned


def _weight_of_runs(index: TokenIndex, ids: Sequence[int], runs: Collection[Run]) -> float:
    return sum(total_weight(index, ids[run.start : run.end]) for run in runs)


def _cover(index: TokenIndex, ids: Sequence[int], first: int, last: int, depth: int) -> list[Run]:
    """The runs of the best text, and of others for what lies before and after them."""
    if last - first < 1 or depth == 0:
        return []
    chains = best_chains(index, ids, first, last)
    if not chains:
        return []
    best = chains[0]
    if depth < SPLICES.max_depth and not _is_telling(index, ids, best.runs):
        return []
    if of_two := _cover_with_two_texts(index, ids, first, last, best):
        return of_two
    before = _cover(index, ids, first, best.runs[0].start, depth - 1)
    after = _cover(index, ids, best.runs[-1].end, last, depth - 1)
    return [*before, *best.runs, *after]


def _cover_with_two_texts(index: TokenIndex, ids: Sequence[int], first: int, last: int, best: Chain) -> list[Run]:
    """The runs of two texts that explain the words by far better than one that has something of all; [] where none
    do."""
    missed = total_weight(index, ids[first:last]) - _weight_of_runs(index, ids, best.runs)
    if missed < SPLICES.min_gain_of_two:
        return []
    runs: list[Run] = []
    score = best.score + SPLICES.min_gain_of_two
    pairs = [*pairwise(best.runs)]
    ends = [earlier.end for earlier, _ in pairs if earlier.length >= SPLICES.min_words]
    starts = [later.start for _, later in pairs if later.length >= SPLICES.min_words]
    for split in sorted({*ends, *starts}):
        step()
        left, right = best_chains(index, ids, first, split), best_chains(index, ids, split, last)
        if left and right and left[0].score + right[0].score > score:
            score, runs = left[0].score + right[0].score, [*left[0].runs, *right[0].runs]
    return runs


def _is_telling(index: TokenIndex, ids: Sequence[int], runs: Sequence[Run]) -> bool:
    """Whether one of the runs says enough for a source of its own."""
    return any(
        _weight_of_runs(index, ids, [run])
        >= (SPLICES.min_short_weight if run.length == SPLICES.min_words else SPLICES.min_weight)
        for run in runs
        if run.length >= SPLICES.min_words
    )


def _is_seam(index: TokenIndex, words: QuotationWords, earlier: Run, later: Run) -> bool:
    if earlier.text != later.text or later.text_start < earlier.text_end:
        return True
    if later.start in words.after_ellipsis and earlier.end == later.start:
        return False
    if later.text_start - earlier.text_end <= SPLICES.max_dropped_words:
        return False
    left = index.sentence_of_word(earlier.text, earlier.text_end - 1)
    right = index.sentence_of_word(earlier.text, later.text_start)
    if left == right:
        return False
    # The end of one sentence left out, and the next begun after a full stop: a gap inside the first.
    begins = later.text_start == 0 or index.sentence_of_word(earlier.text, later.text_start - 1) < right
    return not (right == left + 1 and begins and later.start in words.after_stop)
