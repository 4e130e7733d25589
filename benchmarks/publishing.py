"""How long until a new bulletin answers?  A full build and one more, side by side: python -m benchmarks publishing.

A serving desk and the indexing run in one process here, the model loaded; what encoding takes is told apart.  At the
largest size a stand-in gives the vectors, of the same width: encoding ten thousand bulletins takes half an hour and is
no part of what is measured.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.checking import NoEncoder
from benchmarks.generate import generate
from benchmarks.models import WatchedEncoder
from benchmarks.process import alone, peak_megabytes
from embeddings.vectors import FloatRows, unit_rows
from rag.library.build.update import update_library
from rag.settings import Settings
from rag.web.loader import Loader
from rag.web.service import Service

SIZES = (100, 1_000, 10_000)
MODELLED = 1_000  # bulletins, at most, that are encoded by the model
ADDITIONS = 5


class StandIn(NoEncoder):
    """Vectors of the model's width, drawn by the words of a text."""

    name = "stand-in"
    digest = "1" * 64
    dimension = 384
    seconds = 0.0

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        seeds = [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) for text in texts]
        rows = [np.random.default_rng(seed).standard_normal(self.dimension) for seed in seeds]
        return unit_rows(np.array(rows).reshape(-1, self.dimension))


@dataclass(frozen=True, slots=True)
class Published:
    """Of one size: seconds, medians of the additions.  ``full`` builds the library of the whole folder, ``added``
    brings it up to date with one more bulletin, ``live`` lasts from then on until the serving desk answers from it;
    encoding apart.  ``megabytes_written`` is what one addition adds on the disk."""

    bulletins: int
    model: str
    full: float
    full_encoding: float
    added: float
    added_encoding: float
    live: float
    segments: int
    megabytes_written: float
    peak_megabytes: float


def compare(folder: Path, sizes: Sequence[int], on_progress: Callable[[str], None]) -> list[Published]:
    """Each size in a new process."""
    found = []
    for size in sizes:
        on_progress(f"Building the library of {size:,} bulletins, and adding to it")
        found.append(alone(measure, folder / str(size), size))
    return found


def measure(folder: Path, size: int) -> Published:
    encoder = WatchedEncoder() if size <= MODELLED else StandIn()
    encoder.warm_up()
    seeds, root = folder / "seeds", folder / "library"
    generate(seeds, size)
    full = update_library(seeds, root, encoder).seconds
    full_encoding = encoder.seconds
    desk = Service(Settings(seeds=seeds, library=root), encoder)
    Loader(desk).start()
    desk.wait_until_settled(600)
    added, encoding, live, written = [], [], [], []
    for number in range(size, size + ADDITIONS):
        generate(seeds, 1, first=number)
        encoder.seconds, before = 0.0, _size(root)
        report = update_library(seeds, root, encoder)
        published = time.perf_counter()
        encoding.append(encoder.seconds)  # the desk, warming up, sets it back
        while desk.serving is None or desk.serving.library.generation != report.generation:
            time.sleep(0.002)
        live.append(time.perf_counter() - published)
        added.append(report.seconds - encoding[-1])
        written.append((_size(root) - before) / 1e6)
    return Published(
        size,
        "all-MiniLM-L6-v2" if size <= MODELLED else "stand-in",
        full - full_encoding,
        full_encoding,
        median(added),
        median(encoding),
        median(live),
        len(list(root.glob("segments/*"))),
        median(written),
        peak_megabytes(),
    )


def as_rows(measured: Sequence[Published]) -> list[tuple[str, ...]]:
    """A column for each size."""
    rows = [("What", *(f"{run.bulletins:,} bulletins" for run in measured))]
    rows.append(("Vectors by", *(run.model for run in measured)))
    for label, value in (
        ("Full build, encoding apart, s", lambda run: run.full),
        ("… encoding, s", lambda run: run.full_encoding),
        ("One more bulletin, encoding apart, s", lambda run: run.added),
        ("… encoding, s", lambda run: run.added_encoding),
        ("… until a serving desk answers from it, s", lambda run: run.live),
        ("From file to live, encoding apart, s", lambda run: run.added + run.live),
    ):
        rows.append((label, *(f"{value(run):,.2f}" for run in measured)))
    rows.append(("Full build ÷ one more, encoding apart", *(f"{run.full / run.added:,.0f}" for run in measured)))
    rows.append(("Written for one more, MB", *(f"{run.megabytes_written:,.2f}" for run in measured)))
    rows.append(("Segments in the end", *(str(run.segments) for run in measured)))
    rows.append(("Peak memory, MB", *(f"{run.peak_megabytes:,.0f}" for run in measured)))
    return rows


def _size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
