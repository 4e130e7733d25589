"""Misspelt words of a question -> the words of the bulletins, or of English, that are meant."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.text import districts
from rag.text.places import places
from rag.text.wordlists import common, fold

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SHORTEST = 4  # letters; shorter words are near to too many others
_FAR = 5  # letters from which one may be wrong; in a shorter word, or one without a vowel, two may be swapped
_VOWEL = re.compile("[aeiouy]")
_LONG = 8  # letters from which two may be wrong
# Written by haste rather than by mistake.
_SHORT_FORMS = {"ppl": "people", "pls": "please", "govt": "government", "intl": "international", "u": "you"}


@dataclass(frozen=True, slots=True)
class Correction:
    """The word at [start:end] of the question, and what is searched for in its place."""

    start: int
    end: int
    instead: str


class Speller:
    """Knows every word of the bulletins, folded; they come before those of English."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._own = frozenset(vocabulary)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._own, key=_longest_first):
            if len(word) >= _SHORTEST:
                self._by_letter[word[0]].append(word)

    def corrections(self, words: str) -> tuple[Correction, ...]:
        """The misspelt words, in order.

        A word is misspelt that neither the bulletins nor English have, that names no place, and that differs by a
        letter (by two, if it is long; if it is short or has no vowel, only by a swap) from one that they have; a name
        only by a letter, since names differ by little.
        """
        known = [(place.start, place.end) for place in places(words, question=True)]
        known += [(mention.start, mention.end) for mention in districts.mentions(words)]
        found = []
        for match in _WORD.finditer(words):
            if any(start < match.end() and match.start() < end for start, end in known):
                continue
            if instead := self._meant(match[0]):
                found.append(Correction(match.start(), match.end(), instead))
        return tuple(found)

    def _meant(self, word: str) -> str | None:
        folded = fold(word).removesuffix("'s")
        if word in _SHORT_FORMS:
            return _SHORT_FORMS[word]
        if len(folded) < _SHORTEST or not (folded.isascii() and folded.isalpha()):
            return None
        if folded in self._own or folded in common():
            return None
        name = word[0].isupper()
        allowed = 2 if len(folded) >= _LONG and not name else 1
        near = self._nearest(folded, self._by_letter[folded[0]], allowed)
        return near if near or name else self._nearest(folded, _english(folded[0]), allowed)

    @staticmethod
    def _nearest(folded: str, words: list[str], allowed: int) -> str | None:
        if len(folded) < _FAR or not _VOWEL.search(folded):
            letters = sorted(folded)
            words = [word for word in words if len(word) == len(folded) and sorted(word) == letters]
        found = process.extractOne(folded, words, scorer=OSA.distance, score_cutoff=allowed)
        return str(found[0]) if found else None


def corrected(words: str, corrections: Iterable[Correction]) -> str:
    """The words with what is meant in the misspelt ones' places."""
    for one in sorted(corrections, key=lambda one: one.start, reverse=True):
        words = words[: one.start] + one.instead + words[one.end :]
    return words


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the texts, folded."""
    return frozenset(fold(word).removesuffix("'s") for text in texts for word in set(_WORD.findall(text)))


@functools.cache
def _english(letter: str) -> list[str]:
    return sorted((w for w in common() if w[0] == letter and len(w) >= _SHORTEST), key=_longest_first)


def _longest_first(word: str) -> tuple[int, str]:
    """Of two words that are as near, the longer: letters are rather left out than put in."""
    return -len(word), word
