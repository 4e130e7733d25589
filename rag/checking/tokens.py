"""Text -> the tokens that two printings of the same words share: what ``exact-normalised`` allows, and nothing else.

White space, quotation marks outside words, the kind of dash, full-width forms, ligatures and canonically equivalent
spellings of a letter (Unicode's NFC) don't count; nor do characters that take no room, which whoever compares must look
for in the claim.  Words, numbers, other punctuation and upper case count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.budget import step
from rag.models import Span
from rag.text.cjk import COMPATIBILITY, HAN, HANGUL

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_APOSTROPHES = "'\u2018\u2019\u201a\u201b\u02bc\uff07`\u00b4\u2039\u203a"
_DOUBLE_MARKS = (
    '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f'
    "\u301d\u301e\u301f\uff02\ufe41\ufe42\ufe43\ufe44\uff62\uff63"
)
QUOTATION_MARKS = frozenset(_APOSTROPHES + _DOUBLE_MARKS)
CLOSING_PUNCTUATION = frozenset(
    ".,;:!?-\u2026\u3002\u3001"
)  # as folded; what may be added or changed at a quotation's very end
SENTENCE_END = frozenset(".!?\u3002\u2026")
_PRINTING_FOLDS = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms
    | dict.fromkeys(map(ord, DASHES), "-")
    | dict.fromkeys(map(ord, _APOSTROPHES), "'")
    | dict.fromkeys(map(ord, _DOUBLE_MARKS), '"')
)
LIGATURES = dict(enumerate("ff fi fl ffi ffl st st".split(), 0xFB00))  # for ``str.translate``
_CJK = f"\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff{HAN}{HANGUL}{COMPATIBILITY}\U00020000-\U0003ffff"
SOFT_HYPHEN = "\u00ad"
# Characters that take no room: bidi controls, joiners, soft hyphens, variation selectors, tags.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
_LETTERS = rf"[^\W_{_CJK}](?:[^\W_{_CJK}]|[\u0300-\u036f{INVISIBLE}])*"
_TOKEN = re.compile(
    rf"{_LETTERS}(?:(?:(?<=\d)[.,](?=\d)|'(?=[^\W\d_])){_LETTERS})*"  # words and numbers: Mother's, 21,000, 4.3
    rf"|[{_CJK}]"  # an ideograph each
    r"|-+"
    rf"|[^\s'\"{INVISIBLE}]"
)
INVISIBLE_CHARACTER = re.compile(f"[{INVISIBLE}]")
_WORD = re.compile(r"\w")
_SIGNS = "+$\u00a5\u20ac\u00a3\u00b1\uffe5"  # before a number they are part of it
_UNITS = "%\u2030\u00b0\uff05"  # and these after one


@dataclass(frozen=True, slots=True)
class Token(Span):
    """[start:end] of a text; ``form`` is what tokens are compared by, ``word`` whether it holds a letter or a digit."""

    form: str
    word: bool


def normalize_printing(text: str) -> str:
    """Returns the text with full-width forms, dashes and quotation marks each in one kind; the length stays."""
    return text.translate(_PRINTING_FOLDS)


def token_spans(text: str) -> list[tuple[int, int]]:
    """Returns where the tokens begin and end."""
    return [match.span() for match in _TOKEN.finditer(normalize_printing(text))]


def token_form(token: str) -> str:
    """Returns what a token is compared by."""
    if token.isascii():
        return "-" if token[0] == "-" else token
    return unicodedata.normalize("NFC", INVISIBLE_CHARACTER.sub("", token)).translate(LIGATURES)


def is_word(form: str) -> bool:
    """Whether a form holds a letter or a digit."""
    return _WORD.match(form) is not None


def tokens(text: str) -> tuple[Token, ...]:
    """Returns the text's tokens with their places."""
    step()
    found = _TOKEN.finditer(normalize_printing(text))
    return tuple(Token(match.start(), match.end(), token_form(match[0]), is_word(match[0])) for match in found)


def other_case(form: str) -> str:
    """Returns the form with its first letter in the other case."""
    return form[:1].swapcase() + form[1:]


def strip_closing_punctuation(of: Sequence[Token]) -> Sequence[Token]:
    """Returns the tokens less the punctuation at their very end."""
    last = len(of)
    while last and of[last - 1].form in CLOSING_PUNCTUATION:
        last -= 1
    return of[:last]


def is_single_word(words: Sequence[Token]) -> bool:
    """Whether these are one word, which anybody may have written: two ideographs make one too."""
    return len(words) == 1 or (len(words) == 2 and all(_is_ideograph(word.form) for word in words))


def cuts_word(text: str, span: Span) -> bool:
    """Whether the span begins or ends inside a number or a word: "000 visitors" of "21,000 visitors", "five" of
    "Sixty-five", "4" of "4.3", "5" of "-5" or "5%"."""
    return _cut_before(text, span.start) or _cut_after(text, span.end)


def grow_to_words(text: str, span: Span) -> Span:
    """Returns the span, grown to the whole of a number or a word that it begins or ends inside."""
    start, end = span.start, span.end
    while _cut_before(text, start):
        start -= 1
        while start and text[start - 1].isalnum() and not _is_ideograph(text[start - 1]):
            start -= 1
    while _cut_after(text, end):
        end += 1
        while end < len(text) and text[end].isalnum() and not _is_ideograph(text[end]):
            end += 1
    return Span(start, end)


def _cut_before(text: str, at: int) -> bool:
    if not 0 < at < len(text) or not text[at].isalnum() or _is_ideograph(text[at]):
        return False
    before, further = text[at - 1], text[at - 2] if at > 1 else " "
    if before.isalnum():
        return not _is_ideograph(before)
    if before in _SIGNS:
        return text[at].isdigit()
    if before in DASHES and before not in "\u2014\u2015":
        return text[at].isdigit() if not further.isalnum() else not _is_ideograph(further)
    return before in ".,\uff0c\uff0e" and further.isdigit() and text[at].isdigit()


def _cut_after(text: str, at: int) -> bool:
    if not 0 < at < len(text) or not text[at - 1].isalnum() or _is_ideograph(text[at - 1]):
        return False
    after, further = text[at], text[at + 1] if at + 1 < len(text) else " "
    if after.isalnum():
        return not _is_ideograph(after)
    if after in _UNITS:
        return text[at - 1].isdigit()
    if after in DASHES and after not in "\u2014\u2015":
        return further.isalnum() and not _is_ideograph(further)
    if normalize_printing(after) == "'":
        return further.isalpha() and text[at - 1].isalpha() and not _is_ideograph(further)
    return after in ".,\uff0c\uff0e" and further.isdigit() and text[at - 1].isdigit()


_IDEOGRAPH = re.compile(f"[{_CJK}]")


def _is_ideograph(character: str) -> bool:
    """An ideograph: words of them aren't parted, so none is cut."""
    return _IDEOGRAPH.match(character) is not None
