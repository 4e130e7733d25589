"""An index of the tokens of all stored texts: where a run of tokens stands, word for word or nearly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.budget import step
from rag.checking.tokens import is_word, normalize_printing, other_case, token_form, token_spans
from rag.library.reader import Library
from rag.models import Span
from rag.text.sentences import split_sentences

TokenIds = npt.NDArray[np.int32]
Positions = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
_PUNCTUATION = -2
NO_TOKEN = -1  # between two texts, so that no run goes over
_SEPARATOR = np.array([NO_TOKEN], dtype=np.int32)
_SEPARATOR_SPAN = np.zeros((1, 2), dtype=np.int32)


class TokenIndex:
    """The tokens of every text that the library holds, headlines and footers too; each text once.

    Texts have numbers, whose digests are ``digests``; tokens have ids, one for each form.  ``words`` are the words of
    all texts one after another, without punctuation and case, with ids of their own.  Safe to read from several
    threads.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.digests = list(dict.fromkeys(bulletin.sha256 for bulletin in library.bulletins))
        self._ids: dict[str, int] = {}
        parts: list[TokenIds] = []
        spans: list[TokenIds] = []
        known: dict[str, int] = {}
        for digest in self.digests:
            text = library.text(digest)
            found = token_spans(text)
            parts += [self._token_ids(normalize_printing(text), found, known), _SEPARATOR]
            spans += [np.array(found, dtype=np.int32).reshape(-1, 2), _SEPARATOR_SPAN]
        self._tokens = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
        self._spans = np.concatenate(spans) if spans else np.zeros((0, 2), dtype=np.int32)
        lengths = np.array([len(part) for part in parts], dtype=np.int64)
        self._starts = np.concatenate(([0], np.cumsum(lengths)))[:-1:2] if parts else np.zeros(0, dtype=np.int64)
        self._by_token = _Postings(self._tokens, len(self._ids))
        self._index_words()
        names = [library.by_digest[digest].name for digest in self.digests]
        # No cached method: the cache of one would keep the index, and the library, alive.
        self._sentences_of = lru_cache(2_048)(lambda number: split_sentences(library.cached_text(names[number])))

    def _index_words(self) -> None:
        """Numbers the words anew, punctuation and case left out."""
        self._word_ids: dict[str, int] = {}
        lowered = [
            self._word_ids.setdefault(form.lower(), len(self._word_ids)) if is_word(form) else _PUNCTUATION
            for form in self._ids
        ]
        words = np.array([*lowered, NO_TOKEN], dtype=np.int32)[self._tokens]  # NO_TOKEN, -1, is the last
        kept = np.flatnonzero(words != _PUNCTUATION)
        self.words: TokenIds = words[kept]
        self._word_starts: Positions = np.searchsorted(kept, self._starts)
        self._by_word = _Postings(self.words, len(self._word_ids))
        self._word_spans = self._spans[kept]
        # The places of each two words in a row, so that a pair of common ones is found without reading all of either's.
        pairs = pairs_of(self.words)
        self._pair_order = np.argsort(pairs, kind="stable").astype(np.int32 if len(pairs) < 2**31 else np.int64)
        self._pairs = pairs[self._pair_order]
        counts = np.append(np.diff(self._by_word.bounds), 0)  # that of a word that no text has is the last
        log_total = math.log(max(len(self.words), 3))
        known, of_word = np.unique(counts, return_inverse=True)
        weights = [min(max(1 - math.log(max(count, 1)) / log_total, 0.2), 1.0) for count in known.tolist()]
        self.weights: Weights = np.array(weights)[of_word]

    def _token_ids(self, text: str, spans: Sequence[tuple[int, int]], known: dict[str, int]) -> TokenIds:
        tokens = [text[start:end] for start, end in spans]
        for token in dict.fromkeys(tokens):  # in order, so that two servers number them alike
            if token not in known:
                known[token] = self._ids.setdefault(token_form(token), len(self._ids))
        return np.fromiter(map(known.__getitem__, tokens), dtype=np.int32, count=len(tokens))

    def text(self, number: int) -> str:
        """Returns the text with that number, for looking at; what is shown is cut from ``library.text`` anew."""
        return self.library.cached_text(self.library.by_digest[self.digests[number]].name)

    def token_span(self, number: int, first: int, last: int) -> Span:
        """Returns where tokens ``first`` to ``last`` of the text with that number stand."""
        start = int(self._starts[number])
        return Span(int(self._spans[start + first, 0]), int(self._spans[start + last, 1]))

    def word_span(self, number: int, word: int) -> Span:
        """Returns where a word of ``text_words`` stands in its text."""
        start, end = self._word_spans[int(self._word_starts[number]) + word].tolist()
        return Span(start, end)

    def sentence_of_word(self, number: int, word: int) -> int:
        """Returns which of a text's sentences a word of ``text_words`` is in."""
        return self.sentence_at(number, self.word_span(number, word).start)

    def sentence_at(self, number: int, offset: int) -> int:
        """Returns which of a text's sentences the character at that offset is in."""
        return bisect_right(self._sentences_of(number), offset, key=lambda sentence: sentence.start) - 1

    def find(self, forms: Sequence[str]) -> tuple[Positions, Positions]:
        """Returns where these forms stand one after another: the numbers of the texts, and the run's first token in
        each, both ``(n,)``.  The first letter of the first form may be in the other case."""
        spellings = [{forms[0], other_case(forms[0])}, *({form} for form in forms[1:])]
        choices = [[self._ids[form] for form in forms if form in self._ids] for forms in spellings]
        if not all(choices):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        rarest = min(range(len(choices)), key=lambda n: sum(map(self._by_token.count, choices[n])))
        at = np.concatenate([self._by_token.positions(id_) for id_ in choices[rarest]]) - rarest
        at = at[(at >= 0) & (at + len(choices) <= len(self._tokens))]
        for n, choice in enumerate(choices):
            step()
            if not at.size:
                break
            if n != rarest:
                here = self._tokens[at + n]
                at = at[(here == choice[0]) | (here == choice[-1])]
        at.sort()
        texts = np.searchsorted(self._starts, at, side="right") - 1
        return texts, at - self._starts[texts]

    def word_id(self, form: str) -> int:
        """Returns a word's id among ``words``; -1 for one that no text has."""
        return self._word_ids.get(form.lower(), NO_TOKEN)

    def weight(self, word: int) -> float:
        """Returns how telling a word is: 1 for one that stands once or nowhere, down to 0.2 for the commonest."""
        return float(self.weights[word])

    def count(self, word: int) -> int:
        """Returns how often the word with that id stands in all texts."""
        return self._by_word.count(word) if word >= 0 else 0

    def positions(self, word: int) -> Positions:
        """Returns where the word with that id stands among ``words``, in order."""
        return self._by_word.positions(word) if word >= 0 else np.zeros(0, dtype=np.int64)

    def pair_positions(self, first: int, second: int) -> Positions:
        """Returns where two words, given by their ids, stand one after the other, in order."""
        start, end = np.searchsorted(self._pairs, [pair := first << 32 | second, pair + 1])
        positions: Positions = self._pair_order[start:end].astype(np.int64)
        return positions

    def text_at(self, positions: Positions) -> Positions:
        """Returns the numbers of the texts that these positions among ``words`` are in."""
        return np.searchsorted(self._word_starts, positions, side="right") - 1

    def text_words(self, number: int) -> TokenIds:
        """Returns the words of one text by their ids."""
        starts = self._word_starts
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(self.words) - 1
        return self.words[starts[number] : end]


def pairs_of(words: TokenIds) -> Positions:
    """Returns each two words in a row, by their ids, as one number; ``NO_TOKEN`` where one has none."""
    firsts, seconds = words[:-1].astype(np.int64), words[1:].astype(np.int64)
    return np.where((firsts >= 0) & (seconds >= 0), firsts << 32 | seconds, NO_TOKEN)


class _Postings:
    """For each id, the positions where it stands, in order."""

    def __init__(self, ids: TokenIds, count: int) -> None:
        order = np.argsort(ids, kind="stable")
        self.bounds = np.searchsorted(ids[order], np.arange(count + 1))
        self._order = order.astype(np.int32 if len(ids) < 2**31 else np.int64)

    def count(self, id_: int) -> int:
        return int(self.bounds[id_ + 1] - self.bounds[id_])

    def positions(self, id_: int) -> Positions:
        positions: Positions = self._order[self.bounds[id_] : self.bounds[id_ + 1]].astype(np.int64)
        return positions
