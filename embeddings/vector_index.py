"""Unit vectors in a FAISS flat index: exact inner products, which for unit rows are cosine similarities.

Saved, an index is a plain folder: ``index.faiss`` holds the vectors and ``index.json`` says what they are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.array_store import reading, synced_file, unreadable, write_description
from embeddings.errors import BadVectors
from embeddings.vectors import FloatRows, as_rows, check_unit_rows, known_ids

VECTORS, DESCRIPTION = "index.faiss", "index.json"
FORMAT = 1

# FAISS writes a flat inner-product index as this magic number, a header of 45 bytes in all, then the rows.
_MAGIC, _HEADER_BYTES = b"IxFI", 45
# No sound index comes near it: 8 GiB are five million rows of 384 dimensions.
_MAX_BYTES = 8 << 30


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

    def __init__(self, flat: faiss.IndexFlatIP) -> None:
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
        """Numbers in a row."""
        return int(self._rows.shape[1])

    def scores(self, query: npt.ArrayLike) -> FloatRows:
        """The cosine similarity of one (d,) or (1, d) unit query to every row, shape (n,), in order of id.

        Raises:
            BadVectors: the query is not one vector of the rows' dimension.
        """
        row = as_rows(np.atleast_2d(query), dimension=self.dimension)
        if len(row) != 1:
            raise BadVectors(f"one query is scored at a time, got {len(row)}")
        # 1.3 ms over 20,000 rows of 384.  A matrix product is no faster, and its threads go on spinning, which slows
        # the next question's encoding.
        products: FloatRows = np.vecdot(self._rows, row[0])
        return products

    def rows(self, ids: npt.ArrayLike) -> FloatRows:
        """A copy of the rows with these ids, shape (len(ids), d), in the order asked for.

        Raises:
            BadVectors: no row has such an id.
        """
        return self._rows[known_ids(ids, len(self), "no row has the id")]

    def save(self, folder: Path) -> None:
        """Write ``index.faiss`` and ``index.json`` into ``folder`` and wait until both are on the disk.

        Raises:
            OSError: the folder can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        stored = faiss.serialize_index(self._flat).data
        description = _Description(self.dimension, len(self), len(stored), hashlib.sha256(stored).hexdigest())
        with synced_file(folder / VECTORS) as file:
            file.write(stored)
        write_description(folder / DESCRIPTION, asdict(description))

    @classmethod
    def load(cls, folder: Path) -> VectorIndex:
        """Read what :meth:`save` wrote, checked byte for byte before FAISS sees it.

        Raises:
            IndexUnreadable: a file is missing, cut short or changed, or isn't an index of this format.
        """
        path = folder / VECTORS
        description = _read_description(folder / DESCRIPTION)
        with reading(path, "the file is not an index"):
            size = path.stat().st_size
            if size != description.bytes:
                raise unreadable(path, f"the file is {size} bytes long, {description.bytes} were written")
            # The bytes that are checked are the bytes that are read: the file isn't opened a second time.
            stored = np.fromfile(path, dtype=np.uint8)
        if hashlib.sha256(stored.data).hexdigest() != description.sha256:
            raise unreadable(path, "the bytes are not those that were written (sha256 differs)")
        return cls(_deserialize(path, stored, description))


def _deserialize(path: Path, stored: npt.NDArray[np.uint8], description: _Description) -> Any:
    """The index in these bytes; FAISS's reader is unsafe on crafted bytes, so only the plain flat format reaches it."""
    expected = _HEADER_BYTES + 4 * description.rows * description.dimension
    if not stored[: len(_MAGIC)].tobytes() == _MAGIC or len(stored) != expected or expected > _MAX_BYTES:
        raise unreadable(path, f"not a flat index of {description.rows} rows x {description.dimension}")
    faiss.set_deserialization_vector_byte_limit(_MAX_BYTES)
    faiss.set_deserialization_loop_limit(1)
    try:
        flat = faiss.deserialize_index(stored)
    except RuntimeError as error:
        raise unreadable(path, "FAISS can't read the file") from error
    if (flat.ntotal, flat.d) != (description.rows, description.dimension):
        raise unreadable(path, f"holds {flat.ntotal} rows x {flat.d}, described otherwise")
    return flat


def _read_description(path: Path) -> _Description:
    with reading(path, "the file is not an index description"):
        entries = json.loads(path.read_bytes())
        description = _Description(**entries)
    for field, expected in asdict(_Description(0, 0, 0, "")).items():
        value = entries.get(field, expected)
        if type(value) is not type(expected):
            raise unreadable(path, f'"{field}" is {value!r}')
        if field in ("format", "kind", "metric", "normalised") and value != expected:
            raise unreadable(path, f'"{field}" is {value!r}, this program reads {expected!r}')
    if description.rows < 0 or description.dimension < 1:
        raise unreadable(path, f"says {description.rows} rows x {description.dimension}")
    return description
