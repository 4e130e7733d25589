"""The lexical indexes that are compared: the desk's, bm25s, tantivy and SQLite's FTS5, each in a folder of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from rag.library.bm25 import LexicalIndex, Postings

Scores = npt.NDArray[np.float32]


class Engine(Protocol):
    """An index in a folder; ``needs`` is the module that it is made with."""

    needs: ClassVar[str]

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        """Writes the index of these passages' terms."""

    def __init__(self, folder: Path, passages: int) -> None: ...

    def scores(self, words: list[str]) -> Scores:
        """The score of every passage, in order."""

    def top(self, words: list[str], k: int) -> list[int]:
        """The numbers of the best passages, best first."""


class OwnIndex:
    """The desk's: counts are memory-mapped, scores computed for the passages that have a term."""

    needs = "numpy"

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        Postings.build(documents).save(folder)

    def __init__(self, folder: Path, passages: int) -> None:
        self._index = LexicalIndex([Postings.load(folder)], np.arange(passages))

    def scores(self, words: list[str]) -> Scores:
        return self._index.scores(words)

    def top(self, words: list[str], k: int) -> list[int]:
        return _best(self.scores(words), k)


class Bm25s:
    """As the desk used it once: the scores are memory-mapped."""

    needs = "bm25s"

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        from bm25s import BM25

        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(term, len(numbers)) for term in document] for document in documents]
        index = BM25(k1=1.2)  # as the other two have it
        index.index((rows, numbers), create_empty_token=False, show_progress=False)
        index.save(folder, show_progress=False)

    def __init__(self, folder: Path, passages: int) -> None:
        from bm25s import BM25

        self._index = BM25.load(folder, mmap=True)

    def scores(self, words: list[str]) -> Scores:
        return np.asarray(self._index.get_scores_from_ids(self._index.get_tokens_ids(words)))

    def top(self, words: list[str], k: int) -> list[int]:
        return _best(self.scores(words), k)


def _best(scores: Scores, k: int) -> list[int]:
    best = np.argpartition(-scores, k)[:k] if k < len(scores) else np.arange(len(scores))
    return [int(row) for row in best[np.argsort(-scores[best])] if scores[row] > 0]


class Tantivy:
    """One segment, so that a passage's number is at hand; the whole row is made of as many hits as there are."""

    needs = "tantivy"

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        import tantivy

        folder.mkdir()
        writer = tantivy.Index(_tantivy_schema(), path=str(folder)).writer(heap_size=512_000_000, num_threads=1)
        for number, document in enumerate(documents):
            writer.add_document(tantivy.Document(words=" ".join(document), row=number))
        writer.commit()
        writer.wait_merging_threads()

    def __init__(self, folder: Path, passages: int) -> None:
        import tantivy

        self._tantivy = tantivy
        self._schema = _tantivy_schema()
        self._searcher = tantivy.Index(self._schema, path=str(folder)).searcher()
        self._passages = passages

    def scores(self, words: list[str]) -> Scores:
        row = np.zeros(self._passages, dtype=np.float32)
        if hits := self._hits(words, self._passages):
            row[self._rows(hits)] = [score for score, _ in hits]
        return row

    def top(self, words: list[str], k: int) -> list[int]:
        return self._rows(self._hits(words, k))

    def _hits(self, words: list[str], k: int) -> list[Any]:
        query = self._tantivy.Query
        clauses = [
            (self._tantivy.Occur.Should, query.term_query(self._schema, "words", word, index_option="freq"))
            for word in words
        ]
        found: list[Any] = self._searcher.search(query.boolean_query(clauses), k, count=False).hits
        return found

    def _rows(self, hits: list[Any]) -> list[int]:
        rows: list[int] = self._searcher.fast_field_values("row", [address for _, address in hits])
        return rows


def _tantivy_schema() -> Any:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema.add_integer_field("row", stored=False, indexed=False, fast=True)
    return schema.build()


class Fts5:
    """A table without the text itself, merged into one b-tree."""

    needs = "sqlite3"

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        folder.mkdir()
        with sqlite3.connect(folder / "words.sqlite") as database:
            options = "content='', tokenize=\"unicode61 remove_diacritics 0 tokenchars '.'\""
            database.execute(f"CREATE VIRTUAL TABLE passages USING fts5(words, {options})")
            rows = ((number, " ".join(document)) for number, document in enumerate(documents, 1))
            database.executemany("INSERT INTO passages (rowid, words) VALUES (?, ?)", rows)
            database.execute("INSERT INTO passages (passages) VALUES ('optimize')")
        database.close()

    def __init__(self, folder: Path, passages: int) -> None:
        self._database = sqlite3.connect(folder / "words.sqlite")
        self._passages = passages

    def scores(self, words: list[str]) -> Scores:
        row = np.zeros(self._passages, dtype=np.float32)
        if found := self._ask("SELECT rowid, -rank FROM passages WHERE passages MATCH ?", words):
            rows, values = zip(*found, strict=True)
            row[np.asarray(rows) - 1] = values
        return row

    def top(self, words: list[str], k: int) -> list[int]:
        order = f"SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT {k}"
        return [row - 1 for (row,) in self._ask(order, words)]

    def _ask(self, statement: str, words: list[str]) -> list[Any]:
        return self._database.execute(statement, [" OR ".join(f'"{word}"' for word in words)]).fetchall()


ENGINES: dict[str, type[Engine]] = {"the desk": OwnIndex, "bm25s": Bm25s, "tantivy": Tantivy, "SQLite FTS5": Fts5}
