"""How long an answer takes: from nothing, and question by question beside merely encoding the question."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks.models import WatchedEncoder, bare_seconds
from benchmarks.process import new_process, peak_megabytes
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.library.reader import Library
from rag.settings import ROOT

QUESTIONS = ROOT / "evals" / "dev" / "questions.jsonl"
STARTS = 5
ROUNDS = 2
PAUSE = 0.02  # seconds; torch's threads may keep a core busy for some milliseconds after their work


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is put, with the earlier ones and the day it is asked on."""

    text: str
    history: tuple[str, ...]
    asked_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Times:
    """Median and 95th percentile, in milliseconds."""

    median: float
    p95: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Times:
        return Times(median(seconds) * 1000, quantiles(seconds, n=20, method="inclusive")[-1] * 1000)


@dataclass(frozen=True, slots=True)
class Asked:
    """``encoder`` is the part of an answer that goes into encoding the question, ``rest`` all else; ``apart`` is the
    bare model in a process of its own."""

    questions: int
    answer: Times
    encoder: Times
    bare: Times
    apart: Times
    rest: Times
    peak_megabytes: float


def read_questions(most: int) -> tuple[Question, ...]:
    """The first of the development questions, ``most`` of them where there are so many."""
    rows = map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines()[:most])
    return tuple(Question(row["question"], tuple(row.get("history") or ()), _day(row.get("asked_on"))) for row in rows)


def first_answer(library: Path, questions: Sequence[Question]) -> float:
    """Seconds from starting ``python -m rag ask`` until its answer is there; median of several processes."""
    return median(_first_answer(library, question.text) for question in questions[:STARTS])


def ask_beside_bare(library: Path, questions: Sequence[Question]) -> Asked:
    """Each question answered, and encoded by the bare model here and in its own process.

    One after the other, each way in turn going first.  Peak memory is read before the bare model is loaded here.
    """
    with new_process() as apart:
        # Started before the desk's encoder says how threads wait, which processes started later would inherit.
        apart.submit(bare_seconds, ["warm"], 1).result()
        encoder = WatchedEncoder()
        assistant = Assistant(Library.open(library), encoder)
        assistant.warm_up()
        for question in questions:
            _ask(assistant, question)
        peak = peak_megabytes()
        bare_seconds(["warm"], 1)
        runs: tuple[Callable[[Question], float], ...] = (
            lambda question: _seconds(lambda: _ask(assistant, question)),
            lambda question: bare_seconds([question.text], 1),
            lambda question: apart.submit(bare_seconds, [question.text], 1).result(),
        )
        (answer, bare, elsewhere), encoding = _interleaved(runs, questions, encoder)
    rest = [total - part for total, part in zip(answer, encoding, strict=True)]
    return Asked(
        questions=len(questions),
        answer=Times.of(answer),
        encoder=Times.of(encoding),
        bare=Times.of(bare),
        apart=Times.of(elsewhere),
        rest=Times.of(rest),
        peak_megabytes=peak,
    )


def _interleaved(
    runs: Sequence[Callable[[Question], float]], questions: Sequence[Question], encoder: WatchedEncoder
) -> tuple[list[list[float]], list[float]]:
    """Seconds of each run for every question and round, the runs by turns; and the first run's part in the encoder."""
    times: list[list[float]] = [[] for _ in runs]
    encoding: list[float] = []
    for number in range(ROUNDS * len(questions)):
        for turn in range(len(runs)):
            time.sleep(PAUSE)
            run = (number + turn) % len(runs)
            encoder.seconds = 0.0
            times[run].append(runs[run](questions[number % len(questions)]))
            if not run:
                encoding.append(encoder.seconds)
    return times, encoding


def _first_answer(library: Path, question: str) -> float:
    command = [sys.executable, "-m", "rag", "ask", question, "--library", str(library), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True, encoding="utf-8") as process:
        assert process.stdout
        answer = process.stdout.readline()
        seconds = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "python -m rag ask", answer)
    return seconds


def _ask(assistant: Assistant, question: Question) -> Answer:
    return assistant.ask(question.text, history=question.history, asked_on=question.asked_on)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None
