"""Two texts side by side, paragraph by paragraph, with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from rag.models import Span, StoredBulletin
from rag.web.chat.answer_cards import Pieces, stretches

NEAR = 50.0  # of 100: two paragraphs less alike than that are not held against each other
_AHEAD = 40  # lines that are looked through for a line's counterpart
# Words, and each Chinese character or other sign by itself.
_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph of the old text and its counterpart; None where there is none.  Words are marked "gone" or "new"."""

    old: Pieces | None
    new: Pieces | None

    @property
    def same(self) -> bool:
        """Whether both have the same words; the space between them may differ."""
        if self.old is None or self.new is None:
            return False
        return not any(mark for _, mark in (*self.old, *self.new))


def whole(old: str, new: str) -> tuple[Pair, ...]:
    """All lines of both texts, in order."""
    olds, news = lines(old), lines(new)
    pairs: list[Pair] = []
    ops = Levenshtein.opcodes([span.of(old) for span in olds], [span.of(new) for span in news])
    for differ, run in groupby(ops, key=lambda op: op.tag != "equal"):
        part = list(run)
        left = olds[part[0].src_start : part[-1].src_end]
        right = news[part[0].dest_start : part[-1].dest_end]
        if differ:
            pairs += _aligned(old, new, left, right)
        else:
            pairs += [Pair(*apart(old, was, new, now)) for was, now in zip(left, right, strict=True)]
    return tuple(pairs)


def around(old: str, was: StoredBulletin, quoted: Span, new: str, now: StoredBulletin) -> tuple[Pair, ...]:
    """The paragraphs that hold a quote, each beside the nearest one of another text; what isn't in a paragraph (a
    heading, a footer) is compared by lines."""
    olds, news = _paragraphs(was), _paragraphs(now)
    holding = [span for span in olds if span.start < quoted.end and quoted.start < span.end]
    if not holding or holding[0].start > quoted.start or holding[-1].end < quoted.end:
        olds, news = lines(old), lines(new)
        holding = [span for span in olds if span.start < quoted.end and quoted.start < span.end]
    words = [span.of(new) for span in news]
    pairs = []
    for span in holding:
        near = process.extractOne(span.of(old), words, scorer=fuzz.ratio, score_cutoff=NEAR)
        if near is None:
            pairs.append(Pair(((span.of(old), ""),), None))
        else:
            pairs.append(Pair(*apart(old, span, new, news[near[2]])))
    return tuple(pairs)


def apart(old: str, was: Span, new: str, now: Span) -> tuple[Pieces, Pieces]:
    """Both stretches in pieces: the old one's words that are "gone", and the "new" one's."""
    olds, news = _words(old, was), _words(new, now)
    gone: list[tuple[Span, str]] = []
    come: list[tuple[Span, str]] = []
    ops = Levenshtein.opcodes([span.of(old) for span in olds], [span.of(new) for span in news])
    for differs, run in groupby(ops, key=lambda op: op.tag != "equal"):
        if not differs:
            continue
        part = list(run)
        if left := olds[part[0].src_start : part[-1].src_end]:
            gone.append((Span(left[0].start, left[-1].end), "gone"))
        if right := news[part[0].dest_start : part[-1].dest_end]:
            come.append((Span(right[0].start, right[-1].end), "new"))
    return _pieces(old, was, gone), _pieces(new, now, come)


def lines(text: str) -> list[Span]:
    """The lines that hold more than white space, without their ends."""
    return [Span(found.start(), found.end()) for found in re.finditer(r"\S[^\r\n]*(?<=\S)", text)]


def _aligned(old: str, new: str, olds: Sequence[Span], news: Sequence[Span]) -> Iterator[Pair]:
    """Lines that differ, each beside its counterpart, in the order of both texts."""
    at = 0
    for span in olds:
        near = process.extractOne(
            span.of(old), [other.of(new) for other in news[at : at + _AHEAD]], scorer=fuzz.ratio, score_cutoff=NEAR
        )
        if near is None:
            yield Pair(((span.of(old), "gone"),), None)
            continue
        for other in news[at : at + near[2]]:
            yield Pair(None, ((other.of(new), "new"),))
        yield Pair(*apart(old, span, new, news[at + near[2]]))
        at += near[2] + 1
    for other in news[at:]:
        yield Pair(None, ((other.of(new), "new"),))


def _paragraphs(bulletin: StoredBulletin) -> list[Span]:
    return [paragraph for section in bulletin.sections for paragraph in section.paragraphs]


def _words(text: str, of: Span) -> list[Span]:
    return [Span(found.start(), found.end()) for found in _WORD.finditer(text, of.start, of.end)]


def _pieces(text: str, of: Span, marked: Sequence[tuple[Span, str]]) -> Pieces:
    return tuple((span.of(text), mark) for span, mark in stretches(of.start, of.end, marked))
