"""All stored texts as numbered tokens: where a run of tokens stands, word for word or nearly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.checking.tokens import form, is_word, other_case, plain, spans
from rag.library.reader import Library
from rag.models import Span
from rag.text.sentences import split

Numbers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
_NO_WORD = -2
NOWHERE = -1  # between two texts, so that no run goes over
_BETWEEN = np.array([NOWHERE], dtype=np.int32)
_NO_PLACE = np.zeros((1, 2), dtype=np.int32)


class Corpus:
    """The tokens of every text that the library holds, headlines and footers too; each text once.

    ``digests`` are the texts, by number.  Tokens are numbered by their form; ``words`` leaves punctuation and case out,
    for what is not quite the same.  Safe to read from several threads.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.digests = list(dict.fromkeys(bulletin.sha256 for bulletin in library.bulletins))
        self._numbers: dict[str, int] = {}
        parts: list[Numbers] = []
        places: list[Numbers] = []
        raw: dict[str, int] = {}
        for digest in self.digests:
            text = library.text(digest)
            found = spans(text)
            parts += [self._numbered(plain(text), found, raw), _BETWEEN]
            places += [np.array(found, dtype=np.int32).reshape(-1, 2), _NO_PLACE]
        self._tokens = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
        self._places = np.concatenate(places) if places else np.zeros((0, 2), dtype=np.int32)
        lengths = np.array([len(part) for part in parts], dtype=np.int64)
        self._starts = np.concatenate(([0], np.cumsum(lengths)))[:-1:2] if parts else np.zeros(0, dtype=np.int64)
        self._by_token = _Postings(self._tokens, len(self._numbers))
        self._lowered: dict[str, int] = {}
        low = [
            self._lowered.setdefault(f.lower(), len(self._lowered)) if is_word(f) else _NO_WORD for f in self._numbers
        ]
        lowered = np.array([*low, NOWHERE], dtype=np.int32)[self._tokens]  # NOWHERE is the last
        kept = np.flatnonzero(lowered != _NO_WORD)
        self.words: Numbers = lowered[kept]
        self.word_starts: Places = np.searchsorted(kept, self._starts)
        self._by_word = _Postings(self.words, len(self._lowered))
        self._word_places = self._places[kept]
        library, digests = self.library, self.digests  # not self: it would keep itself, and the library, alive

        @lru_cache(maxsize=2_048)
        def sentences_of(number: int) -> tuple[Span, ...]:
            return tuple(split(library.cached_text(library.by_digest[digests[number]].name)))

        self._sentences_of = sentences_of

    def _numbered(self, text: str, found: Sequence[tuple[int, int]], raw: dict[str, int]) -> Numbers:
        tokens = [text[start:end] for start, end in found]
        for token in set(tokens).difference(raw):
            raw[token] = self._numbers.setdefault(form(token), len(self._numbers))
        return np.fromiter(map(raw.__getitem__, tokens), dtype=np.int32, count=len(tokens))

    def text(self, number: int) -> str:
        """The text with that number, for looking at; what is shown is cut from ``library.text`` anew."""
        return self.library.cached_text(self.library.by_digest[self.digests[number]].name)

    def span(self, number: int, first: int, last: int) -> Span:
        """Where tokens ``first`` to ``last`` of the text with that number stand."""
        at = int(self._starts[number])
        return Span(int(self._places[at + first, 0]), int(self._places[at + last, 1]))

    def sentences(self, number: int) -> tuple[Span, ...]:
        """The sentences of the text with that number; together they are all of it."""
        return self._sentences_of(number)

    def word_span(self, number: int, place: int) -> Span:
        """Where a word of ``words_of`` stands in its text."""
        start, end = self._word_places[int(self.word_starts[number]) + place].tolist()
        return Span(start, end)

    def sentence_of_word(self, number: int, place: int) -> int:
        """Which of a text's sentences a word of ``words_of`` is in."""
        return self.sentence_at(number, self.word_span(number, place).start)

    def sentence_at(self, number: int, place: int) -> int:
        """Which of a text's sentences the character at that place is in."""
        return bisect_right(self.sentences(number), place, key=lambda sentence: sentence.start) - 1

    def find(self, wanted: Sequence[str]) -> tuple[Places, Places]:
        """Where these forms stand in this order, ``(n,)`` each: the numbers of the texts, and of the run's first token
        in them.  The first letter of the first may be in the other case."""
        first = {self._numbers.get(wanted[0]), self._numbers.get(other_case(wanted[0]))} - {None}
        rest = [self._numbers.get(one) for one in wanted[1:]]
        if not first or None in rest:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        choices: list[list[int]] = [[one for one in first if one is not None], *([one or 0] for one in rest)]
        rarest = min(range(len(choices)), key=lambda n: sum(map(self._by_token.count, choices[n])))
        at = np.concatenate([self._by_token.places(one) for one in choices[rarest]]) - rarest
        at = at[(at >= 0) & (at + len(choices) <= len(self._tokens))]
        for n, choice in enumerate(choices):
            if n != rarest:
                here = self._tokens[at + n]
                at = at[(here == choice[0]) | (here == choice[-1])]
        at.sort()
        texts = np.searchsorted(self._starts, at, side="right") - 1
        return texts, at - self._starts[texts]

    def number(self, form: str) -> int:
        """A word's number among ``words``; -1 for one that no text has."""
        return self._lowered.get(form.lower(), NOWHERE)

    def weight(self, number: int) -> float:
        """How telling a word is: 1 for one that stands once or nowhere, down to 0.2 for the commonest."""
        count = self._by_word.count(number) if number >= 0 else 0
        whole = math.log(max(len(self.words), 3))
        return min(max(1 - math.log(max(count, 1)) / whole, 0.2), 1.0)

    def places(self, number: int) -> Places:
        """Where among ``words`` the word with that number stands, in order."""
        return self._by_word.places(number) if number >= 0 else np.zeros(0, dtype=np.int64)

    def text_at(self, places: Places) -> Places:
        """The numbers of the texts that these places among ``words`` are in."""
        return np.searchsorted(self.word_starts, places, side="right") - 1

    def words_of(self, number: int) -> Numbers:
        """The words of one text, numbered."""
        end = self.word_starts[number + 1] - 1 if number + 1 < len(self.word_starts) else len(self.words) - 1
        return self.words[self.word_starts[number] : end]


class _Postings:
    """For each number, the places where it stands, in order."""

    def __init__(self, numbers: Numbers, most: int) -> None:
        order = np.argsort(numbers, kind="stable")
        self._bounds = np.searchsorted(numbers[order], np.arange(most + 1))
        self._order = order.astype(np.int32 if len(numbers) < 2**31 else np.int64)

    def count(self, number: int) -> int:
        return int(self._bounds[number + 1] - self._bounds[number])

    def places(self, number: int) -> Places:
        found: Places = self._order[self._bounds[number] : self._bounds[number + 1]].astype(np.int64)
        return found
