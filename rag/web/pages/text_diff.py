"""Two texts side by side, paragraph by paragraph, with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from rag import limits
from rag.budget import step
from rag.models import Span, StoredBulletin
from rag.text.cjk import COMPATIBILITY, EAST_ASIAN
from rag.web.text_runs import TextRuns, text_runs

MIN_SIMILARITY = 50.0  # of 100: less similar paragraphs are not taken for counterparts
_MAX_AHEAD = 40  # lines that are searched for a line's counterpart
# A word, or one Chinese character or other sign.
_WORD = re.compile(rf"[{EAST_ASIAN}{COMPATIBILITY}]|[^\W{EAST_ASIAN}{COMPATIBILITY}]+|[^\w\s]")

_MIN_SENTENCE_CHARS = 40  # a shorter sentence goes with the next one
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*\s*|[.!?。！？]+\s*")


@dataclass(frozen=True, slots=True)
class ParagraphPair:
    """A paragraph of the old text and its counterpart, None where there is none; words are marked "gone" or "new"."""

    old: TextRuns | None
    new: TextRuns | None

    @property
    def same(self) -> bool:
        """Whether both have the same words; the white space between them may differ."""
        if self.old is None or self.new is None:
            return False
        return not any(mark for _, mark in (*self.old, *self.new))


@lru_cache(maxsize=8)
def diff_texts(old: str, new: str) -> tuple[ParagraphPair, ...]:
    """Pairs up all lines of both texts, in order; of a very long line each sentence is paired for itself.

    Raises:
        OverBudget: it would take longer than the budget that is set allows.
    """
    olds, news = _cut_long(old, lines(old)), _cut_long(new, lines(new))
    pairs: list[ParagraphPair] = []
    ops = Levenshtein.opcodes([span.of(old) for span in olds], [span.of(new) for span in news])
    for differ, run in groupby(ops, key=lambda op: op.tag != "equal"):
        part = list(run)
        left = olds[part[0].src_start : part[-1].src_end]
        right = news[part[0].dest_start : part[-1].dest_end]
        if differ:
            pairs += _align(old, new, left, right)
        else:
            for was, now in zip(left, right, strict=True):
                step()
                pairs.append(ParagraphPair(*diff_words(old, was, new, now)))
    return tuple(pairs)


def diff_quoted(
    old: str, was: StoredBulletin, quoted: Span, new: str, now: StoredBulletin
) -> tuple[ParagraphPair, ...]:
    """Pairs the paragraphs that hold a quote with the most similar ones of another text.

    What isn't in a paragraph (a heading, a footer) is compared line by line.
    """
    olds, news = _cut_long(old, _paragraphs(was)), _cut_long(new, _paragraphs(now))
    holding = [span for span in olds if span.start < quoted.end and quoted.start < span.end]
    if not holding or holding[0].start > quoted.start or holding[-1].end < quoted.end:
        olds, news = _cut_long(old, lines(old)), _cut_long(new, lines(new))
        holding = [span for span in olds if span.start < quoted.end and quoted.start < span.end]
    words = [span.of(new) for span in news]
    pairs = []
    for span in holding:
        step()
        near = process.extractOne(span.of(old), words, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
        if near is None:
            pairs.append(ParagraphPair(((span.of(old), ""),), None))
        else:
            pairs.append(ParagraphPair(*diff_words(old, span, new, news[near[2]])))
    return tuple(pairs)


def diff_words(old: str, was: Span, new: str, now: Span) -> tuple[TextRuns, TextRuns]:
    """Returns both spans in runs: the old one with the words that are "gone", the new one with those that are "new"."""
    olds, news = _words(old, was), _words(new, now)
    gone: list[tuple[Span, str]] = []
    added: list[tuple[Span, str]] = []
    ops = Levenshtein.opcodes([span.of(old) for span in olds], [span.of(new) for span in news])
    for differs, run in groupby(ops, key=lambda op: op.tag != "equal"):
        if not differs:
            continue
        part = list(run)
        if left := olds[part[0].src_start : part[-1].src_end]:
            gone.append((Span(left[0].start, left[-1].end), "gone"))
        if right := news[part[0].dest_start : part[-1].dest_end]:
            added.append((Span(right[0].start, right[-1].end), "new"))
    return text_runs(old, was, gone), text_runs(new, now, added)


def lines(text: str) -> list[Span]:
    """The lines that hold more than white space, without their line ends."""
    return [Span(match.start(), match.end()) for match in re.finditer(r"\S[^\r\n]*(?<=\S)", text)]


def _align(old: str, new: str, olds: Sequence[Span], news: Sequence[Span]) -> Iterator[ParagraphPair]:
    """Pairs lines that differ with their counterparts, in the order of both texts."""
    at = 0
    for span in olds:
        step()
        near = process.extractOne(
            span.of(old),
            [other.of(new) for other in news[at : at + _MAX_AHEAD]],
            scorer=fuzz.ratio,
            score_cutoff=MIN_SIMILARITY,
        )
        if near is None:
            yield ParagraphPair(((span.of(old), "gone"),), None)
            continue
        for other in news[at : at + near[2]]:
            yield ParagraphPair(None, ((other.of(new), "new"),))
        yield ParagraphPair(*diff_words(old, span, new, news[at + near[2]]))
        at += near[2] + 1
    for other in news[at:]:
        yield ParagraphPair(None, ((other.of(new), "new"),))


def _cut_long(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans, of which those that are longer than any paragraph are cut into sentences: comparing two takes time by
    the product of their lengths."""
    cut: list[Span] = []
    for span in spans:
        if span.end - span.start <= limits.MAX_COMPARED_CHARS:
            cut.append(span)
            continue
        start = span.start
        for sentence in _SENTENCE.finditer(text, span.start, span.end):
            step()
            if sentence.end() - start < _MIN_SENTENCE_CHARS and sentence.end() < span.end:
                continue
            starts = range(start, sentence.end(), limits.MAX_SENTENCE_CHARS)
            parts = [Span(at, min(at + limits.MAX_SENTENCE_CHARS, sentence.end())) for at in starts]
            cut += [part for part in parts if part.of(text).strip()]
            start = sentence.end()
    return cut


def _paragraphs(bulletin: StoredBulletin) -> list[Span]:
    return [paragraph for section in bulletin.sections for paragraph in section.paragraphs]


def _words(text: str, span: Span) -> list[Span]:
    return [Span(match.start(), match.end()) for match in _WORD.finditer(text, span.start, span.end)]
