"""The forms of a segment's files: records as JSON lines, words, the bulletins' sentence digests, and search indexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from embeddings import array_store
from embeddings.errors import EmbeddingError
from embeddings.stored_files import unreadable
from rag.errors import LibraryDamaged
from rag.library.manifest import REBUILD

_SENTENCE_DIGESTS, _SENTENCE_DIGEST_TYPES = "sentence digests", {"digests": "<u8", "counts": "<i8"}
Index = TypeVar("Index")


@cache
def adapter(kind: type) -> TypeAdapter[Any]:
    """Returns the validator of a record type."""
    return TypeAdapter(kind)


def dump_lines(records: Sequence[Any], kind: type) -> bytes:
    """Returns records of a type as JSON, one a line."""
    return b"".join(adapter(kind).dump_json(record) + b"\n" for record in records)


def read_lines(path: Path, kind: type) -> tuple[Any, ...]:
    """Reads what ``dump_lines`` gave.

    Raises:
        LibraryDamaged: a line is no such record, or the file can't be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise LibraryDamaged("can't be read", where=path, remedy=REBUILD) from error
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(adapter(kind).validate_json(line))
        except ValidationError as error:
            raise LibraryDamaged(f"line {number} is unreadable", where=path, remedy=REBUILD) from error
    return tuple(records)


def read_words(path: Path) -> frozenset[str]:
    """Reads a list of words.

    Raises:
        LibraryDamaged: the file can't be read.
    """
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryDamaged("can't be read", where=path, remedy=REBUILD) from error


def write_sentence_digests(folder: Path, digests: Sequence[frozenset[int]]) -> None:
    """Writes the digests of each bulletin's sentences, in the order of the bulletins."""
    flat = [digest for bulletin in digests for digest in sorted(bulletin)]
    counts = [len(bulletin) for bulletin in digests]
    arrays = {"digests": np.array(flat, dtype=np.uint64), "counts": np.array(counts, dtype=np.int64)}
    array_store.save(folder, _SENTENCE_DIGESTS, arrays)


def read_sentence_digests(folder: Path) -> tuple[frozenset[int], ...]:
    """Reads what ``write_sentence_digests`` wrote.

    Raises:
        LibraryDamaged: it isn't what was written.
    """
    return read_index(folder, _load_sentence_digests)


def _load_sentence_digests(folder: Path) -> tuple[frozenset[int], ...]:
    arrays = array_store.load(folder, _SENTENCE_DIGESTS, _SENTENCE_DIGEST_TYPES)
    ends = np.cumsum([0, *arrays["counts"]])
    if ends[-1] != len(arrays["digests"]):
        raise unreadable(folder, "the arrays don't fit one another")
    flat = arrays["digests"].tolist()
    return tuple(frozenset(flat[start:end]) for start, end in pairwise(ends))


def read_index(folder: Path, load: Callable[[Path], Index]) -> Index:
    """Loads an index of the embeddings package.

    Raises:
        LibraryDamaged: it isn't what was written.
    """
    try:
        return load(folder)
    except EmbeddingError as error:
        raise LibraryDamaged(error.what, where=error.where, remedy=REBUILD) from error
