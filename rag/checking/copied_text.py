"""Words as they are printed and copied: hyphens at line ends, ligatures, footnote marks and page numbers among them.

A quotation copied from a PDF has them where the stored text has none, or the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass, field

from rag.budget import step
from rag.checking.tokens import (
    CLOSING_PUNCTUATION,
    DASHES,
    INVISIBLE_CHARACTER,
    LIGATURES,
    cuts_word,
    normalize_printing,
    other_case,
)
from rag.models import Span
from rag.text.cjk import CHINESE

_LETTER = r"[^\W\d_]"
_OF_PAGES = r"(?: ?(?:of|/) ?\d{1,4})?"
_PAGE = (
    rf"(?i:\f|(?<=\n)[ \t]*(?:[-\u2013\u2014] ?)?(?:page |p\. ?)?\d{{1,4}}{_OF_PAGES}(?: ?[-\u2013\u2014])?[ \t]*(?=\n)"
    r"|(?<=\n)[ \t]*第 ?\d{1,4} ?页(?:[,，]? ?共 ?\d{1,4} ?页)?[ \t]*(?=\n)"
    r"|(?<=\s)[-\u2013\u2014] \d{1,4} [-\u2013\u2014](?=\s))"
)
PAGE_NUMBER = re.compile(_PAGE)
LINE_END_HYPHEN = re.compile(rf"(?<={_LETTER})[-\u2010\u2011\u00ad](?:{_PAGE}|\s)++(?=[^\W\d_A-Z])")
# Superscripts and [1] behind a word, and figures where the word or its sentence ends: "dynasties.1 The".
FOOTNOTE_MARK = re.compile(
    rf"(?:(?<={_LETTER}{{3}})|(?<={_LETTER}{{2}}[.,;:!?)。，；：！？])|(?<=[.!?。！？][\"'”’」）)]))"
    r"(?:[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+|\[\d{1,3}\])"
    r"|(?:(?<=[a-z]{3})|(?<=[a-z]{3}[.,;!?]))\d{1,2}(?=\s|$)"
)
WORD_HYPHEN = re.compile(rf"(?<={_LETTER})[-\u2010\u2011](?={_LETTER})")
_PIECE = re.compile(
    rf"(?P<broken>{LINE_END_HYPHEN.pattern})|(?P<mark>{FOOTNOTE_MARK.pattern})"
    rf"|(?P<hyphen>{WORD_HYPHEN.pattern})|(?P<space>(?:{_PAGE}|\s)++)|(?P<letters>[A-Za-z]+)|(?P<other>.)",
    re.DOTALL,
)
_QUOTES = ('"', "'")
_NO_SPACE_BESIDE = re.compile(f"[{re.escape(DASHES)}{CHINESE}]")


@dataclass(slots=True)
class FoldedText:
    """A text without what printing adds: ``words``, with the place of each character in the text, and the marks and
    hyphens that were left out, by the number of the character behind them."""

    words: str = ""
    places: array[int] = field(default_factory=lambda: array("I"))
    left_out: dict[int, str] = field(default_factory=dict)


def find_copied(text: str, folded: FoldedText, wanted: FoldedText) -> list[Span]:
    """Returns where a quotation stands in a text, both given folded too, if what printing adds to either doesn't
    count."""
    words = wanted.words.rstrip("".join(CLOSING_PUNCTUATION))
    if not words:
        return []
    spans = []
    opening = f"(?:{re.escape(words[0])}|{re.escape(other_case(words[0]))})"
    for match in re.finditer(opening + re.escape(words[1:]), folded.words):
        step()
        first, last = match.start(), match.end() - 1
        span = Span(folded.places[first], folded.places[last] + 1)
        here = (n - first for n in folded.left_out if first < n <= last)
        numbers = {*here, *(n for n in wanted.left_out if 0 < n < len(words))}
        pairs = ((folded.left_out.get(first + n, ""), wanted.left_out.get(n, "")) for n in numbers)
        if all(_is_printing(one, other) for one, other in pairs) and not cuts_word(text, span):
            spans.append(span)
    return spans


def _is_printing(one: str, other: str) -> bool:
    """Whether printing explains that one text has a mark or a hyphen where the other has another or none."""
    if one == other:
        return True
    if "-" in (one, other):  # one inside a line is the word's own
        return "\n" in (one, other)
    return not (one and other) or "\n" in (one, other)


def fold(text: str) -> FoldedText:
    """Returns the text without what printing adds to it."""
    folded = FoldedText()
    pieces: list[str] = []
    last, left_out, space = "", "", False
    for match in _PIECE.finditer(text):
        kind, piece = match.lastgroup, match[0]
        if kind == "broken":
            left_out = "\n"
        elif kind in ("mark", "hyphen"):
            left_out = unicodedata.normalize("NFKC", piece).strip("[]") if kind == "mark" else "-"
        elif kind == "space":
            space = True
        elif kind == "letters" or not INVISIBLE_CHARACTER.match(piece):
            step()
            run = piece if kind == "letters" else normalize_printing(piece.translate(LIGATURES))
            if run in _QUOTES and not _is_apostrophe(text, match.start()):
                continue
            if run == last == "-":
                continue
            if space and _keeps_space(last, run[0]):
                pieces.append(" ")
                folded.places.append(match.start())
            if left_out:
                folded.left_out[len(folded.places)] = left_out
            pieces.append(run)
            folded.places.extend(range(*match.span()) if kind == "letters" else [match.start()] * len(run))
            last, left_out, space = run[-1], "", False
    folded.words = "".join(pieces)
    return folded


def _is_apostrophe(text: str, at: int) -> bool:
    return text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalpha()


def _keeps_space(before: str, behind: str) -> bool:
    """Whether white space between two characters counts: not beside a dash, nor beside an ideograph."""
    return bool(before) and not (_NO_SPACE_BESIDE.match(before) or _NO_SPACE_BESIDE.match(behind))
