"""Misspelt words of a question -> the words of the bulletins, or of English, that are meant."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.models import Span
from rag.query.mentions import Mentions
from rag.text.wordlists import common_words, fold

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MIN_LETTERS = 4  # shorter words are near to too many others
_MIN_LETTERS_ONE_WRONG = 5  # in a shorter word, or one without a vowel, two letters may be swapped
_MIN_LETTERS_TWO_WRONG = 8
_VOWEL = re.compile("[aeiouy]")
# Abbreviated in haste rather than misspelt.
_SHORT_FORMS = {"ppl": "people", "pls": "please", "govt": "government", "intl": "international", "u": "you"}


@dataclass(frozen=True, slots=True)
class Correction(Span):
    """A misspelt word of the question, and the word that is searched for in its place."""

    replacement: str


class Speller:
    """Corrects words by the vocabulary of the bulletins (folded words), then by that of English."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._vocabulary, key=_longest_first):
            if len(word) >= _MIN_LETTERS:
                self._by_letter[word[0]].append(word)

    def corrections(self, question: Mentions) -> tuple[Correction, ...]:
        """The misspelt words of the question, in order.

        A word is misspelt that neither the bulletins nor English have, that names no place, and that differs by a
        letter (by two, if it is long; if it is short or has no vowel, only by a swap) from one that they have; a name
        only by a letter, since names differ by little.
        """
        known = (*question.places, *question.districts)
        corrections = []
        for match in _WORD.finditer(question.text):
            is_known = any(map(Span(*match.span()).overlaps, known))
            if not is_known and (replacement := self._replacement(match[0])):
                corrections.append(Correction(*match.span(), replacement))
        return tuple(corrections)

    def _replacement(self, word: str) -> str | None:
        folded = fold(word).removesuffix("'s")
        if word in _SHORT_FORMS:
            return _SHORT_FORMS[word]
        if len(folded) < _MIN_LETTERS or not (folded.isascii() and folded.isalpha()):
            return None
        if folded in self._vocabulary or folded in common_words():
            return None
        name = word[0].isupper()
        allowed = 2 if len(folded) >= _MIN_LETTERS_TWO_WRONG and not name else 1
        near = self._nearest(folded, self._by_letter[folded[0]], allowed)
        return near if near or name else self._nearest(folded, english_words(folded[0]), allowed)

    @staticmethod
    def _nearest(folded: str, words: list[str], allowed: int) -> str | None:
        if len(folded) < _MIN_LETTERS_ONE_WRONG or not _VOWEL.search(folded):
            letters = sorted(folded)
            words = [word for word in words if len(word) == len(folded) and sorted(word) == letters]
        nearest = process.extractOne(folded, words, scorer=OSA.distance, score_cutoff=allowed)
        return str(nearest[0]) if nearest else None


def apply_corrections(question: str, corrections: Iterable[Correction]) -> str:
    """The question with each misspelt word replaced."""
    for correction in sorted(corrections, key=lambda correction: correction.start, reverse=True):
        question = question[: correction.start] + correction.replacement + question[correction.end :]
    return question


def vocabulary_of(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the texts, folded."""
    return frozenset(fold(word).removesuffix("'s") for text in texts for word in set(_WORD.findall(text)))


@functools.cache
def english_words(letter: str) -> list[str]:
    """The common words of at least four letters that begin with the letter, the longest first."""
    return sorted((w for w in common_words() if w[0] == letter and len(w) >= _MIN_LETTERS), key=_longest_first)


def _longest_first(word: str) -> tuple[int, str]:
    """Of two words that are as near, the longer: letters are rather left out than put in."""
    return -len(word), word
