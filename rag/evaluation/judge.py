"""Relevance judgements: which quotes of an answer match which passages of the gold.

A quote matches a gold passage where it stands word for word in the gold's bulletin (or in another that holds the same
words) and contains the passage or covers at least half of its characters.  A quote is not a page: one over 700
characters (or three times the passage, where that is more; never over 1,200) matches nothing, nor does one that holds
passages of two sections.  Passages of one group make one unit, any of which will do; optional ones are right when
given, take no rank, and are not missed.  Giving a unit again from the same bulletin is a repeat, and wrong; giving its
alternative from another bulletin is neither right nor wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from rag.evaluation.datasets import Gold
from rag.models import Quote

Verdict = Literal["right", "extra", "repeat", "other", "wrong"]
MAX_QUOTE_CHARS = 1200  # of a quote that matches, whatever the passage
USUAL_MAX_QUOTE_CHARS = 700  # of one that matches a short passage
_SENTENCE_START = re.compile(
    r"(?:^|[.!?\u2026:;][\"'\u201d\u2019)\]]*\s+|[。！？][\"'\u201d\u2019」』）]*\s*|[\r\n]\s*)$"
)
_SENTENCE_END = re.compile(r"[.!?\u2026:;。！？；：][\"'\u201d\u2019)\]」』）]*$")
_MAX_BEFORE_CHARS = 100  # before a quote, in which the sentence before it ends
_LINE_END = re.compile(r"[^\S\r\n]*(?:[\r\n]|$)")


class Texts:
    """The bulletins' stored texts by name, against which quotes are judged."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._normalized: dict[str, str] = {}

    def is_verbatim(self, quote: Quote) -> bool:
        """Whether the quote's words stand at its place."""
        text = self._texts.get(quote.bulletin)
        return bool(text and quote.text.strip() and quote.start >= 0 and quote.of(text) == quote.text)

    def is_whole_sentences(self, quote: Quote) -> bool:
        """Whether the quote begins and ends at the end of a sentence or of a line.

        Only plain text can tell: in bulletins of other formats the line breaks are the parser's.
        """
        if not quote.bulletin.endswith(".txt"):
            return True
        text = self._texts[quote.bulletin]
        ends = _SENTENCE_END.search(quote.text.rstrip()) or _LINE_END.match(text[quote.end :])
        return bool(_SENTENCE_START.search(text, max(quote.start - _MAX_BEFORE_CHARS, 0), quote.start) and ends)

    def contains(self, name: str, passage: str) -> bool:
        """Whether the bulletin of that name holds the passage; the amount of white space doesn't count."""
        if name not in self._normalized:
            self._normalized[name] = _normalize_space(self._texts.get(name, ""))
        return _normalize_space(passage) in self._normalized[name]


def judge(
    gold: Sequence[Gold], quotes: Sequence[Quote], texts: Texts
) -> tuple[tuple[int | None, ...], tuple[Verdict, ...]]:
    """Returns the rank, from 1, at which each wanted unit is first given (None: never), and each quote's verdict."""
    units = _units(gold)
    wanted = [unit for unit in units if not all(passage.optional for passage in unit)]
    optional = [unit for unit in units if all(passage.optional for passage in unit)]
    ranks: list[int | None] = [None] * len(wanted)
    given_by: dict[int, set[str]] = defaultdict(set)
    verdicts: list[Verdict] = []
    rank = 1
    for quote in quotes:
        matched = _matched_units(quote, gold, wanted + optional, texts)
        new = [number for number in matched if not given_by[number]]
        verdict: Verdict = "wrong"
        if new:
            verdict = "right" if any(number < len(wanted) for number in new) else "extra"
        elif matched:
            verdict = "repeat" if any(quote.bulletin in given_by[number] for number in matched) else "other"
        for number in matched:
            if number < len(wanted) and ranks[number] is None:
                ranks[number] = rank
            given_by[number].add(quote.bulletin)
        rank += verdict != "extra"
        verdicts.append(verdict)
    return tuple(ranks), tuple(verdicts)


def is_match(quote: Quote, gold: Gold, texts: Texts) -> bool:
    """Whether the quote gives the gold passage."""
    if not texts.is_verbatim(quote):
        return False
    given, passage = _normalize_space(quote.text), _normalize_space(gold.quote)
    if len(given) > min(MAX_QUOTE_CHARS, max(USUAL_MAX_QUOTE_CHARS, 3 * len(passage))):
        return False
    if quote.bulletin != gold.bulletin and not texts.contains(quote.bulletin, gold.quote):
        return False
    return passage in given or 2 * _covered(given, passage) >= len(passage)


def _matched_units(quote: Quote, gold: Sequence[Gold], units: Sequence[Sequence[Gold]], texts: Texts) -> list[int]:
    """The numbers of the units that the quote gives; none where it holds passages of two sections."""
    matches = [passage for passage in gold if is_match(quote, passage, texts)]
    numbers = [
        number for number, unit in enumerate(units) if any(passage is match for passage in unit for match in matches)
    ]
    sections = {str(match.section) for match in matches if match.bulletin == quote.bulletin}
    return [] if len(numbers) > 1 and len(sections) > 1 else numbers


def _units(gold: Sequence[Gold]) -> list[list[Gold]]:
    groups: dict[object, list[Gold]] = defaultdict(list)
    for number, passage in enumerate(gold):
        groups[("alone", number) if passage.group is None else ("group", passage.group)].append(passage)
    return list(groups.values())


def _covered(given: str, passage: str) -> int:
    """How many characters of the passage a quote covers that lies inside it, or runs over one of its ends."""
    if given in passage:
        return len(given)
    lengths = range(min(len(given), len(passage)), 0, -1)
    return next((n for n in lengths if given.endswith(passage[:n]) or given.startswith(passage[-n:])), 0)


def _normalize_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
