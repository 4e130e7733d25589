"""How many quotations are checked a second?  The desk beside two plain ways: python -m benchmarks checks.

The plain ways are what a first attempt would do: ``str.find`` in every text for a quotation that stands as it is, and
rapidfuzz's ``partial_ratio`` against every text for one that doesn't.  All three run in one process, by turns.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.generate import generate
from benchmarks.process import alone, peak_megabytes
from embeddings.token_spans import join_pieces, piece_numbers
from embeddings.vectors import EncodedText, FloatRows
from rag.checking.checker import Checker
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.text.sentences import split_sentences

SIZES = (100, 1_000, 10_000)
QUOTATIONS = 200  # of each kind
PLAIN = 10  # altered ones that are looked for by rapidfuzz: each takes it long
KINDS = ("as they stand", "altered", "spliced", "not found")


@dataclass(frozen=True, slots=True)
class Checks:
    """Of one size of library: seconds to make the checker, quotations a second by kind, by the desk and in the plain
    ways, and peak memory in megabytes."""

    bulletins: int
    megabytes_of_text: float
    ready_seconds: float
    a_second: dict[str, float]
    plainly_a_second: dict[str, float]
    peak_megabytes: float


def compare(folder: Path, sizes: Sequence[int], on_progress: Callable[[str], None]) -> list[Checks]:
    """Each size in a new process."""
    found = []
    for size in sizes:
        on_progress(f"Making {size:,} bulletins and their library (no model: checks need none)")
        seeds, root = folder / f"seeds-{size}", folder / f"library-{size}"
        generate(seeds, size)
        update_library(seeds, root, NoEncoder())
        on_progress(f"Checking quotations of {size:,} bulletins")
        found.append(alone(measure, root))
    return found


def measure(root: Path) -> Checks:
    library = Library.open(root)
    began = time.perf_counter()
    checker = Checker(library)
    ready = time.perf_counter() - began
    texts = [library.text(bulletin.sha256) for bulletin in library.bulletins]
    quotations = drawn(texts)
    desk = {kind: _rate(quotations[kind], lambda q: checker.check(q, quote=q, claims=())) for kind in KINDS}
    plain = {
        "as they stand": _rate(quotations["as they stand"], lambda q: [text.find(q) for text in texts]),
        "altered": _rate(
            quotations["altered"][:PLAIN], lambda q: process.extractOne(q, texts, scorer=fuzz.partial_ratio)
        ),
    }
    return Checks(len(texts), sum(map(len, texts)) / 1e6, ready, desk, plain, peak_megabytes())


def drawn(texts: Sequence[str]) -> dict[str, list[str]]:
    """Quotations of each kind, from sentences drawn at random; always the same for the same texts."""
    source = random.Random(0)
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    sentences = _sentences(texts, source)
    for _ in range(QUOTATIONS):
        words, others = next(sentences).split(), next(sentences).split()
        found["as they stand"].append(next(sentences))
        at = source.randrange(1, len(words) - 1)
        found["altered"].append(" ".join([*words[:at], "otherwise", *words[at + 1 :]]))
        found["spliced"].append(" ".join([*words[: len(words) // 2], *others[len(others) // 2 :]]))
        found["not found"].append(" ".join(word[::-1] if n % 2 else word for n, word in enumerate(words)))
    return found


def _sentences(texts: Sequence[str], source: random.Random) -> Iterator[str]:
    while True:
        text = source.choice(texts)
        words = source.choice(split_sentences(text)).of(text).strip()
        if len(words.split()) >= 8:
            yield words


def _rate(quotations: Sequence[str], check: Callable[[str], object]) -> float:
    began = time.perf_counter()
    for quotation in quotations:
        check(quotation)
    return len(quotations) / (time.perf_counter() - began)


def as_rows(measured: Sequence[Checks]) -> list[tuple[str, ...]]:
    """A column for each size."""
    rows = [("What", *(f"{run.bulletins:,} bulletins" for run in measured))]
    rows.append(("Text, MB", *(f"{run.megabytes_of_text:.1f}" for run in measured)))
    rows.append(("Making ready, s", *(f"{run.ready_seconds:.2f}" for run in measured)))
    for kind in KINDS:
        rows.append((f"Checks a second, {kind}", *(f"{run.a_second[kind]:,.0f}" for run in measured)))
    for kind, way in (("as they stand", "str.find"), ("altered", "rapidfuzz partial_ratio")):
        rows.append((f"… {kind}, by {way}", *(f"{run.plainly_a_second[kind]:,.1f}" for run in measured)))
        ratio = (f"{run.a_second[kind] / run.plainly_a_second[kind]:,.1f}" for run in measured)
        rows.append(("… desk ÷ that", *ratio))
    rows.append(("Peak memory, MB", *(f"{run.peak_megabytes:,.0f}" for run in measured)))
    return rows


class NoEncoder:
    """Gives every text the same vector: a library for checking quotations needs no model."""

    name = "none"
    digest = side_digest = "0" * 64
    dimension = 8
    max_tokens = 256

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows[:, 0] = 1
        return rows

    def encode_query_tokens(self, texts: Sequence[str]) -> list[EncodedText]:
        return [self._tokens([text]) for text in texts]

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        yield from ((place, self._tokens(pieces)) for place, pieces in enumerate(texts))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def warm_up(self) -> None:
        pass

    def _tokens(self, pieces: Sequence[str]) -> EncodedText:
        """One word piece stands for all."""
        spans = np.array([[0, len(join_pieces(pieces))]], dtype=np.int32)
        vectors = self.encode_passages([""])
        return EncodedText(vectors[0], vectors, spans, piece_numbers(pieces, spans), len(pieces))
