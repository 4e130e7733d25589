"""Quotation marks in running text: which open, which close, and which are apostrophes, feet or inches.

Each paragraph is read once from its end, to know what closes further on, and once from its start.  A mark is judged by
the characters on both sides of it (of a run of marks: of the run); its direction counts where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import limits
from rag.budget import step
from rag.checking.drafts.paragraphs import Paragraph, trim
from rag.models import Span
from rag.text.cjk import COMPATIBILITY, EAST_ASIAN, FULL_WIDTH, HANGUL

MARKS = "“”„‟\"＂‘’‚‛'＇«»‹›「」『』｢｣"
_FAMILIES = {mark: name for name, marks in {
    "double": "“”„‟\"＂", "single": "‘’‚‛'＇", "guillemet": "«»", "small guillemet": "‹›",
    "corner": "「」｢｣", "white corner": "『』",
}.items() for mark in marks}  # fmt: skip
_OPENING, _CLOSING = frozenset("“„‟‘‚‛«‹「『｢"), frozenset("”’»›」』｣")
_MARK = re.compile(f"[{MARKS}]+")
_BEFORE_OPENING = frozenset("([{（【《〈:：=/>")  # or white space, or nothing
_AFTER_CLOSING = frozenset(".,;:!?)]}…。，；：！？、）】》〉")  # likewise
_BESIDE_SINGLE = frozenset("—–-*_~.,;!?。，；！？、")
_CJK = re.compile(f"[{EAST_ASIAN}{HANGUL}{COMPATIBILITY}{FULL_WIDTH}]")
_INCHES = re.compile(r"\d['’′]\d{1,2}")
_AND = re.compile(r"['’‘][nN]['’]")  # rock 'n' roll
_ELIDED = re.compile(
    r"\d\d(?:s|\b)|(?:tis|twas|twere|twill|em|til|cause|cos|bout|round|n|ere|tween|neath|kay)\b", re.IGNORECASE
)


@dataclass(slots=True)
class Mark:
    """One mark: ``opens`` and ``closes`` say what its surroundings make of it, both False where they don't tell;
    ``weak`` that it may as well be an apostrophe or inches; ``ahead`` whether a closing one comes before the next
    that opens: "" none, "weak" or "strong"; ``unclosable`` that nothing will close it."""

    at: int
    char: str
    paragraph: int
    opens: bool
    closes: bool
    weak: bool = False
    ahead: str = ""
    unclosable: bool = False

    @property
    def family(self) -> str:
        """The marks that it can open or close with."""
        return _FAMILIES[self.char]


@dataclass(frozen=True, slots=True)
class QuotedSpan(Span):
    """Quoted words without their marks and the white space inside them; ``closed`` whether a mark ends them."""

    closed: bool = True


def read_marks(text: str, paragraphs: Sequence[Paragraph]) -> tuple[list[QuotedSpan], list[int]]:
    """Returns the quotations between marks, and the offsets of closing marks that nothing opens.

    Each quotation lies inside the next outer one, or apart from it.
    """
    by_paragraph: list[list[Mark]] = []
    for number, paragraph in enumerate(paragraphs):
        marks = list(_marks(text, paragraph, number))
        _look_ahead(marks)
        by_paragraph.append(marks)
    reader = _Reader(text, paragraphs, by_paragraph)
    for number, marks in enumerate(by_paragraph):
        reader.read_paragraph(number, marks)
    reader.end_open(0, paragraphs[-1].end if paragraphs else 0)
    return reader.quotations, reader.unopened


def _marks(text: str, paragraph: Paragraph, number: int) -> list[Mark]:
    """The paragraph's marks, those left out that are surely apostrophes or inches."""
    marks: list[Mark] = []
    for run in _MARK.finditer(text, paragraph.start, paragraph.end):
        step()
        before = text[run.start() - 1] if run.start() > paragraph.start else " "
        after = text[run.end()] if run.end() < paragraph.end else " "
        opens = (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()
        closes = (after.isspace() or after in _AFTER_CLOSING) and not before.isspace()
        if opens and closes:  # ("… we came"): three dots open as well
            opens, closes = before not in ":：=/>", before in ":：=/>"
        for at in range(run.start(), run.end()):
            char = text[at]
            mark = Mark(at, char, number, opens, closes)
            if _FAMILIES[char] == "single":
                if not _single(text, mark, before, after):
                    continue
            elif char in '"＂':
                if _INCHES.fullmatch(text, max(at - 4, 0), at) or _INCHES.fullmatch(text, max(at - 3, 0), at):
                    continue
                mark.weak = text[at - 1 : at].isdigit() and _word_follows(text, at)
            marks.append(mark)
    return marks


def _single(text: str, mark: Mark, before: str, after: str) -> bool:
    """Settle what a single mark does; False where it is an apostrophe."""
    at = mark.at
    left, right = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    chinese = _CJK.match(left) or _CJK.match(right)
    if (left.isalnum() and right.isalnum() and not chinese) or _AND.match(text, at) or _AND.match(text, max(at - 2, 0)):
        return False
    beside = before.isspace() or before in _BEFORE_OPENING or before in _BESIDE_SINGLE or chinese is not None
    mark.opens = mark.char not in _CLOSING and beside and not after.isspace()
    mark.closes = not before.isspace() and not (right.isalnum() and not chinese)
    if mark.char in "‘‛":  # closes only what „low marks‘ opened
        mark.closes = mark.closes and not mark.opens
    if mark.opens and mark.closes and mark.char in "'＇":
        mark.opens = mark.closes = chinese is not None
    if mark.opens and _ELIDED.match(text, at + 1):
        mark.weak = True
    elif mark.closes:
        dropped = left in "sSzZxX" or left.isdigit() or text[at - 2 : at] in ("in", "IN")
        mark.weak = dropped and _word_follows(text, at)
    return mark.opens or mark.closes


def _word_follows(text: str, at: int) -> bool:
    """Whether another word follows the mark after a space."""
    return text[at + 1 : at + 2] == " " and text[at + 2 : at + 3].isalpha()


def _look_ahead(marks: Sequence[Mark]) -> None:
    ahead = {"single": "", "double": ""}
    for mark in reversed(marks):
        if mark.family not in ahead:
            continue
        mark.ahead = ahead[mark.family]
        if mark.opens and not mark.closes:
            if not (mark.weak and mark.family == "single"):
                ahead[mark.family] = ""
        elif mark.weak:
            ahead[mark.family] = mark.ahead or "weak"
        else:
            ahead[mark.family] = "strong"


def _next_marks(
    text: str, paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[Mark]]
) -> Sequence[dict[str, Mark]]:
    """For each paragraph the first mark of each family in it, or in those that follow without a blank line."""
    following: list[dict[str, Mark]] = []
    for number in reversed(range(len(paragraphs))):
        first = {mark.family: mark for mark in reversed(marks[number])}
        if following and _adjoin(text, paragraphs[number], paragraphs[number + 1]):
            first = following[-1] | first
        following.append(first)
    return following[::-1]


def _adjoin(text: str, above: Paragraph, below: Paragraph) -> bool:
    return above.block == below.block and text.count("\n", above.end, below.start) < 2


class _Reader:
    """Goes through the marks with a stack of those that wait for their closing ones."""

    def __init__(self, text: str, paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[Mark]]) -> None:
        self.text = text
        self.paragraphs = paragraphs
        self.marks = marks
        self.quotations: list[QuotedSpan] = []
        self.unopened: list[int] = []
        self._next_marks = _next_marks(text, paragraphs, marks)
        self._open: list[Mark] = []
        self._open_by_family: dict[str, list[int]] = {}  # places on the stack of each family's marks

    def read_paragraph(self, number: int, marks: Sequence[Mark]) -> None:
        """Takes the marks of the next paragraph; one that goes on quoting repeats the marks that are open."""
        repeated = 0
        if self._open:
            while repeated < min(len(self._open), len(marks)) and self._repeats(number, repeated):
                repeated += 1
            if repeated or not self._closed_later(number):
                self.end_open(repeated, self.paragraphs[number - 1].end)
        for mark in marks[repeated:]:
            self._take(mark)

    def end_open(self, keep: int, end: int) -> None:
        """Ends what is open beyond the first ``keep`` here, unclosed."""
        while len(self._open) > keep:
            mark = self._pop()
            self._add(mark.at, end, closed=False)

    def _repeats(self, number: int, depth: int) -> bool:
        """Whether a paragraph begins with the marks still open, as one does that goes on quoting."""
        marks = self.marks[number]
        before, here = self.paragraphs[number - 1], self.paragraphs[number]
        at_start = marks[depth].at == here.start + depth
        return at_start and before.block == here.block and marks[depth].char == self._open[depth].char

    def _closed_later(self, number: int) -> bool:
        """Whether the next mark of the outermost open one's kind closes it, on this line or one right below."""
        if not _adjoin(self.text, self.paragraphs[number - 1], self.paragraphs[number]):
            return False
        following = self._next_marks[number].get(self._open[0].family)
        return following is not None and following.closes and not following.opens and not following.weak

    def _take(self, mark: Mark) -> None:
        step()
        waiting = self._open_by_family.get(mark.family)
        nearest = self._open[waiting[-1]].char if waiting else ""
        if self._closes(mark, nearest):
            if nearest:
                self._close(mark)
            elif mark.family != "single" and not self.text[mark.at - 1 : mark.at].isdigit():
                self.unopened.append(mark.at)
        elif mark.family != "single" or self._opens_single(mark):
            self._push(mark)

    def _closes(self, mark: Mark, nearest: str) -> bool:
        """Whether the mark, if anything, closes; ``nearest`` is the open one of its family."""
        strictly = mark.closes and not mark.opens
        if mark.family == "single":
            if mark.char in "‘‛":
                return nearest == "‚" and mark.closes
            skips = mark.weak and mark.ahead == "strong"  # guests' rooms: the mark that closes comes later
            return (mark.closes or not mark.opens) and not (mark.opens and not nearest) and not skips
        if mark.char in '"＂':
            if mark.weak and mark.ahead == "strong" and nearest:
                return False
            return strictly or (bool(nearest) and not mark.opens)
        if mark.char in "“‟":
            return (nearest == "„" and not mark.opens) or (nearest in ("“", "‟") and strictly)
        if mark.family in ("guillemet", "small guillemet"):
            turned = nearest in ("»", "›") if mark.char in "«‹" else bool(nearest) and nearest in "«‹"
            if mark.char in "«‹":
                return turned and not mark.opens
            return turned or (bool(nearest) and strictly) or (not nearest and not mark.opens)
        if mark.char == "”":
            return bool(nearest) or not mark.opens
        return mark.char in _CLOSING

    def _opens_single(self, mark: Mark) -> bool:
        if not mark.opens:
            return False
        if mark.ahead == "strong" or (mark.ahead and not mark.weak):
            return True
        if mark.weak:
            return False
        following = self.marks[mark.paragraph + 1] if mark.paragraph + 1 < len(self.marks) else ()
        if following and following[0].at == self.paragraphs[mark.paragraph + 1].start:
            return following[0].char == mark.char
        # Nothing closes it: an elision ('hood), except where quoted speech is announced.
        before = self.text[max(self.paragraphs[mark.paragraph].start, mark.at - 3) : mark.at].rstrip()
        if self.text[mark.at + 1].isupper() and (not before or before.endswith((":", ",", "：", "，"))):
            mark.unclosable = True
        return mark.unclosable

    def _push(self, mark: Mark) -> None:
        if mark.weak and mark.char in '"＂':  # inches
            return
        if len(self._open) < limits.MAX_QUOTATION_DEPTH:
            if not mark.unclosable:
                self._open_by_family.setdefault(mark.family, []).append(len(self._open))
            self._open.append(mark)

    def _pop(self) -> Mark:
        mark = self._open.pop()
        if not mark.unclosable:
            self._open_by_family[mark.family].pop()
        return mark

    def _close(self, mark: Mark) -> None:
        depth = self._open_by_family[mark.family][-1]
        while len(self._open) > depth + 1:
            inner = self._pop()
            if inner.unclosable or inner.family != "single":  # another single one was an apostrophe
                self._add(inner.at, mark.at, closed=False)
        self._add(self._pop().at, mark.at, closed=True)

    def _add(self, mark: int, end: int, *, closed: bool) -> None:
        words = trim(self.text, Span(mark + 1, end))
        self.quotations.append(QuotedSpan(words.start, words.end, closed))
