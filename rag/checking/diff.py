"""True words and claimed ones -> what differs, in runs of words that a person can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from rag.checking.homoglyphs import seen, unseen
from rag.checking.models import Changed, Difference, Op
from rag.checking.tokens import ENDING, Token, other_case, tokens
from rag.models import Span
from rag.text.numbers import numbers

BRACKET = re.compile(r"\[[^\[\]\r\n]{1,300}\]")
_NEGATIONS = frozenset(
    "not no never neither nor none nobody nothing nowhere without cannot hardly barely scarcely unable "
    "fail failed fails refused 不 没 未 无 非 否 别 勿 莫".split()
)

_NEGATABLE = re.compile(r"[^\W\d_\u3400-\u9fff]+(?:['\u2019]t)?|[\u3400-\u9fff]")


def differences(claimed: str, true: str) -> tuple[Difference, ...]:
    """What turns the true words into the claimed ones; what ``exact-normalised`` allows is no difference."""
    mine, its = _with_brackets(claimed), list(tokens(true))
    own, other = _forms(mine, its)
    found: list[Difference] = []
    for there, here in _changes(other, own):
        said, stands = _slice(claimed, mine[here.start : here.end]), _slice(true, its[there.start : there.end])
        op: Op = "bracket" if BRACKET.search(said) else "replace" if said and stands else "insert" if said else "delete"
        found.append(Difference(op, said, stands, _of(said, stands, opening=here.start == 0)))
    return tuple(found)


def _changes(true: Sequence[str], claimed: Sequence[str]) -> list[tuple[Span, Span]]:
    """The stretches of both that differ, those that stand side by side as one."""
    found: list[tuple[Span, Span]] = []
    for code in Levenshtein.opcodes(true, claimed):
        if code.tag == "equal":
            continue
        stands, said = Span(code.src_start, code.src_end), Span(code.dest_start, code.dest_end)
        if found and (found[-1][0].end, found[-1][1].end) == (stands.start, said.start):
            stands, said = Span(found[-1][0].start, stands.end), Span(found.pop()[1].start, said.end)
        found.append((stands, said))
    return found


def _forms(mine: Sequence[Token], its: Sequence[Token]) -> tuple[list[str], list[str]]:
    """What the tokens are compared by: the first letter's case and the closing punctuation aside."""
    own, other = [token.form for token in mine], [token.form for token in its]
    if own and other and own[0] != other[0] and own[0] == other_case(other[0]):
        own[0] = other[0]
    if own and other and {own[-1], other[-1]} <= ENDING:
        own[-1] = other[-1]
    return own, other


def _with_brackets(claimed: str) -> list[Token]:
    """The tokens, each bracketed insertion as one; a token with a character that takes no room is its own."""
    found = []
    at = 0
    for bracket in BRACKET.finditer(claimed):
        found += _moved(claimed, at, bracket.start())
        found.append(Token(bracket.start(), bracket.end(), bracket[0], True))
        at = bracket.end()
    return [*found, *_moved(claimed, at, len(claimed))]


def _moved(claimed: str, start: int, end: int) -> list[Token]:
    found = [replace(t, start=t.start + start, end=t.end + start) for t in tokens(claimed[start:end])]
    return [replace(t, form=t.of(claimed)) if unseen(t.of(claimed)) else t for t in found]


def _slice(text: str, of: Sequence[Token]) -> str:
    return Span(of[0].start, of[-1].end).of(text) if of else ""


def _of(claimed: str, true: str, *, opening: bool) -> Changed:
    """The most telling thing that differs."""
    if _negates(claimed) != _negates(true):
        return "negation"
    if _looks(claimed) == _looks(true):
        return "character"
    if [n.value for n in numbers(claimed)] != [n.value for n in numbers(true)] or re.search(r"\d", claimed + true):
        return "number"
    if not re.search(r"\w", claimed + true):
        return "punctuation"
    if claimed.casefold() == true.casefold():
        return "case"
    # A sentence's first word is in upper case whatever it is.
    capitals = (re.search(r"(?<=\W)[^\W\d_]" if opening else r"\b[^\W\d_]", side) for side in (claimed, true))
    return "name" if any(capital and capital[0].isupper() for capital in capitals) else "word"


def _negates(text: str) -> bool:
    words = (word.lower() for word in _NEGATABLE.findall(text))
    return any(word in _NEGATIONS or word.endswith(("n't", "n\u2019t")) for word in words)


def _looks(text: str) -> str:
    return "".join(token.form for token in tokens(seen(text)))
