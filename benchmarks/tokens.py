"""python -m benchmarks.tokens: what fewer dimensions cost late interaction, and how long it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.factory import load_encoder
from embeddings.late_interaction import TokenIndex
from embeddings.vectors import EncodedText, FloatRows, unit_rows
from rag.ingest.parse import parse
from rag.ingest.passages import normalize, split_passages
from rag.ingest.sections import split_sections
from rag.settings import ROOT
from tests.support.maxsim import maxsim

DEV = ROOT / "evals" / "dev"
WIDTHS = (48, 64, 96, 128, 192)
FIRST = (1, 3, 5)
PASSAGES, WORD_PIECES, ASKED, DIMENSION = 5_000, 100, 12, 384
ROUNDS = 21
PAUSE = 0.02  # seconds; torch's threads may keep a core busy for some milliseconds after their work


@dataclass(frozen=True, slots=True)
class Development:
    """The development bulletins' passages in pieces, and each odd-numbered question with one answer, with
    the passages that hold the answer, (passages,)."""

    passages: list[list[str]]
    questions: list[tuple[EncodedText, npt.NDArray[np.bool_]]]


def main() -> None:
    """Measures and prints two tables."""
    encoder = load_encoder()
    development = read(encoder)
    encoded = dict(encoder.encode_passage_tokens(development.passages))
    texts = [encoded[number] for number in range(len(encoded))]
    print(f"{len(texts)} passages, {len(development.questions)} questions with one answer\n")
    print("| vectors | bytes a word piece | right passage first | in the first 3 | in the first 5 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(_row("one a passage, float32", 0, development, lambda asked: _pooled(texts, asked)))
    print(_row(f"{encoder.dimension}, float32", 4 * encoder.dimension, development, lambda asked: _full(texts, asked)))
    for width in WIDTHS:
        index = TokenIndex.build(enumerate(texts), width=width)
        print(_row(f"{width}, 8 bits", width, development, partial(_reduced, index)))
    print(f"\n| {PASSAGES:,} passages of {WORD_PIECES} word pieces, {ASKED} of the question | median | least |")
    print("| --- | ---: | ---: |")
    for width in WIDTHS:
        for what, work in _works(width):
            middle, least = _milliseconds(work)
            print(f"| {width} dimensions, {what} | {middle:.1f} ms | {least:.1f} ms |")


def read(encoder: Encoder) -> Development:
    """The development set, its questions encoded."""
    found: list[list[str]] = []
    words: list[tuple[str, str]] = []
    for path in sorted((DEV / "corpus").iterdir()):
        bulletin = parse(path)
        for passage in split_passages(bulletin, split_sections(bulletin), encoder.count_tokens, encoder.max_tokens):
            found.append([normalize(passage.context), *(normalize(s.of(bulletin.text)) for s in passage.sentences)])
            words.append((bulletin.name, normalize(passage.of(bulletin.text))))
    questions = []
    for row in map(json.loads, (DEV / "questions.jsonl").read_text(encoding="utf-8").splitlines()):
        if int(row["id"][1:]) % 2 == 0 or not row["answerable"] or row.get("must_include_all"):
            continue
        wanted = {(gold["bulletin"], normalize(gold["quote"])) for gold in row["gold"]}
        right = np.array([any(name == own and quote in text for name, quote in wanted) for own, text in words])
        if right.any():
            [asked] = encoder.encode_query_tokens([" ".join([*(row["history"] or ()), row["question"]])])
            questions.append((asked, right))
    return Development(found, questions)


def _row(name: str, size: int, development: Development, score: Callable[[EncodedText], FloatRows]) -> str:
    """A line of the table: how often a right passage is among the first."""
    ranks = [int(right[np.argsort(-score(asked), kind="stable")].argmax()) for asked, right in development.questions]
    shares = " | ".join(f"{np.mean([rank < first for rank in ranks]):.3f}" for first in FIRST)
    return f"| {name} | {size or '-'} | {shares} |"


def _pooled(texts: Sequence[EncodedText], asked: EncodedText) -> FloatRows:
    scores: FloatRows = np.array([text.vector for text in texts]) @ asked.vector
    return scores


def _full(texts: Sequence[EncodedText], asked: EncodedText) -> FloatRows:
    maxima = ((text.token_vectors @ asked.token_vectors.T).max(axis=0) for text in texts)
    return np.array([row.mean() for row in maxima], dtype=np.float32)


def _reduced(index: TokenIndex, asked: EncodedText) -> FloatRows:
    scores: FloatRows = maxsim(index, asked.token_vectors).mean(axis=1)
    return scores


def _works(width: int) -> list[tuple[str, Callable[[], object]]]:
    """What is timed over made-up vectors: which ones makes no difference."""
    source = np.random.default_rng(0)
    pieces = np.repeat(np.arange(5, dtype=np.int16), WORD_PIECES // 5)
    spans = np.zeros((WORD_PIECES, 2), np.int32)

    def made(count: int) -> FloatRows:
        return unit_rows(source.standard_normal((count, DIMENSION), dtype=np.float32))

    texts = ((n, EncodedText(made(1)[0], made(WORD_PIECES), spans, pieces, 5)) for n in range(PASSAGES))
    index, query = TokenIndex.build(texts, width=width), made(ASKED)
    some = source.permutation(PASSAGES)
    return [
        ("all passages", lambda: maxsim(index, query)),
        ("500 passages", lambda: maxsim(index, query, some[:500])),
        ("200 passages", lambda: maxsim(index, query, some[:200])),
        ("pieces of 20 passages", lambda: index.maxsim_by_piece(query, some[:20])),
    ]


def _milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    times = []
    for _ in range(ROUNDS):
        time.sleep(PAUSE)
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return median(times), min(times)


if __name__ == "__main__":
    main()
