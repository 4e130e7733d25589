"""Which engine for BM25?  The desk's, bm25s, tantivy and SQLite's FTS5 on the same terms: python -m benchmarks lexical

bm25s and tantivy don't come with the desk; one that isn't installed is named as left out.  Each engine builds in one
new process and answers in another, so that memory and loading count from nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.asking import Times
from benchmarks.generate import bulletin
from benchmarks.process import alone, peak_megabytes
from rag.library.bm25 import LexicalIndex, Postings
from rag.text.analyzer import question_terms, terms

SIZES = (1_000, 200_000)
TOP = 100
ROUNDS = 3
SECONDS = 60  # after which no further round of questions begins
_SHORTEST = 12  # words; what is shorter in a bulletin is a heading
_ELSEWHERE = 1_000_000  # number of a bulletin that isn't among the passages

Scores = npt.NDArray[np.float32]


class Engine(Protocol):
    """An index in a folder.  ``scores`` are those of all ``passages``, in order; ``top`` the numbers of the best."""

    needs: ClassVar[str]  # a module

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None: ...

    def __init__(self, folder: Path, passages: int) -> None: ...

    def scores(self, words: list[str]) -> Scores: ...

    def top(self, words: list[str], k: int) -> list[int]: ...


class Own:
    """The desk's: counts are memory-mapped, scores computed for the passages that have a term."""

    needs = "numpy"

    @staticmethod
    def build(documents: Sequence[list[str]], folder: Path) -> None:
        Postings.build(documents).save(folder)

    def __init__(self, folder: Path, passages: int) -> None:
        self._index = LexicalIndex([Postings.load(folder)])

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


ENGINES: dict[str, type[Engine]] = {"the desk": Own, "bm25s": Bm25s, "tantivy": Tantivy, "SQLite FTS5": Fts5}


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine at one size; ``row`` is the time for every passage's score, ``top`` that for the best hundred,
    ``agreement`` the share of the desk's best ten that are among the engine's best ten."""

    engine: str
    passages: int
    build_seconds: float
    build_megabytes: float
    disk_megabytes: float
    load_ms: float
    megabytes: float
    row: Times
    top: Times
    agreement: float


def left_out() -> list[str]:
    """The engines that this interpreter hasn't got."""
    return [name for name, engine in ENGINES.items() if importlib.util.find_spec(engine.needs) is None]


def compare(folder: Path, sizes: Sequence[int], questions: int, tell: Callable[[str], None]) -> list[Measured]:
    """Every engine there is, at every size."""
    asked = list(itertools.islice(_questions(), questions))
    measured = []
    for size in sizes:
        source = folder / f"{size}.txt"
        alone(_write, source, size)  # elsewhere, as a process inherits the peak of the one that started it
        best: list[list[int]] = []
        for engine in [name for name in ENGINES if name not in left_out()]:
            tell(f"{engine}, {size:,} passages")
            place = folder / f"{size}-{engine}"
            built = alone(_build, engine, source, place)
            answered, found = alone(_ask, engine, place, size, asked)
            best = best or found
            same = [len(set(a) & set(b)) / len(a) for a, b in zip(best, found, strict=True) if a]
            measured.append(Measured(engine, size, *built, *answered, float(np.mean(same))))
    return measured


def as_rows(measured: Sequence[Measured]) -> list[list[str]]:
    """A heading and a row for each engine and size, for a table."""
    heading = ["Engine", "Passages", "Build", "… peak memory", "On disk", "Load", "Asking, peak memory"]
    heading += ["Scores of all", "… p95", f"Best {TOP}", "… p95", "Same ten as the desk"]
    rows = [heading]
    for m in measured:
        times = [f"{ms:.2f} ms" for ms in (m.row.median, m.row.p95, m.top.median, m.top.p95)]
        sizes = [f"{m.build_seconds:.1f} s", f"{m.build_megabytes:.0f} MB", f"{m.disk_megabytes:.1f} MB"]
        sizes += [f"{m.load_ms:.0f} ms", f"{m.megabytes:.0f} MB"]
        rows.append([m.engine, f"{m.passages:,}", *sizes, *times, f"{m.agreement:.2f}"])
    return rows


def _passages() -> Iterator[list[str]]:
    """Terms of the paragraphs of made-up bulletins, headings left out; there is no end of them."""
    return (terms(paragraph) for paragraph in _paragraphs(0) if len(paragraph.split()) >= _SHORTEST)


def _questions() -> Iterator[list[str]]:
    """Terms of headlines of other bulletins: all of them are to be found, many in thousands of passages."""
    return (question_terms(paragraph) for paragraph in _paragraphs(_ELSEWHERE) if 5 <= len(paragraph.split()) <= 10)


def _paragraphs(first: int) -> Iterator[str]:
    return (part for number in itertools.count(first) for part in bulletin(number).split("\n\n")[1:])


def _write(source: Path, size: int) -> None:
    source.write_text("".join(f"{' '.join(found)}\n" for found in itertools.islice(_passages(), size)), "utf-8")


def _build(engine: str, source: Path, place: Path) -> tuple[float, float, float]:
    """Seconds, megabytes of memory at the peak, passages included, megabytes on disk."""
    documents = [line.split() for line in source.read_text("utf-8").splitlines()]
    importlib.import_module(ENGINES[engine].needs)
    began = time.perf_counter()
    ENGINES[engine].build(documents, place)
    seconds = time.perf_counter() - began
    return seconds, peak_megabytes(), sum(file.stat().st_size for file in place.iterdir()) / 1e6


def _ask(
    engine: str, place: Path, passages: int, questions: Sequence[list[str]]
) -> tuple[tuple[float, float, Times, Times], list[list[int]]]:
    """Milliseconds to load, megabytes of memory at the peak, both times; and the best ten of each question."""
    importlib.import_module(ENGINES[engine].needs)
    began = time.perf_counter()
    index = ENGINES[engine](place, passages)
    load = (time.perf_counter() - began) * 1000
    best = [index.top(question, 10) for question in questions]
    ways: tuple[Callable[[list[str]], object], ...] = (index.scores, lambda words: index.top(words, TOP))
    times = [_seconds(way, questions) for way in ways]
    return (load, peak_megabytes(), Times.of(times[0]), Times.of(times[1])), best


def _seconds(way: Callable[[list[str]], object], questions: Sequence[list[str]]) -> list[float]:
    seconds: list[float] = []
    ends = time.perf_counter() + SECONDS
    for _ in range(ROUNDS):
        for question in questions:
            began = time.perf_counter()
            way(question)
            seconds.append(time.perf_counter() - began)
        if time.perf_counter() > ends:
            break
    return seconds
