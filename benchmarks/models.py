"""The model as the desk runs it, watched, and as sentence-transformers gives it to anyone."""

from __future__ import annotations

import importlib
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from embeddings.encoder import SentenceEncoder
from embeddings.model_files import PACKAGED_IN
from embeddings.token_spans import join_pieces
from embeddings.vectors import EncodedText, FloatRows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class WatchedEncoder(SentenceEncoder):
    """The desk's encoder, which notes the passages and sentences it has encoded, and the seconds spent on any text."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.seconds = 0.0

    def warm_up(self) -> None:
        super().warm_up()
        self.seconds = 0.0  # loading is nobody's encoding

    def encode_query_tokens(self, texts: Sequence[str]) -> list[EncodedText]:
        with self._clock():
            return super().encode_query_tokens(texts)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        self.texts += texts
        with self._clock():
            return super().encode_passages(texts, progress=progress)

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        self.texts += map(join_pieces, texts)
        rows = iter(super().encode_passage_tokens(texts))
        # What is done with the rows in between isn't encoding.
        while True:
            with self._clock():
                row = next(rows, None)
            if row is None:
                return
            yield row

    @contextmanager
    def _clock(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began


def bare_seconds(texts: Sequence[str], batch_size: int) -> float:
    """Seconds that the bare model takes to encode the texts; it is loaded before the clock starts."""
    model = bare_model()
    began = time.perf_counter()
    model.encode(list(texts), batch_size=batch_size, show_progress_bar=False)
    return time.perf_counter() - began


@cache
def bare_model() -> SentenceTransformer:
    """How its threads wait for work is settled when torch is first imported: by the desk's encoder, where that
    was loaded before in the same process, else by torch."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = importlib.import_module(PACKAGED_IN.replace("-", "_")).MODEL_DIR
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def bare_batch_size() -> int:
    """That of ``encode`` where none is given."""
    return int(inspect.signature(bare_model().encode).parameters["batch_size"].default)
