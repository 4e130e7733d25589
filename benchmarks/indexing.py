"""How fast bulletins are indexed, how near that is to the model's own speed, and what one more bulletin costs.

The model is always loaded before the clock starts, on either side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.generate import generate
from benchmarks.models import WatchedEncoder, bare_batch_size, bare_seconds
from benchmarks.process import new_process, peak_megabytes
from embeddings.encoder import BATCH_SIZE
from rag.cli.progress import ProgressBar
from rag.library.build.update import update_library

ROUNDS = 5
LARGEST_ROUND = 40  # bulletins
ADDITIONS = 3


@dataclass(frozen=True, slots=True)
class Indexed:
    """A whole folder indexed; ``texts`` are the passages and sentences encoded, each once."""

    bulletins: int
    passages: int
    texts: int
    seconds: float
    encoding_seconds: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Texts per second, medians of the rounds; ``bare`` and ``ratio`` go by the way the bare model was run."""

    bulletins: int
    indexing: float
    bare: dict[str, float]
    ratio: dict[str, float]


@dataclass(frozen=True, slots=True)
class Added:
    """Seconds until the library holds one more bulletin, medians."""

    seconds: float
    encoding_seconds: float


def index_all(seeds: Path, library: Path) -> Indexed:
    """Builds the library of a folder."""
    encoder = WatchedEncoder()
    encoder.warm_up()
    with ProgressBar() as progress:
        report = update_library(seeds, library, encoder, progress=progress)
    return Indexed(
        report.bulletins, report.passages, report.embedded, report.seconds, encoder.seconds, peak_megabytes()
    )


def index_beside_bare(folder: Path, bulletins: int) -> SideBySide:
    """Indexing and ``SentenceTransformer.encode`` in turns, in each round over the very same texts.

    In turns, because a machine that is busy for a minute must slow down both.  Each round builds a library of
    its own, so that all that belongs to indexing is counted: reading, cutting, encoding, writing.  The bare model
    runs in the same process, with the desk's batches and with its own, and once in a process of its own.
    """
    rounds = min(ROUNDS, bulletins)
    each = min(LARGEST_ROUND, bulletins // rounds)
    with new_process() as apart:
        # Started before the desk's encoder says how threads wait, which processes started later would inherit.
        apart.submit(bare_seconds, ["warm"], 1).result()
        encoder = WatchedEncoder()
        encoder.warm_up()
        default = bare_batch_size()
        bare: dict[str, Callable[[], float]] = {
            f"batches of {size}": partial(bare_seconds, encoder.texts, size) for size in sorted({BATCH_SIZE, default})
        }
        bare["a process of its own"] = lambda: apart.submit(bare_seconds, encoder.texts, default).result()
        ours: list[float] = []
        theirs: dict[str, list[float]] = {way: [] for way in bare}
        for number in range(rounds):
            seeds = folder / f"seeds_{number}"
            generate(seeds, each, first=number * each)
            encoder.texts.clear()
            began = time.perf_counter()
            update_library(seeds, folder / f"library_{number}", encoder)
            ours.append(len(encoder.texts) / (time.perf_counter() - began))
            for way, seconds in bare.items():
                theirs[way].append(len(encoder.texts) / seconds())
    return SideBySide(
        bulletins=rounds * each,
        indexing=median(ours),
        bare={way: median(rates) for way, rates in theirs.items()},
        ratio={way: median(a / b for a, b in zip(ours, rates, strict=True)) for way, rates in theirs.items()},
    )


def add_one(seeds: Path, library: Path, bulletins: int) -> Added:
    """Adds a bulletin to a folder of ``bulletins`` and brings its library up to date, a few times over."""
    encoder = WatchedEncoder()
    encoder.warm_up()
    seconds: list[float] = []
    encoding: list[float] = []
    for number in range(bulletins, bulletins + ADDITIONS):
        generate(seeds, 1, first=number)
        encoder.seconds = 0.0
        seconds.append(update_library(seeds, library, encoder).seconds)
        encoding.append(encoder.seconds)
    return Added(median(seconds), median(encoding))
