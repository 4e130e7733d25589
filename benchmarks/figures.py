"""All figures in the order they are shown, each with its unit and what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.asking import Asked
from benchmarks.indexing import Added, Indexed, SideBySide


@dataclass(frozen=True, slots=True)
class Figure:
    """``name`` is for programs, ``label`` for people; ``aim`` is "" where none is set."""

    name: str
    label: str
    value: float
    unit: str = ""
    aim: str = ""


def figures(
    indexed: Indexed, beside: SideBySide, first_answer: float, asked: Asked, added: Added
) -> tuple[Figure, ...]:
    """Every figure."""
    return (
        *_indexing(indexed),
        *_beside(beside),
        Figure("add.seconds", f"Adding one bulletin to {indexed.bulletins:,}", added.seconds, "s"),
        Figure("add.encoding_seconds", "… of which encoding", added.encoding_seconds, "s"),
        Figure("add.other_seconds", "… of which all else", added.seconds - added.encoding_seconds, "s"),
        Figure("ask.first_answer_seconds", "From process start to the first answer", first_answer, "s"),
        *_asking(asked),
    )


def _indexing(indexed: Indexed) -> Iterator[Figure]:
    yield Figure("index.seconds", f"Indexing {indexed.bulletins:,} bulletins", indexed.seconds, "s")
    yield Figure("index.encoding_seconds", "… of which encoding", indexed.encoding_seconds, "s")
    for what in ("bulletins", "passages", "texts"):
        label = "… texts (passages and sentences)" if what == "texts" else f"… {what}"
        rate = getattr(indexed, what) / indexed.seconds
        yield Figure(f"index.{what}_per_second", label, rate, f"{what}/s")
    yield Figure("index.peak_megabytes", "… peak memory", indexed.peak_megabytes, "MB", "≤ 1000")


def _beside(beside: SideBySide) -> Iterator[Figure]:
    label = f"Indexing {beside.bulletins} bulletins, in turns with the bare model"
    yield Figure("beside.texts_per_second", label, beside.indexing, "texts/s")
    for way, rate in beside.bare.items():
        name = way.replace(" ", "_")
        yield Figure(f"beside.bare_texts_per_second.{name}", f"… bare encode, {way}", rate, "texts/s")
        yield Figure(f"beside.ratio.{name}", "… indexing ÷ that", beside.ratio[way], aim="≥ 0.95")


def _asking(asked: Asked) -> Iterator[Figure]:
    for name, label, times in (
        ("answer", f"Answering each of {asked.questions} questions", asked.answer),
        ("encoder", "… of which the desk's own encoding", asked.encoder),
        ("rest", "… of which all else", asked.rest),
        ("bare", "… bare encode of the question, same process", asked.bare),
        ("apart", "… bare encode of the question, a process of its own", asked.apart),
    ):
        yield Figure(f"ask.{name}_median_ms", f"{label}, median", times.median, "ms")
        yield Figure(f"ask.{name}_p95_ms", "… 95th percentile", times.p95, "ms")
        if name in ("bare", "apart"):
            ratio = asked.answer.median / times.median
            yield Figure(f"ask.{name}_ratio", "… answering ÷ that, at the median", ratio, aim="≤ 1.5")
    yield Figure("ask.peak_megabytes", "… peak memory", asked.peak_megabytes, "MB", "≤ 1000")
