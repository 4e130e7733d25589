"""Misspelt words of a question -> the words of the bulletins, or of English, that are meant."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.budget import step
from rag.models import Span
from rag.query.mentions import Mentions
from rag.text.wordlists import common_words, fold

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MIN_LETTERS = 4  # shorter words are near to too many others
_MIN_LETTERS_ONE_WRONG = 5  # in a shorter word, or one without a vowel, two letters may be swapped
_MIN_LETTERS_TWO_WRONG = 8
# The endings of a word in another form, and what stands in their place in the word itself.
_FORMS = tuple(
    (re.compile(f"(?:{ending})$"), stem)
    for ending, stem in (
        (r"(?<=[^sxzy])s|(?<=[aeiou]y)s", ""),
        (r"(?<=[sxzo])es|(?<=[cs]h)es", ""),
        (r"ie[sd]", "y"),
        (r"(?:ed|ing)", ""),
        (r"(?:ed|ing)", "e"),
    )
)
_VOWEL = re.compile("[aeiouy]")
# Abbreviated in haste rather than misspelt.
_SHORT_FORMS = {"ppl": "people", "pls": "please", "govt": "government", "intl": "international", "u": "you"}


@dataclass(frozen=True, slots=True)
class Correction(Span):
    """A misspelt word of the question, and the word that is searched for in its place."""

    replacement: str

    def written_as(self, typed: str) -> str:
        """The replacement with the typed word's capitals, and that of a name, which English has no small word for."""
        if typed.isupper() and len(typed) > 1:
            return self.replacement.upper()
        is_name = not any(form in common_words() for form in (self.replacement, *_other_forms(self.replacement)))
        return self.replacement.capitalize() if typed[0].isupper() or is_name else self.replacement


class Speller:
    """Corrects words by the vocabulary of the bulletins (folded words), then by that of English."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._by_letter = _by_first_letter(self._vocabulary)

    def corrections(self, question: Mentions) -> tuple[Correction, ...]:
        """The misspelt words of the question, in order.

        A word is misspelt that neither the bulletins nor English have in any form, that names no place, and that
        differs by a letter (by two, if it is long; if it is short or has no vowel, only by a swap) from one that they
        have; a name only by a letter, since names differ by little.
        """
        known = (*question.places, *question.districts)
        corrections = []
        for match in _WORD.finditer(question.text):
            step()
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
        if any(form in self._vocabulary or form in common_words() for form in (folded, *_other_forms(folded))):
            return None
        name = word[0].isupper()
        allowed = 2 if len(folded) >= _MIN_LETTERS_TWO_WRONG and not name else 1
        near = self._nearest(folded, self._by_letter.get(folded[0], []), allowed)
        if not near and not name:
            near = self._nearest(folded, english_words(folded[0]), allowed)
        return None if near and folded in _other_forms(near) else near

    @staticmethod
    def _nearest(folded: str, words: list[str], allowed: int) -> str | None:
        if len(folded) < _MIN_LETTERS_ONE_WRONG or not _VOWEL.search(folded):
            letters = sorted(folded)
            words = [word for word in words if len(word) == len(folded) and sorted(word) == letters]
        nearest = process.extractOne(folded, words, scorer=OSA.distance, score_cutoff=allowed)
        return str(nearest[0]) if nearest else None


def _other_forms(word: str) -> set[str]:
    """The words that it may be a regular plural or a form of the verb of: "saturday" of "saturdays"."""
    return {ending.sub(stem, word) for ending, stem in _FORMS if ending.search(word)}


def apply_corrections(question: str, corrections: Iterable[Correction]) -> str:
    """The question with each misspelt word replaced."""
    for correction in sorted(corrections, key=lambda correction: correction.start, reverse=True):
        question = question[: correction.start] + correction.replacement + question[correction.end :]
    return question


def vocabulary_of(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the texts, folded."""
    return frozenset(fold(word).removesuffix("'s") for text in texts for word in set(_WORD.findall(text)))


def english_words(letter: str) -> list[str]:
    """The common words of at least four letters that begin with the letter, the longest first."""
    return _english_by_first_letter().get(letter, [])


@functools.cache
def _english_by_first_letter() -> dict[str, list[str]]:
    return _by_first_letter(common_words())


def _by_first_letter(words: Iterable[str]) -> dict[str, list[str]]:
    """The words of at least four letters by their first, the longest first.

    Of two words that are as near, the longer is meant: letters are rather left out than put in.
    """
    by_letter: dict[str, list[str]] = {}
    for word in sorted(sorted(word for word in words if len(word) >= _MIN_LETTERS), key=len, reverse=True):
        by_letter.setdefault(word[0], []).append(word)
    return by_letter
