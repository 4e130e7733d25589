"""What counts as found.

A quote finds a gold passage where it stands word for word in the gold's bulletin (or in another that holds the same
words) and contains the passage or covers at least half of its characters.  A quote is not a page: one over 700
characters (or three times the passage, where that is more; never over 1,200) finds nothing, nor does one that holds
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
LONGEST, USUAL = 1200, 700  # characters
_WHOLE_START = re.compile(r"(?:^|[.!?\u2026:;][\"'\u201d\u2019)\]]*\s+|[。！？][\"'\u201d\u2019」』）]*\s*|[\r\n]\s*)$")
_WHOLE_END = re.compile(r"[.!?\u2026:;。！？；：][\"'\u201d\u2019)\]」』）]*$")
_LINE_END = re.compile(r"[^\S\r\n]*(?:[\r\n]|$)")


class Texts:
    """The bulletins' stored texts by name, against which quotes are compared once more."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._squeezed: dict[str, str] = {}

    def verbatim(self, quote: Quote) -> bool:
        """The quote's words stand at its place."""
        text = self._texts.get(quote.bulletin)
        return bool(text and quote.text.strip() and quote.start >= 0 and quote.of(text) == quote.text)

    def whole(self, quote: Quote) -> bool:
        """It begins and ends at the end of a sentence or of a line.  Other formats than plain text are trusted: their
        line breaks are ours."""
        if not quote.bulletin.endswith(".txt"):
            return True
        text = self._texts[quote.bulletin]
        ends = _WHOLE_END.search(quote.text.rstrip()) or _LINE_END.match(text[quote.end :])
        return bool(_WHOLE_START.search(text[: quote.start]) and ends)

    def hold(self, name: str, passage: str) -> bool:
        """The bulletin holds the passage; white space doesn't count."""
        if name not in self._squeezed:
            self._squeezed[name] = _squeezed(self._texts.get(name, ""))
        return _squeezed(passage) in self._squeezed[name]


def judge(
    gold: Sequence[Gold], quotes: Sequence[Quote], texts: Texts
) -> tuple[tuple[int | None, ...], tuple[Verdict, ...]]:
    """The rank, from 1, at which each wanted unit is first given (None: never), and a verdict for each quote."""
    units = _units(gold)
    wanted = [unit for unit in units if not all(passage.optional for passage in unit)]
    extras = [unit for unit in units if all(passage.optional for passage in unit)]
    ranks: list[int | None] = [None] * len(wanted)
    given_by: dict[int, set[str]] = defaultdict(set)
    verdicts: list[Verdict] = []
    rank = 1
    for quote in quotes:
        hits = [passage for passage in gold if found(quote, passage, texts)]
        given = [n for n, unit in enumerate(wanted + extras) if any(one is hit for one in unit for hit in hits)]
        if len(given) > 1 and len({str(hit.section) for hit in hits if hit.bulletin == quote.bulletin}) > 1:
            given = []
        fresh = [n for n in given if not given_by[n]]
        verdict: Verdict = "wrong"
        if fresh:
            verdict = "right" if any(n < len(wanted) for n in fresh) else "extra"
        elif given:
            verdict = "repeat" if any(quote.bulletin in given_by[n] for n in given) else "other"
        for n in given:
            if n < len(wanted) and ranks[n] is None:
                ranks[n] = rank
            given_by[n].add(quote.bulletin)
        rank += verdict != "extra"
        verdicts.append(verdict)
    return tuple(ranks), tuple(verdicts)


def found(quote: Quote, gold: Gold, texts: Texts) -> bool:
    """The quote gives the passage."""
    if not texts.verbatim(quote):
        return False
    given, passage = _squeezed(quote.text), _squeezed(gold.quote)
    if len(given) > min(LONGEST, max(USUAL, 3 * len(passage))):
        return False
    if quote.bulletin != gold.bulletin and not texts.hold(quote.bulletin, gold.quote):
        return False
    return passage in given or 2 * _covered(given, passage) >= len(passage)


def _units(gold: Sequence[Gold]) -> list[list[Gold]]:
    groups: dict[object, list[Gold]] = defaultdict(list)
    for number, passage in enumerate(gold):
        groups[("alone", number) if passage.group is None else ("group", passage.group)].append(passage)
    return list(groups.values())


def _covered(given: str, passage: str) -> int:
    """Characters of the passage that a quote lying inside it, or running over one of its ends, covers."""
    if given in passage:
        return len(given)
    lengths = range(min(len(given), len(passage)), 0, -1)
    return next((n for n in lengths if given.endswith(passage[:n]) or given.startswith(passage[-n:])), 0)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
