"""Unit vectors in a FAISS flat index: exact inner products, which for unit rows are cosine similarities.

Saved, an index is a plain folder: ``index.faiss`` holds the vectors and ``index.json`` says what they are.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.errors import BadVectors, IndexUnreadable
from embeddings.vectors import FloatRows, as_rows, check_unit_rows

VECTORS, DESCRIPTION = "index.faiss", "index.json"
FORMAT = 1
REBUILD = "Build the index again"

# FAISS writes a flat inner-product index as this mark, a header of 45 bytes in all, then the rows.
_MARK, _HEADER = b"IxFI", 45
# No sound index comes near it: 8 GiB are five million rows of 384 dimensions.
_BYTE_LIMIT = 8 << 30

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Description:
    """What ``index.json`` holds."""

    dimension: int
    rows: int
    bytes: int
    sha256: str
    format: int = FORMAT
    kind: str = "faiss IndexFlatIP"
    metric: str = "inner product"
    normalised: bool = True
    faiss: str = faiss.__version__


class VectorIndex:
    """Rows numbered from 0 in the order they were given; a row's number is its id."""

    def __init__(self, flat: Any) -> None:
        self._flat = flat
        shape = (flat.ntotal, flat.d)
        # A view of the index's own storage, so that the rows stand in memory once; ``_flat`` keeps it alive.
        stored = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d) if flat.ntotal else np.empty(0, np.float32)
        self._rows: FloatRows = stored.reshape(shape)
        self._rows.flags.writeable = False

    @classmethod
    def build(cls, rows: npt.ArrayLike) -> VectorIndex:
        """Index (n, d) unit rows; n may be 0.

        Raises:
            BadVectors: the shape is wrong, or a row isn't of length 1.
        """
        array = check_unit_rows(rows)
        flat = faiss.IndexFlatIP(array.shape[1])
        flat.add(array)
        return cls(flat)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    def search(self, queries: npt.ArrayLike, k: int) -> list[tuple[Ids, FloatRows]]:
        """The ``k`` nearest rows to each of (q, d) unit queries, or all where there are fewer.

        Returns:
            For each query its ids and their cosine similarities, nearest first.

        Raises:
            BadVectors: the queries have another shape or dimension than the rows.
            ValueError: ``k`` is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        rows = as_rows(queries, dimension=self.dimension)
        # One thread is the fastest here: 1.2 ms a question over 20,000 rows, against 6 to 16 on two, as FAISS's
        # threads get in the way of torch's.  FAISS keeps the number for each calling thread, hence on every call.
        faiss.omp_set_num_threads(1)
        scores, ids = self._flat.search(rows, k)
        # FAISS pads with -1 where there are fewer than k rows.
        return [(line[line >= 0], values[line >= 0]) for line, values in zip(ids, scores, strict=True)]

    def scores(self, query: npt.ArrayLike) -> FloatRows:
        """The cosine similarity of one (d,) or (1, d) unit query to every row, shape (n,), in order of id.

        Raises:
            BadVectors: the query is not one vector of the rows' dimension.
        """
        row = as_rows(np.atleast_2d(query), dimension=self.dimension)
        if len(row) != 1:
            raise BadVectors(f"one query is scored at a time, got {len(row)}")
        # 1.3 ms over 20,000 rows of 384; FAISS, which would sort them too, takes 4 to 9.  A matrix product is no
        # faster, and its threads go on spinning, which slows the next question's encoding.
        products: FloatRows = np.vecdot(self._rows, row[0])
        return products

    def rows(self, ids: npt.ArrayLike) -> FloatRows:
        """A copy of the rows with these ids, shape (len(ids), d), in the order asked for.

        Raises:
            BadVectors: no row has such an id.
        """
        wanted = np.asarray(ids, dtype=np.int64).reshape(-1)
        unknown = (wanted < 0) | (wanted >= len(self))
        if unknown.any():
            raise BadVectors(f"no row has the id {wanted[unknown][0]}; there are {len(self)}")
        return self._rows[wanted]

    def save(self, folder: Path) -> None:
        """Write ``index.faiss`` and ``index.json`` into ``folder`` and wait until both are on the disk.

        Raises:
            OSError: the folder can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        stored = faiss.serialize_index(self._flat).data
        description = _Description(self.dimension, len(self), len(stored), hashlib.sha256(stored).hexdigest())
        _write(folder / VECTORS, stored)
        _write(folder / DESCRIPTION, (json.dumps(asdict(description), indent=2) + "\n").encode())
        _sync(folder)

    @classmethod
    def load(cls, folder: Path) -> VectorIndex:
        """Read what :meth:`save` wrote, checked byte for byte before FAISS sees it.

        Raises:
            IndexUnreadable: a file is missing, cut short or changed, or isn't an index of this format.
        """
        path = folder / VECTORS
        description = _describe(folder / DESCRIPTION)
        try:
            size = path.stat().st_size
            if size != description.bytes:
                raise _unreadable(path, f"the file is {size} bytes long, {description.bytes} were written")
            # The bytes that are checked are the bytes that are read: the file isn't opened a second time.
            stored = np.fromfile(path, dtype=np.uint8)
        except OSError as error:
            raise _unreadable(path, f"the file can't be read ({error.strerror})") from error
        if hashlib.sha256(stored.data).hexdigest() != description.sha256:
            raise _unreadable(path, "the bytes are not those that were written (sha256 differs)")
        return cls(_deserialise(path, stored, description))


def _deserialise(path: Path, stored: npt.NDArray[np.uint8], description: _Description) -> Any:
    """FAISS's reader is not safe on bytes made to deceive it, so only the plain flat format gets that far."""
    expected = _HEADER + 4 * description.rows * description.dimension
    if not stored[: len(_MARK)].tobytes() == _MARK or len(stored) != expected or expected > _BYTE_LIMIT:
        raise _unreadable(path, f"not a flat index of {description.rows} rows x {description.dimension}")
    faiss.set_deserialization_vector_byte_limit(_BYTE_LIMIT)
    faiss.set_deserialization_loop_limit(1)
    try:
        flat = faiss.deserialize_index(stored)
    except RuntimeError as error:
        raise _unreadable(path, "FAISS can't read the file") from error
    if (flat.ntotal, flat.d) != (description.rows, description.dimension):
        raise _unreadable(path, f"holds {flat.ntotal} rows x {flat.d}, described otherwise")
    return flat


def _describe(path: Path) -> _Description:
    try:
        entries = json.loads(path.read_bytes())
        description = _Description(**entries)
    except OSError as error:
        raise _unreadable(path, f"the file can't be read ({error.strerror})") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(path, "the file is not an index description") from error
    ours = _Description(0, 0, 0, "")
    for field, expected in asdict(ours).items():
        value = entries.get(field, expected)
        if type(value) is not type(expected):
            raise _unreadable(path, f'"{field}" is {value!r}')
        if field in ("format", "kind", "metric", "normalised") and value != expected:
            raise _unreadable(path, f'"{field}" is {value!r}, this program reads {expected!r}')
    if description.rows < 0 or description.dimension < 1:
        raise _unreadable(path, f"says {description.rows} rows x {description.dimension}")
    return description


def _unreadable(path: Path, what: str) -> IndexUnreadable:
    return IndexUnreadable(what, where=path, remedy=REBUILD)


def _write(path: Path, data: bytes | memoryview) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    # A new name is only as durable as the folder that holds it; Windows can't open folders and needs no such call.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
