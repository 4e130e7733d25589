"""Texts that are hard for a pattern, made from it: what a repeat takes, over and over, and then no match."""

from __future__ import annotations

import re
import re._constants as codes  # type: ignore[import-untyped]
import re._parser as parser  # type: ignore[import-untyped]
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# What a class of characters is stood for by, so far as it has it: where two repeats have one in common, either can
# take it, and a matcher that goes back tries all the ways.
_PREFERRED = " a1A-.,\n\u4e00'\u00a4"
_NEVER = "\u00a4"  # is in next to no pattern
_ENDS = (_NEVER, "", "a")
_CATEGORIES = {
    codes.CATEGORY_DIGIT: re.compile(r"\d"),
    codes.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    codes.CATEGORY_SPACE: re.compile(r"\s"),
    codes.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    codes.CATEGORY_WORD: re.compile(r"\w"),
    codes.CATEGORY_NOT_WORD: re.compile(r"\W"),
}
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


@dataclass(frozen=True, slots=True)
class Pump:
    """A text of any length: ``before``, then ``piece`` as often as there is room, then ``end``."""

    before: str
    piece: str
    end: str

    def text(self, length: int) -> str:
        """Of about that many characters."""
        return self.before + self.piece * max(1, (length - len(self.before)) // len(self.piece)) + self.end


def pumps(pattern: re.Pattern[Any], *, characters: int = len(_PREFERRED), ends: int = len(_ENDS)) -> list[Pump]:
    """The hard texts of a pattern, each once: of so many characters and ends, all by default."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(source, pattern.flags)
    made: dict[Pump, None] = {}
    for number, preferred in enumerate(_PREFERRED[:characters]):
        for before, piece in _repeats(tree, _Sampler(preferred, number), ""):
            if piece:
                for end in _ENDS[:ends]:
                    made |= dict.fromkeys((Pump(before, piece, end), Pump("", before + piece, end)))
    return list(made)


def _repeats(tree: Any, sampler: _Sampler, before: str) -> Iterator[tuple[str, str]]:
    """What leads to each repeat, and what it takes."""
    for code, argument in tree:
        for inner in _parts(code, argument):
            yield from _repeats(inner, sampler, before)
        if code in _REPEATS and argument[1] > 1:
            yield before, sampler.text(argument[2])
        before += sampler.one(code, argument)
    yield "", before


def _parts(code: Any, argument: Any) -> list[Any]:
    """The patterns within one."""
    if code in _REPEATS:
        return [argument[2]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.ATOMIC_GROUP:
        return [argument]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [argument[1]]
    return []


class _Sampler:
    """Writes what a pattern matches: with one character wherever it may stand, and one choice of every branch."""

    def __init__(self, preferred: str, choice: int) -> None:
        self._preferred, self._choice = preferred, choice

    def text(self, tree: Any) -> str:
        """Of a sequence."""
        return "".join(self.one(code, argument) for code, argument in tree)

    def one(self, code: Any, argument: Any) -> str:
        """Of one step of it."""
        if code in _REPEATS:
            return self.text(argument[2]) * max(argument[0], 1 if self._choice % 2 == 0 and argument[1] else 0)
        if code is codes.BRANCH:
            options = [text for text in map(self.text, argument[1]) if self._preferred in text]
            return options[0] if options else self.text(argument[1][self._choice % len(argument[1])])
        if code is codes.ASSERT and argument[0] < 0:
            return self.text(argument[1])
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            return ""
        if code is codes.SUBPATTERN or code is codes.ATOMIC_GROUP:
            return self.text(_parts(code, argument)[0])
        return self._character(code, argument)

    def _character(self, code: Any, argument: Any) -> str:
        if code is codes.LITERAL:
            return chr(argument)
        if code is codes.ANY:
            return self._preferred if self._preferred != "\n" else "a"
        if code is codes.NOT_LITERAL:
            return self._liked(lambda character: ord(character) != argument)
        if code is codes.IN:
            return self._liked(lambda character: _is_in(argument, character), *_named(argument))
        return ""

    def _liked(self, fits: Callable[[str], bool], *others: str) -> str:
        for character in (self._preferred, *others[self._choice % max(len(others), 1) :], *others, *_PREFERRED):
            if fits(character):
                return character
        return ""


def _is_in(members: Any, character: str) -> bool:
    negated = members[0][0] is codes.NEGATE
    for code, argument in members:
        if (
            (code is codes.LITERAL and ord(character) == argument)
            or (code is codes.RANGE and argument[0] <= ord(character) <= argument[1])
            or (code is codes.CATEGORY and _CATEGORIES[argument].match(character))
        ):
            return not negated
    return bool(negated)


def _named(members: Any) -> list[str]:
    """The characters that a class names, of a range its first."""
    return [
        chr(argument if code is codes.LITERAL else argument[0])
        for code, argument in members
        if code in (codes.LITERAL, codes.RANGE)
    ]
