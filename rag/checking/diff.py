"""The difference between true words and claimed ones, in runs of words that a person can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from rag.budget import step
from rag.checking.homoglyphs import invisible_characters, replace_homoglyphs
from rag.checking.models import Difference, DifferenceKind, EditOperation
from rag.checking.quotation_words import BRACKET
from rag.checking.tokens import CLOSING_PUNCTUATION, SENTENCE_END, Token, other_case, tokens
from rag.models import Span
from rag.text.cjk import CHINESE
from rag.text.numbers import numbers

_NEGATIONS = frozenset(
    "not no never neither nor none nobody nothing nowhere without cannot hardly barely scarcely unable "
    "fail failed fails refused 不 没 未 无 非 否 别 勿 莫".split()
)

_TITLES = frozenset("Mr Mrs Ms Mx Dr Prof St No".split())  # whose full stop ends no sentence
_LETTERS = re.compile(r"[^\W\d_]+")
_NEGATABLE = re.compile(rf"[^\W\d_{CHINESE}]+(?:['\u2019]t)?|[{CHINESE}]")


def differences(claimed: str, true: str) -> tuple[Difference, ...]:
    """Returns what turns the true words into the claimed ones; what ``exact-normalised`` allows is no difference.

    Both hold a word.
    """
    claimed_tokens, true_tokens = _bracketed_tokens(claimed), list(tokens(true))
    claimed_forms, true_forms = _comparable_forms(claimed_tokens, true_tokens)
    changes: list[Difference] = []
    for true_span, claimed_span in _changed_spans(true_forms, claimed_forms):
        step()
        claimed_words = _text_of(claimed, claimed_tokens[claimed_span.start : claimed_span.end])
        true_words = _text_of(true, true_tokens[true_span.start : true_span.end])
        opening = _opens_sentence(claimed_tokens, claimed_span.start) or _opens_sentence(true_tokens, true_span.start)
        kind = _kind(claimed_words, true_words, opening=opening)
        changes.append(Difference(_operation(claimed_words, true_words), claimed_words, true_words, kind))
    return tuple(changes)


def _operation(claimed: str, true: str) -> EditOperation:
    if BRACKET.search(claimed):
        return "bracket"
    if claimed and true:
        return "replace"
    return "insert" if claimed else "delete"


def _changed_spans(true: Sequence[str], claimed: Sequence[str]) -> list[tuple[Span, Span]]:
    """The stretches of both that differ, those that stand side by side as one."""
    spans: list[tuple[Span, Span]] = []
    for code in Levenshtein.opcodes(true, claimed):
        if code.tag == "equal":
            continue
        in_true, in_claimed = Span(code.src_start, code.src_end), Span(code.dest_start, code.dest_end)
        if spans and (spans[-1][0].end, spans[-1][1].end) == (in_true.start, in_claimed.start):
            before_true, before_claimed = spans.pop()
            in_true, in_claimed = Span(before_true.start, in_true.end), Span(before_claimed.start, in_claimed.end)
        spans.append((in_true, in_claimed))
    return spans


def _comparable_forms(claimed: Sequence[Token], true: Sequence[Token]) -> tuple[list[str], list[str]]:
    """What the tokens are compared by: the first letter's case and the closing punctuation aside."""
    claimed_forms, true_forms = [token.form for token in claimed], [token.form for token in true]
    if claimed_forms[0] == other_case(true_forms[0]):
        claimed_forms[0] = true_forms[0]
    if {claimed_forms[-1], true_forms[-1]} <= CLOSING_PUNCTUATION:
        claimed_forms[-1] = true_forms[-1]
    return claimed_forms, true_forms


def _bracketed_tokens(claimed: str) -> list[Token]:
    """The tokens, each bracketed insertion as one; a token with a character that takes no room is its own."""
    merged = []
    start = 0
    for bracket in BRACKET.finditer(claimed):
        merged += _tokens_of_part(claimed, start, bracket.start())
        merged.append(Token(bracket.start(), bracket.end(), bracket[0], True))
        start = bracket.end()
    return [*merged, *_tokens_of_part(claimed, start, len(claimed))]


def _tokens_of_part(claimed: str, start: int, end: int) -> list[Token]:
    shifted = [replace(t, start=t.start + start, end=t.end + start) for t in tokens(claimed[start:end])]
    return [replace(t, form=t.of(claimed)) if invisible_characters(t.of(claimed)) else t for t in shifted]


def _text_of(text: str, of_tokens: Sequence[Token]) -> str:
    return Span(of_tokens[0].start, of_tokens[-1].end).of(text) if of_tokens else ""


def _kind(claimed: str, true: str, *, opening: bool) -> DifferenceKind:
    """The most telling thing that differs."""
    if _negates(claimed) != _negates(true):
        return "negation"
    if _appearance(claimed) == _appearance(true):
        return "character"
    if [n.value for n in numbers(claimed)] != [n.value for n in numbers(true)] or re.search(r"\d", claimed + true):
        return "number"
    if not re.search(r"\w", claimed + true):
        return "punctuation"
    if claimed.casefold() == true.casefold():
        return "case"
    sides = ((claimed, true), (true, claimed))
    return "name" if any(_holds_name(side, other, opening=opening) for side, other in sides) else "word"


def _opens_sentence(of: Sequence[Token], number: int) -> bool:
    ends = number > 0 and of[number - 1].form in SENTENCE_END
    return number == 0 or (ends and (number < 2 or of[number - 2].form not in _TITLES))


def _holds_name(side: str, other: str, *, opening: bool) -> bool:
    """Whether a word is in upper case that the other side doesn't have in lower case; a sentence's first word is
    whatever it is."""
    lowered = set(_LETTERS.findall(other.casefold()))
    for word in _LETTERS.finditer(side):
        before = side[: word.start()].rstrip()
        first = before[-1] in SENTENCE_END if before else opening
        if word[0][0].isupper() and not first and word[0].casefold() not in lowered:
            return True
    return False


def _negates(text: str) -> bool:
    words = (word.lower() for word in _NEGATABLE.findall(text))
    return any(word in _NEGATIONS or word.endswith(("n't", "n\u2019t")) for word in words)


def _appearance(text: str) -> str:
    return "".join(token.form for token in tokens(replace_homoglyphs(text)))
