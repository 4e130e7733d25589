"""BM25 over the passages' terms: a score for each passage, to be summed with the vectors' scores.

Only what doesn't change when bulletins come and go is stored: how often each passage has each term.  What depends on
all passages, the rarity of a term and the relative length of a passage, is computed when a question is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings import array_store
from embeddings.errors import IndexUnreadable

KIND = "postings"
_TYPES = {"starts": "<i8", "passages": "<i4", "counts": "<i4", "lengths": "<i4", "vocabulary": "|u1"}

K1 = 1.2
# Less than the usual 0.75, as passages are cut to about one length: on the development set the right passage's mean
# reciprocal rank is 0.64 with 0.75, 0.67 with 0.5; summed with the vectors' scores there is no difference.
B = 0.5

Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
_Short = npt.NDArray[np.int32]


class Postings:
    """Posting lists: which passages have a term, and how often; passages are numbered from 0 as they were given.

    Term i has the entries [starts[i]:starts[i + 1]] of ``passages`` and ``counts``; ``lengths`` are the passages'
    numbers of terms.
    """

    def __init__(self, vocabulary: Sequence[str], starts: Numbers, passages: _Short, counts: _Short, lengths: _Short):
        self.term_ids = {term: number for number, term in enumerate(vocabulary)}
        self.lengths = lengths
        self._starts = starts
        self._passages = passages
        self._counts = counts

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> Postings:
        """Indexes the terms of each passage, in order; a field weighs n-fold when its terms are given n times."""
        term_ids: dict[str, int] = {}
        rows = [[term_ids.setdefault(term, len(term_ids)) for term in document] for document in documents]
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        flat = np.array([number for row in rows for number in row], dtype=np.int64)
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
        pairs, counts = np.unique(flat * max(len(rows), 1) + owners, return_counts=True)
        terms, passages = np.divmod(pairs, max(len(rows), 1))
        starts = np.searchsorted(terms, np.arange(len(term_ids) + 1)).astype(np.int64)
        return cls(list(term_ids), starts, passages.astype(np.int32), counts.astype(np.int32), lengths)

    @classmethod
    def merge(cls, parts: Sequence[tuple[Postings, Numbers]]) -> Postings:
        """Merges the passages of several parts, of each those with its (n,) numbers, in the order of the parts."""
        term_ids: dict[str, int] = {}
        entries, lengths, first = [], [np.empty(0, np.int32)], 0
        for part, rows in parts:
            places = np.full(len(part), -1, dtype=np.int64)
            places[rows] = np.arange(first, first + len(rows))
            ids = np.array([term_ids.setdefault(term, len(term_ids)) for term in part.term_ids], dtype=np.int64)
            terms = np.repeat(ids, np.diff(part._starts))
            passages = places[part._passages]
            entries.append(np.stack((terms, passages, part._counts.astype(np.int64)))[:, passages >= 0])
            lengths.append(part.lengths[rows])
            first += len(rows)
        terms, passages, counts = np.concatenate(entries, axis=1) if entries else np.empty((3, 0), np.int64)
        order = np.lexsort((passages, terms))
        kept_terms = np.unique(terms)  # without those that only dropped passages had
        names = list(term_ids)
        starts = np.searchsorted(terms[order], np.append(kept_terms, len(names))).astype(np.int64)
        return cls(
            [names[term] for term in kept_terms],
            starts,
            passages[order].astype(np.int32),
            counts[order].astype(np.int32),
            np.concatenate(lengths).astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def lookup(self, term: str) -> tuple[_Short, _Short]:
        """Returns the numbers of the passages that have the term, ascending, and how often each has it."""
        number = self.term_ids.get(term)
        entries = slice(0, 0) if number is None else slice(self._starts[number], self._starts[number + 1])
        return self._passages[entries], self._counts[entries]

    def save(self, folder: Path) -> None:
        """Writes the arrays into ``folder`` and waits until the disk has them.

        Raises:
            OSError: the folder can't be written.
        """
        words = np.frombuffer("\n".join(self.term_ids).encode("utf-8", "surrogatepass"), dtype=np.uint8)
        arrays: dict[str, npt.NDArray[Any]] = {"starts": self._starts, "passages": self._passages}
        arrays |= {"counts": self._counts, "lengths": self.lengths, "vocabulary": words}
        array_store.save(folder, KIND, arrays)

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Reads what ``save`` wrote; every file's digest is checked first.

        Raises:
            IndexUnreadable: a file is missing, cut short or changed, or isn't an index of this format.
        """
        arrays = array_store.load(folder, KIND, _TYPES)
        words = arrays["vocabulary"].tobytes().decode("utf-8", "surrogatepass")
        vocabulary = words.split("\n") if words else []
        starts, passages, counts, lengths = (arrays[name] for name in ("starts", "passages", "counts", "lengths"))
        fits = (
            starts.shape == (len(vocabulary) + 1,)
            and (starts[0], starts[-1]) == (0, len(passages))
            and bool((np.diff(starts) >= 0).all())
            and counts.shape == passages.shape
            and (not len(passages) or 0 <= passages.min() <= passages.max() < len(lengths))
        )
        if not fits:
            raise IndexUnreadable("the arrays don't fit one another", where=folder)
        return cls(vocabulary, starts, passages, counts, lengths)


class LexicalIndex:
    """BM25 over the passages of one library, whose postings are in one part or several.  Threads may share it.

    The variant is Lucene's exact one: over the distinct terms of a question, the sum of
    idf * tf / (tf + k1 * (1 - b + b * length / mean length)) with idf = ln(1 + (n - df + 0.5) / (df + 0.5)), so that no
    term counts against a passage; k1 = 1.2, b = 0.5.  After Kamphuis, de Vries, Boytsov and Lin, "Which BM25 Do You
    Mean?" (ECIR 2020).
    """

    def __init__(self, parts: Sequence[Postings], rows: Numbers) -> None:
        """``rows[i]`` is where passage i stands among the parts' passages, in the order of the parts; passages without
        a row don't count."""
        places = np.full(sum(map(len, parts)), -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        lengths = np.concatenate([np.empty(0, np.int32), *(part.lengths for part in parts)])
        mean = float(lengths[rows].mean()) if len(rows) else 0.0
        norms = (K1 * (1 - B + B * lengths / (mean or 1.0))).astype(np.float32)
        ends = np.cumsum([0, *map(len, parts)])
        self._rows = len(rows)
        self._parts = [
            (part, places[start:end], norms[start:end])
            for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True)
        ]

    def scores(self, terms: Iterable[str]) -> Scores:
        """Returns each passage's BM25 score for the distinct terms, shape (n,), 0 where a passage has none."""
        scores = np.zeros(self._rows, dtype=np.float32)
        for term in dict.fromkeys(terms):
            weight = np.float32(self.weight(term))
            for part, places, norms in self._parts:
                passages, counts = part.lookup(term)
                numbers = places[passages]
                is_kept = numbers >= 0
                scores[numbers[is_kept]] += (weight * counts / (counts + norms[passages]))[is_kept]
        return scores

    def coverage(self, terms: Iterable[str]) -> Scores:
        """Returns how much of the question each passage covers, shape (n,), from 0 to 1.

        That is the weights of the distinct terms that stand in it, over the weights of all; 0 if there are no terms.
        """
        weights = {term: self.weight(term) for term in terms}
        covered = np.zeros(self._rows, dtype=np.float32)
        for term, weight in weights.items():
            for numbers in self._holders(term):
                covered[numbers] += weight  # a term's passages are distinct
        return covered / np.float32(sum(weights.values()) or 1.0)

    def weight(self, term: str) -> float:
        """Returns the term's idf, above 0: the rarer, the greater, and greatest for a term that no passage has."""
        n, df = self._rows, self.document_frequency(term)
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def document_frequency(self, term: str) -> int:
        """Returns how many passages have the term."""
        return sum(map(len, self._holders(term)))

    def _holders(self, term: str) -> list[Numbers]:
        numbers = [places[part.lookup(term)[0]] for part, places, _ in self._parts]
        return [kept[kept >= 0] for kept in numbers]
