"""Which of the claims around quotations are about which of them, by their place in the sentence.

Between two quotations the sentence is parted once: what stands before that place is about the quotation before it, the
rest about the one after it.  Of several claims of a kind that stand before one quotation, those of the clause that it
adjoins count, and none of an aside ("unlike Haidian, …") beside one that is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.budget import step
from rag.checking.models import Claim, ClaimKind
from rag.models import Span

_CLAIM = "\ue000"  # stands for each character of a claim in what is read below
_MARKS = "\"'“”‘’«»‹›「」『』｢｣„‚*_"
_NOTE = re.compile(rf"[{_MARKS}\s.,;]{{0,4}}[(\[（【][^()\[\]（）【】\n]{{1,200}}[)\]）】]")
_BREAK = re.compile(r"[;；。|\n]|[.!?！？](?=\s|$)|\s/\s")
_CONJUNCTION = re.compile(
    r"(?i)\b(?:and|but|or|nor|yet|while|whilst|whereas|though|although|then|before|after)\b|[而但]|以及|同时|并且|[和与及](?!其)"
)
_COMMA = re.compile(r"[,，、()（）\[\]【】—–]|\s-\s")
_BETWEEN_LIKE = re.compile(r"(?i)(?:[,、/&\s]|and|or|as well as|both|in|at|from|of|the|districts?|和|与|及|区)*")
_ASIDE = re.compile(
    r"(?i)\s*(?:(?:and|but)\s+)?(?:(?:while|whilst|whereas|although|though|unlike|contrary|compared|after|before|since|when"
    r"|whenever|once|until|because|besides|beside|except|instead|rather|not|nor|without|despite|following)\b"
    r"|(?:in (?:contrast|spite)|as opposed|apart from|even (?:if|though)|other than)\b"
    r"|虽然?|尽管|与|和|跟|除|自|当|不|非|并非|而非)"
)
_ASIDE_ENDS = re.compile(r"(?:之?[后前时外]|以[后前外来]|不同|相比)\s*$")
_PARTED = re.compile(rf"[{_MARKS}\s]*[,，;；.。、]")  # what opens another clause
_TOPIC = re.compile(r"(?i)\b(?:about|on|concerning|regarding|to|with|told|against|for)\s+(?:the\s+)?$|关于$|[对向]$")
_MAX_TOPIC_CHARS = 100  # before a district, in which "its report on" stands
_RESPECTIVELY = re.compile(r"(?i)\brespectively\b|\bin (?:that|this) order\b|分别")


@dataclass(frozen=True, slots=True)
class _Own:
    """The claims of one quotation: ``before`` and ``behind`` it; ``apart`` says that a break parts it from the one
    before it."""

    before: tuple[Claim, ...]
    behind: tuple[Claim, ...]
    apart: bool

    @property
    def all(self) -> tuple[Claim, ...]:
        return (*self.before, *self.behind)


class ScopeReader:
    """Reads the clauses of one draft; neighbours in a sentence share theirs."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last: tuple[tuple[object, ...], _Reader] | None = None

    def claims_of(
        self, clause: Span, quotation: Span, others: Iterable[Span], claims: Sequence[Claim]
    ) -> tuple[Claim, ...]:
        """Returns those of the claims in a clause that are about the quotation, ``others`` being all others there.

        Each claim has its place in the draft, and none lies inside a quotation.
        """
        if not claims:
            return ()
        quotations = _outermost([quotation, *others])
        number = bisect_right(quotations, quotation.start, key=lambda outer: outer.end)
        key = (clause.start, clause.end, tuple((q.start, q.end) for q in quotations), tuple(claims))
        if self._last is None or self._last[0] != key:
            self._last = key, _Reader(self._text, clause, quotations, claims)
        return tuple(sorted(self._last[1].claims_of(number), key=_start))


def _outermost(spans: Iterable[Span]) -> list[Span]:
    outer: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not outer or span.start >= outer[-1].end:
            outer.append(span)
    return outer


def _start(claim: Claim) -> int:
    return claim.span.start if claim.span else 0


def _kind(claim: Claim) -> tuple[ClaimKind, bool]:
    """What claims that are alike share: two dates are as exact as each other."""
    return claim.kind, claim.names_day


def _is_vague(claim: Claim) -> bool:
    return claim.kind == "date" and not claim.names_day


class _Reader:
    """Reads one clause: its gaps are what stands before, between and behind its quotations."""

    def __init__(self, text: str, clause: Span, quotations: Sequence[Span], claims: Sequence[Claim]) -> None:
        characters = list(clause.of(text))
        for span in (claim.span for claim in claims if claim.span):
            characters[span.start - clause.start : span.end - clause.start] = _CLAIM * (span.end - span.start)
        self._text = "".join(characters)
        self._offset = clause.start
        self._claims = claims
        self._ordered = sorted((claim.span.start, claim.span.end, n) for n, claim in enumerate(claims) if claim.span)
        self._known: dict[int, _Own] = {}
        edges = [Span(clause.start, clause.start), *quotations, Span(clause.end, clause.end)]
        self._gaps = [Span(left.end, max(right.start, left.end)) for left, right in pairwise(edges)]

    def claims_of(self, number: int) -> Sequence[Claim]:
        """The quotation's own claims, and those of others that it shares."""
        if len(self._gaps) > 2 and _RESPECTIVELY.search(self._text):
            return self._in_order(number)
        own = self._own(number)
        kinds = {claim.kind for claim in own.all}
        shared = [claim for claim in self._led(number) if claim.kind not in kinds]
        if not own.all and not shared:
            shared = [*self._interrupted(number)] or [*self._followed(number)]
        return [*own.all, *shared]

    def _own(self, number: int) -> _Own:
        if number not in self._known:
            step()
            before, behind = self._gaps[number], self._gaps[number + 1]
            apart = number > 0 and _BREAK.search(self._of(before)) is not None
            if not self._within(before) and not self._within(behind):
                return _Own((), (), apart)
            if number:
                before = Span(self._split(number), before.end)
            if number + 2 < len(self._gaps):
                behind = Span(behind.start, self._split(number + 1))
            held_before = self._before(before)
            held_behind = self._behind(behind, {claim.kind for claim in held_before})
            self._known[number] = _Own(held_before, held_behind, apart)
        return self._known[number]

    def _led(self, number: int) -> Sequence[Claim]:
        """What the sentence opens with, and says of all its quotations; a day behind a name is of that one's."""
        own = self._own(number)
        if not number or (own.apart and own.all):
            return ()
        kinds = {claim.kind for claim in own.all} - {"date"}
        opening = self._own(0).before
        replaced = min((_start(claim) for claim in opening if claim.kind in kinds), default=None)
        return [c for c in opening if c.kind != "date" or replaced is None or _start(c) < replaced]

    def _interrupted(self, number: int) -> Sequence[Claim]:
        """The claims between the parts of one quotation (“…,” wrote Haidian, “…”)."""
        return self._own(number - 1).all if number and not self._own(number).apart else ()

    def _followed(self, number: int) -> Sequence[Claim]:
        """The claims behind the last of several quotations (“…” and “…”, wrote Haidian)."""
        for following in map(self._own, range(number + 1, len(self._gaps) - 1)):
            if following.apart or following.before:
                return ()
            if following.behind:
                return following.behind
        return ()

    def _in_order(self, number: int) -> Sequence[Claim]:
        """The claims of a sentence that pairs as many of a kind with its quotations."""
        quotations = len(self._gaps) - 1
        kinds = {claim.kind for claim in self._claims}
        groups = [[claim for claim in self._claims if claim.kind == kind] for kind in sorted(kinds)]
        return [c for group in groups for c in (group[number : number + 1] if len(group) == quotations else group)]

    def _split(self, number: int) -> int:
        """Where the gap before the quotation with that number is parted."""
        gap = self._gaps[number]
        words = self._of(gap)
        if note := _NOTE.match(words):
            return gap.start + note.end()
        if found := _BREAK.search(words):
            return gap.start + found.end()
        joints = [gap.start + found.start() for found in _CONJUNCTION.finditer(words)]
        if joints and not words[: joints[0] - gap.start].strip(_MARKS + " ,，、"):
            return gap.start
        held = self._within(gap)
        first, second = self._first_two(held, gap.end)
        commas = [gap.start + found.start() for found in _COMMA.finditer(words)] if second < gap.end else []
        for at in (*joints, *commas):
            if first <= at <= second:
                return at
        return gap.end if self._follows(held, words) else (joints or [gap.start])[0]

    def _first_two(self, held: Sequence[Claim], end: int) -> tuple[int, int]:
        """Where the first claim ends and the next of its kind begins; ``end`` stands in for one that isn't there."""
        for kind in ("district", "title", "date"):
            spans = [claim.span for claim in held if claim.kind == kind and claim.span]
            if len(spans) > 1:
                return spans[0].end, spans[1].start
        return (held[0].span.end if held and held[0].span else end), end

    def _follows(self, held: Sequence[Claim], words: str) -> bool:
        """Whether what is said in an undivided gap follows its quotation, as it does behind the last one."""
        kinds = {claim.kind for claim in held}
        leads = any(claim.kind in kinds for claim in self._within(self._gaps[0]))
        trails = any(claim.kind in kinds for claim in self._within(self._gaps[-1]))
        if leads != trails:
            return trails
        return _PARTED.match(words) is None

    def _before(self, stretch: Span) -> tuple[Claim, ...]:
        """The claims that count of those before a quotation."""
        parts = self._parts(stretch)
        adjoining = [claim for part in parts[-1:] for claim in self._within(part) if not self._is_topic(claim)]
        plain = [
            claim
            for part in parts[:-1]
            if not self._is_aside(part)
            for claim in self._within(part)
            if not self._is_topic(claim)
        ]
        others = {*plain, *adjoining}
        asides = [claim for claim in self._within(stretch) if claim not in others]
        # A nearer claim takes the place of one farther away; of vaguer dates any one may be meant.
        nearer = set(map(_kind, adjoining))
        chosen = [*adjoining, *(claim for claim in plain if _is_vague(claim) or _kind(claim) not in nearer)]
        kinds = set(map(_kind, chosen))
        return (*chosen, *(claim for claim in asides if _kind(claim) not in kinds))

    def _behind(self, stretch: Span, kinds: set[ClaimKind]) -> tuple[Claim, ...]:
        """The claims that count of those behind a quotation, before which claims of these kinds stand."""
        note = _NOTE.match(self._of(stretch))
        rest = Span(stretch.start + note.end() if note else stretch.start, stretch.end)
        chosen = self._within(Span(stretch.start, rest.start))
        kinds = kinds | {claim.kind for claim in chosen}
        parts = self._parts(rest)
        if parts and not note and not _PARTED.match(self._of(rest)):  # "… in Haidian on May 3"
            chosen += [claim for claim in self._within(parts[0]) if claim.kind == "date" or claim.kind not in kinds]
            kinds |= {claim.kind for claim in chosen}
            parts = parts[1:]
        for part in sorted(parts, key=self._is_aside):
            held = [claim for claim in self._within(part) if claim.kind not in kinds]
            chosen += held
            kinds |= {claim.kind for claim in held}
        return tuple(chosen)

    def _parts(self, stretch: Span) -> list[Span]:
        """The stretch between its commas, brackets, conjunctions and breaks, those aside that join like claims."""
        words = self._of(stretch).rstrip(" \n\t:：,，" + _MARKS)
        held = [(claim.kind, claim.span) for claim in self._within(stretch) if claim.span]
        parts: list[Span] = []
        at = 0
        cuts = sorted((m.start(), m.end()) for p in (_BREAK, _CONJUNCTION, _COMMA) for m in p.finditer(words))
        for start, end in [*cuts, (len(words), len(words))]:
            part = Span(stretch.start + at, stretch.start + start)
            if start < len(words) and self._joins(held, part.end) and not self._is_aside(part):
                continue
            if words[at:start].strip(_MARKS + " "):
                parts.append(part)
            # A conjunction belongs to what it opens.
            at = start if words[start:end].strip().isalpha() else end
        return parts

    def _joins(self, held: Sequence[tuple[ClaimKind, Span]], place: int) -> bool:
        """Whether a comma or a conjunction stands between two claims of one kind and nothing else."""
        step()
        left = next((claim for claim in reversed(held) if claim[1].end <= place), None)
        right = next((claim for claim in held if claim[1].start >= place), None)
        if not left or not right or left[0] != right[0]:
            return False
        return _BETWEEN_LIKE.fullmatch(self._of(Span(left[1].end, right[1].start))) is not None

    def _is_topic(self, claim: Claim) -> bool:
        """Whether a district is what is spoken of or to, and not who speaks ("told Miyun", "its report on Miyun")."""
        at = _start(claim) - self._offset
        return claim.kind == "district" and _TOPIC.search(self._text, max(at - _MAX_TOPIC_CHARS, 0), at) is not None

    def _is_aside(self, part: Span) -> bool:
        words = self._of(part)
        return bool(_ASIDE.match(words) or _ASIDE_ENDS.search(words))

    def _within(self, span: Span) -> list[Claim]:
        step()
        first = bisect_left(self._ordered, (span.start,))
        last = bisect_left(self._ordered, (span.end,), first)
        held = sorted(n for _, end, n in self._ordered[first:last] if end <= span.end)
        return [self._claims[n] for n in held]

    def _of(self, span: Span) -> str:
        return self._text[span.start - self._offset : max(span.end, span.start) - self._offset]
