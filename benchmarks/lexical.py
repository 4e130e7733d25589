"""Which engine for BM25?  The desk's, bm25s, tantivy and SQLite's FTS5 on the same terms: python -m benchmarks lexical

bm25s and tantivy don't come with the desk; one that isn't installed is named as left out.  Each engine builds in one
new process and answers in another, so that memory and loading count from nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.asking import Times
from benchmarks.generate import bulletin
from benchmarks.lexical_engines import ENGINES
from benchmarks.process import alone, peak_megabytes
from rag.text.analyzer import question_terms, terms

SIZES = (1_000, 200_000)
TOP = 100
ROUNDS = 3
SECONDS = 60  # after which no further round of questions begins
_SHORTEST = 12  # words; what is shorter in a bulletin is a heading
_ELSEWHERE = 1_000_000  # number of a bulletin that isn't among the passages


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


def compare(folder: Path, sizes: Sequence[int], questions: int, on_progress: Callable[[str], None]) -> list[Measured]:
    """Every engine there is, at every size."""
    asked = list(itertools.islice(_questions(), questions))
    measured = []
    for size in sizes:
        source = folder / f"{size}.txt"
        alone(_write, source, size)  # elsewhere, as a process inherits the peak of the one that started it
        best: list[list[int]] = []
        for engine in [name for name in ENGINES if name not in left_out()]:
            on_progress(f"{engine}, {size:,} passages")
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
    calls: tuple[Callable[[list[str]], object], ...] = (index.scores, lambda words: index.top(words, TOP))
    times = [_seconds(call, questions) for call in calls]
    return (load, peak_megabytes(), Times.of(times[0]), Times.of(times[1])), best


def _seconds(call: Callable[[list[str]], object], questions: Sequence[list[str]]) -> list[float]:
    seconds: list[float] = []
    ends = time.perf_counter() + SECONDS
    for _ in range(ROUNDS):
        for question in questions:
            began = time.perf_counter()
            call(question)
            seconds.append(time.perf_counter() - began)
        if time.perf_counter() > ends:
            break
    return seconds
