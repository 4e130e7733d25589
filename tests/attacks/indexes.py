"""Files of an index, and libraries, that are others than what was written or would run code."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np

from embeddings import array_store
from embeddings.errors import EmbeddingError
from embeddings.vector_index import VectorIndex
from embeddings.vectors import unit_rows
from rag.answer.assistant import Assistant
from rag.errors import RagError
from rag.library.reader import Library
from tests.attacks.pickles import Evil, pickled
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library


def tried(folder: Path, trace: Path) -> Iterator[tuple[str, str | None]]:
    """Files of an index: what is tried, and the line."""
    sound = folder / "index"
    VectorIndex.build(unit_rows(np.ones((3, 8), np.float32))).save(sound / "faiss")
    array_store.save(sound / "arrays", "terms", {"counts": np.arange(9)})
    types = {"counts": np.arange(9).dtype.str}

    def spoilt(which: str, file: str, data: bytes, *, described: bool) -> Path:
        """A copy with other bytes, and, where ``described``, with their digest."""
        copy = Path(shutil.copytree(sound / which, folder / "spoilt", dirs_exist_ok=True))
        before = hashlib.sha256((copy / file).read_bytes()).hexdigest()
        size = (copy / file).stat().st_size
        (copy / file).write_bytes(data)
        for path in copy.glob("*.json") if described else ():
            told = path.read_text().replace(before, hashlib.sha256(data).hexdigest())
            path.write_text(told.replace(f'"bytes": {size}', f'"bytes": {len(data)}'))
        return copy

    flat = (sound / "faiss" / "index.faiss").read_bytes()
    others = faiss.serialize_index(faiss.index_factory(8, "IDMap,Flat")).tobytes()
    array = io.BytesIO()
    np.save(array, np.array([Evil(trace)], dtype=object), allow_pickle=True)
    for described in (False, True):
        how = "with its digest" if described else "with the digest of before"
        changed = () if described else (("a changed byte", flat[:-1] + b"\1"),)  # who may write both can write anything
        for name, data in (*changed, ("another kind", others), ("a pickle", pickled(trace))):
            copy = spoilt("faiss", "index.faiss", data, described=described)
            yield f"an index with {name}, {how}", _line(lambda copy=copy: VectorIndex.load(copy))  # type: ignore[misc]
        for name, data in (("a pickled array", array.getvalue()), ("a bare pickle", pickled(trace))):
            copy = spoilt("arrays", "counts.npy", data, described=described)
            yield f"{name}, {how}", _line(lambda copy=copy: array_store.load(copy, "terms", types))  # type: ignore[misc]
    library = build_library(folder / "swapped", kites=bulletin_text("2024-05-02", "Forty kites rose over the lake."))
    same_name = HashingEncoder(512)
    same_name.digest = hashlib.sha256(b"others").hexdigest()
    for name, encoder in (("of another name", HashingEncoder(64)), ("with other weights", same_name)):
        yield f"a model {name}", _line(lambda encoder=encoder: Assistant(library, encoder).ask("kites"))  # type: ignore[misc]
    [vectors] = (folder / "swapped" / "library" / "segments").glob("*/passages/index.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"\1")
    yield "a library with a changed index", _line(lambda: Library.open(library.root))


def _line(call: Callable[[], object]) -> str | None:
    try:
        call()
    except (EmbeddingError, RagError) as error:
        return str(error)
    return None
