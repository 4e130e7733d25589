"""BM25 over the passages' terms: a score for each passage, to be summed with the vectors' scores.

What is stored is what doesn't change when bulletins come and go: which passage has which term how often.  What depends
on all passages, how rare a term is and how long a passage is beside the others, is counted when a question is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings import array_store
from embeddings.errors import IndexUnreadable
from rag.errors import LibraryDamaged

KIND = "postings"
REBUILD = "Run: python -m rag index"
_TYPES = {"starts": "<i8", "passages": "<i4", "counts": "<i4", "lengths": "<i4", "vocabulary": "|u1"}

K1 = 1.2
# Less than the usual 0.75, as passages are cut to about one length: on the development set the right passage's mean
# reciprocal rank is 0.64 with 0.75, 0.67 with 0.5; summed with the vectors' scores there is no difference.
B = 0.5

Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
_Short = npt.NDArray[np.int32]


class Postings:
    """Which passages have a term, and how often; passages are numbered from 0 in the order they were given.

    Term i has the entries [starts[i]:starts[i + 1]] of ``passages`` and ``counts``; ``lengths`` are the passages'
    numbers of terms.
    """

    def __init__(self, vocabulary: Sequence[str], starts: Numbers, passages: _Short, counts: _Short, lengths: _Short):
        self.numbers = {term: number for number, term in enumerate(vocabulary)}
        self.lengths = lengths
        self._starts = starts
        self._passages = passages
        self._counts = counts

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> Postings:
        """Index the terms of each passage, in order; there may be none of either.

        A field weighs n-fold when its terms are given n times.
        """
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(term, len(numbers)) for term in document] for document in documents]
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        flat = np.array([number for row in rows for number in row], dtype=np.int64)
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
        pairs, counts = np.unique(flat * max(len(rows), 1) + owners, return_counts=True)
        held, passages = np.divmod(pairs, max(len(rows), 1))
        starts = np.searchsorted(held, np.arange(len(numbers) + 1)).astype(np.int64)
        return cls(list(numbers), starts, passages.astype(np.int32), counts.astype(np.int32), lengths)

    @classmethod
    def merge(cls, parts: Sequence[tuple[Postings, Numbers]]) -> Postings:
        """The passages of several, each part's as its (n,) numbers name them, one part's after another's."""
        numbers: dict[str, int] = {}
        found, lengths, first = [], [np.empty(0, np.int32)], 0
        for part, rows in parts:
            places = np.full(len(part), -1, dtype=np.int64)
            places[rows] = np.arange(first, first + len(rows))
            own = np.array([numbers.setdefault(term, len(numbers)) for term in part.numbers], dtype=np.int64)
            terms = np.repeat(own, np.diff(part._starts))
            passages = places[part._passages]
            found.append(np.stack((terms, passages, part._counts.astype(np.int64)))[:, passages >= 0])
            lengths.append(part.lengths[rows])
            first += len(rows)
        terms, passages, counts = np.concatenate(found, axis=1) if found else np.empty((3, 0), np.int64)
        order = np.lexsort((passages, terms))
        # Terms that only passages left out had are left out too.
        held = np.unique(terms)
        names = list(numbers)
        starts = np.searchsorted(terms[order], np.append(held, len(names))).astype(np.int64)
        return cls(
            [names[number] for number in held],
            starts,
            passages[order].astype(np.int32),
            counts[order].astype(np.int32),
            np.concatenate(lengths).astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def of(self, term: str) -> tuple[_Short, _Short]:
        """The numbers of the passages that have the term, ascending, and how often each has it."""
        number = self.numbers.get(term)
        own = slice(0, 0) if number is None else slice(self._starts[number], self._starts[number + 1])
        return self._passages[own], self._counts[own]

    def save(self, folder: Path) -> None:
        """Write the arrays into ``folder`` and wait until the disk has them.

        Raises:
            OSError: the folder can't be written.
        """
        words = np.frombuffer("\n".join(self.numbers).encode("utf-8", "surrogatepass"), dtype=np.uint8)
        found: dict[str, npt.NDArray[Any]] = {
            "starts": self._starts,
            "passages": self._passages,
            "counts": self._counts,
            "lengths": self.lengths,
            "vocabulary": words,
        }
        array_store.save(folder, KIND, found)

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Read what :meth:`save` wrote, every file's digest checked first.

        Raises:
            LibraryDamaged: a file is missing, cut short or changed, or isn't an index of this format.
        """
        try:
            found = array_store.load(folder, KIND, _TYPES)
        except IndexUnreadable as error:
            raise LibraryDamaged(error.what, where=error.where, remedy=REBUILD) from error
        words = found["vocabulary"].tobytes().decode("utf-8", "surrogatepass")
        vocabulary = words.split("\n") if words else []
        starts, passages, counts, lengths = (found[name] for name in ("starts", "passages", "counts", "lengths"))
        fits = (
            starts.shape == (len(vocabulary) + 1,)
            and (starts[0], starts[-1]) == (0, len(passages))
            and bool((np.diff(starts) >= 0).all())
            and counts.shape == passages.shape
            and (not len(passages) or 0 <= passages.min() <= passages.max() < len(lengths))
        )
        if not fits:
            raise LibraryDamaged("the arrays don't fit one another", where=folder, remedy=REBUILD)
        return cls(vocabulary, starts, passages, counts, lengths)


class LexicalIndex:
    """The passages of one library, whose terms are stored in one place or several.  Safe to read from several threads.

    The variant is Lucene's exact one: over the distinct terms of a question, the sum of
    idf * tf / (tf + k1 * (1 - b + b * length / mean length)) with idf = ln(1 + (n - df + 0.5) / (df + 0.5)), so that no
    term counts against a passage; k1 = 1.2, b = 0.5.  After Kamphuis, de Vries, Boytsov and Lin, "Which BM25 Do You
    Mean?" (ECIR 2020).
    """

    def __init__(self, parts: Sequence[Postings], rows: Numbers | None = None) -> None:
        """``rows[i]`` is where passage i stands among the parts' passages, one part's after another's; those that
        aren't named are left out, and count for nothing.  None takes all, in order."""
        whole = sum(map(len, parts))
        rows = np.arange(whole) if rows is None else rows
        places = np.full(whole, -1, dtype=np.int64)
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

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """The index of passages with these terms; see ``Postings.build``."""
        return cls([Postings.build(documents)])

    def __len__(self) -> int:
        return self._rows

    @property
    def vocabulary(self) -> Set[str]:
        """Every term of the passages."""
        return frozenset(
            term for part, _, _ in self._parts for term in part.numbers if self.document_frequency(term) > 0
        )

    def scores(self, terms: Iterable[str]) -> Scores:
        """Each passage's BM25 score for the distinct ones of the terms, shape (n,), 0 where a passage has none."""
        found = np.zeros(self._rows, dtype=np.float32)
        for term in dict.fromkeys(terms):
            weight = np.float32(self.weight(term))
            for part, places, norms in self._parts:
                passages, counts = part.of(term)
                own = places[passages]
                kept = own >= 0
                found[own[kept]] += (weight * counts / (counts + norms[passages]))[kept]
        return found

    def coverage(self, terms: Iterable[str]) -> Scores:
        """How much of what is asked each passage holds at all, shape (n,), from 0 to 1: the weights of the distinct
        terms that stand in it, over the weights of them all.  0 where there are no terms."""
        weights = {term: self.weight(term) for term in terms}
        covered = np.zeros(self._rows, dtype=np.float32)
        for term, weight in weights.items():
            for own in self._holders(term):
                covered[own] += weight  # a term's passages are distinct
        return covered / np.float32(sum(weights.values()) or 1.0)

    def weight(self, term: str) -> float:
        """The term's idf, above 0: the rarer, the greater, and greatest for a term that no passage has."""
        n, df = self._rows, self.document_frequency(term)
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def document_frequency(self, term: str) -> int:
        """How many passages have the term."""
        return sum(map(len, self._holders(term)))

    def _holders(self, term: str) -> list[Numbers]:
        """The numbers of the passages that have the term, part by part."""
        held = [places[part.of(term)[0]] for part, places, _ in self._parts]
        return [own[own >= 0] for own in held]
