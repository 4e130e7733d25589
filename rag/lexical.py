"""BM25 over the passages' terms: a score for each passage, to be summed with the vectors' scores.

Saved, an index is a plain folder: bm25s's own files (arrays and a vocabulary, no pickle) and ``lexical.json``, which
says what they are.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterable, KeysView, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt

from rag import store
from rag.errors import LibraryDamaged

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every step of indexing

DESCRIPTION = "lexical.json"
FILES = ("data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy", "params.index.json", "vocab.index.json")
FORMAT = 1
REBUILD = "Run: python -m rag index"

K1 = 1.2
# Less than the usual 0.75, as passages are cut to about one length: on the development set the right passage's mean
# reciprocal rank is 0.64 with 0.75, 0.67 with 0.5; summed with the vectors' scores there is no difference.
B = 0.5

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Description:
    """What ``lexical.json`` holds; ``files`` are names and their SHA-256."""

    rows: int
    terms: int
    files: dict[str, str]
    k1: float = K1
    b: float = B
    format: int = FORMAT
    kind: str = "bm25s lucene"
    bm25s: str = bm25s.__version__


class LexicalIndex:
    """Passages numbered from 0 in the order they were given.  Safe to read from several threads.

    The variant is Lucene's exact one: over the distinct terms of a question, the sum of
    idf * tf / (tf + k1 * (1 - b + b * length / mean length)) with idf = ln(1 + (n - df + 0.5) / (df + 0.5)), so that no
    term counts against a passage; k1 = 1.2, b = 0.5.  After Kamphuis, de Vries, Boytsov and Lin, "Which BM25 Do You
    Mean?" (ECIR 2020); computed by bm25s (Lù, 2024), which stores each term's score in each passage.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._numbers: dict[str, int] = engine.vocab_dict
        self._rows = int(engine.scores["num_docs"])

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index the terms of each passage, in order; there may be none of either.

        A field weighs n-fold when its terms are given n times.
        """
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(term, len(numbers)) for term in document] for document in documents]
        engine = bm25s.BM25(k1=K1, b=B, method="lucene")
        if numbers:
            engine.index((rows, numbers), create_empty_token=False, show_progress=False)
        else:  # bm25s can't index nothing
            engine.vocab_dict = {}
            engine.nonoccurrence_array = None
            engine.scores = {
                "data": np.empty(0, np.float32),
                "indices": np.empty(0, np.int32),
                "indptr": np.zeros(1, np.int64),
                "num_docs": len(rows),
            }
        return cls(engine)

    def __len__(self) -> int:
        return self._rows

    @property
    def vocabulary(self) -> KeysView[str]:
        """Every term of the passages."""
        return self._numbers.keys()

    def scores(self, terms: Iterable[str]) -> Scores:
        """Each passage's BM25 score for the distinct ones of the terms, shape (n,), 0 where a passage has none."""
        known = [self._numbers[term] for term in dict.fromkeys(terms) if term in self._numbers]
        if not known:
            return np.zeros(self._rows, dtype=np.float32)
        found: Scores = self._engine.get_scores_from_ids(known)
        return found

    def coverage(self, terms: Iterable[str]) -> Scores:
        """How much of what is asked each passage holds at all, shape (n,), from 0 to 1: the weights of the distinct
        terms that stand in it, over the weights of them all.  0 where there are no terms."""
        weights = {term: self.weight(term) for term in terms}
        covered = np.zeros(self._rows, dtype=np.float32)
        for term, weight in weights.items():
            covered[self._holders(term)] += weight  # a term's passages are distinct
        return covered / np.float32(sum(weights.values()) or 1.0)

    def weight(self, term: str) -> float:
        """The term's idf, above 0: the rarer, the greater, and greatest for a term that no passage has."""
        n, df = self._rows, self.document_frequency(term)
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def document_frequency(self, term: str) -> int:
        """How many passages have the term."""
        return len(self._holders(term))

    def save(self, folder: Path) -> None:
        """Write the index into ``folder`` and wait until the disk has it.

        Raises:
            OSError: the folder can't be written.
        """
        self._engine.save(folder, show_progress=False)
        for name in FILES:
            with (folder / name).open("rb+") as file:
                os.fsync(file.fileno())
        files = {name: store.digest(folder / name) for name in FILES}
        description = _Description(len(self), len(self._numbers), files)
        store.write(folder / DESCRIPTION, (json.dumps(asdict(description), indent=2) + "\n").encode())
        store.sync_folder(folder)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what :meth:`save` wrote, every file's digest checked first; the scores are memory-mapped.

        Raises:
            LibraryDamaged: a file is missing, cut short or changed, or isn't an index of this format.
        """
        description = _describe(folder / DESCRIPTION)
        for name, expected in description.files.items():
            if what := store.damage(folder / name, expected):
                raise _damaged(folder / name, what)
        try:
            engine = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        except (OSError, ValueError, TypeError, AttributeError, EOFError) as error:
            raise _damaged(folder, f"bm25s can't read the index ({type(error).__name__})") from error
        if what := _fault(engine, description):
            raise _damaged(folder, what)
        return cls(engine)

    def _holders(self, term: str) -> npt.NDArray[np.int32]:
        """The numbers of the passages that have the term."""
        number = self._numbers.get(term)
        scores = self._engine.scores
        held: npt.NDArray[np.int32] = scores["indices"][:0]
        if number is not None:
            held = scores["indices"][scores["indptr"][number] : scores["indptr"][number + 1]]
        return held


def _describe(path: Path) -> _Description:
    try:
        entries = json.loads(path.read_bytes())
        description = _Description(**entries)
    except OSError as error:
        raise _damaged(path, f"can't be read ({(error.strerror or str(error)).lower()})") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(path, "is not an index description") from error
    for field, expected in asdict(_Description(0, 0, {})).items():
        value = entries.get(field, expected)
        if type(value) is not type(expected):
            raise _damaged(path, f'"{field}" is {value!r}')
        if field in ("format", "kind", "k1", "b") and value != expected:
            raise _damaged(path, f'"{field}" is {value!r}, this program reads {expected!r}')
    if set(description.files) != set(FILES):
        raise _damaged(path, f"describes other files than {', '.join(FILES)}")
    return description


def _fault(engine: Any, description: _Description) -> str | None:
    """What doesn't fit together in the files that were read; None where everything does."""
    scores, numbers = engine.scores, engine.vocab_dict
    data, indices, bounds = scores["data"], scores["indices"], scores["indptr"]
    kinds = (data.dtype, indices.dtype, bounds.dtype, data.ndim, indices.ndim, bounds.ndim)
    if kinds != (np.float32, np.int32, np.int64, 1, 1, 1):
        return "the arrays are not those of such an index"
    if (scores["num_docs"], len(numbers), len(bounds)) != (description.rows, description.terms, description.terms + 1):
        return f"holds another number of passages or terms than {description.rows} and {description.terms}"
    if list(numbers.values()) != list(range(len(numbers))):
        return "the vocabulary is not numbered from 0"
    if bounds[0] != 0 or bounds[-1] != len(data) or len(data) != len(indices) or (np.diff(bounds) < 0).any():
        return "the terms' bounds are wrong"
    if len(indices) and not (indices.min() >= 0 and indices.max() < description.rows):
        return "names passages that there are not"
    return None


def _damaged(where: Path, what: str) -> LibraryDamaged:
    return LibraryDamaged(what, where=where, remedy=REBUILD)
