"""Unit rows in fewer dimensions and 8 bits, and the dot products of such rows.

All of it on torch's threads where torch runs the encoder: NumPy's would go on spinning and slow the next text down.
Where it isn't loaded it isn't loaded for this either, and NumPy does the same.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.vectors import FloatRows, as_rows

QuantizedRows = npt.NDArray[np.int8]

# On the development questions 128 dimensions put the right passage as far in front as the full 384, 96 nearly so.
WIDTH = 128
# The greatest number stored.  Processors without instructions of their own for 8-bit numbers sum products in pairs of
# 16 bits, one factor shifted by 128: with 2 * (128 + 78) * 78 < 2 ** 15 no pair is cut off, with 127 every one is.
MAX_CODE = 78
# torch takes a single column for something else.
_MIN_COLUMNS = 8
# Stored rows that NumPy brings to 32 bits at a time, which takes 2 MB.
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Quantizer:
    """Maps (n, dimension) unit rows to (n, width) int8 rows along the samples' principal directions.

    Every method that takes rows raises:
        BadVectors: they differ in dimension, or are of another one.
    """

    axes: FloatRows  # (dimension, width), orthonormal
    scale: float  # what a projected row of length 1 is multiplied by before it is rounded
    fitted_tokens: int  # rows that it was fitted on

    @property
    def width(self) -> int:
        """Numbers in a quantized row."""
        return int(self.axes.shape[1])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of axes and scale."""
        return hashlib.sha256(self.axes.tobytes() + np.float64(self.scale).tobytes()).hexdigest()

    @classmethod
    def fit(cls, samples: Sequence[FloatRows], width: int = WIDTH) -> Quantizer:
        """A quantizer for rows like the samples'; with fewer rows than ``width``, any directions left fill it up.

        The directions are those of the rows, not of their differences from the mean: that is no better, and a cosine
        would be another's.
        """
        if not samples:
            return cls(np.empty((0, width), dtype=np.float32), 1.0, 0)
        library, tensor = _library()
        dimension = samples[0].shape[1]
        moments = library.zeros((dimension, dimension), dtype=library.float64)
        for sample in samples:
            rows = tensor(as_rows(sample, dimension=dimension))
            moments += rows.T @ rows
        directions = library.linalg.eigh(moments)[1]
        columns = min(width, dimension)
        # Rotated at random, so that no direction has much greater numbers than the others: 8 bits serve all alike.
        rotation = library.linalg.qr(tensor(np.random.default_rng(0).standard_normal((columns, columns))))[0]
        axes = np.asarray(directions[:, -columns:] @ rotation)
        unscaled = cls(np.pad(axes, ((0, 0), (0, max(0, _MIN_COLUMNS - columns)))).astype(np.float32), 1.0, 0)
        greatest = max(float(np.abs(unscaled._projected(sample)).max(initial=0)) for sample in samples)
        return cls(unscaled.axes, MAX_CODE / (greatest or 1), sum(map(len, samples)))

    def quantize(self, rows: FloatRows) -> QuantizedRows:
        """(n, width) rows to store."""
        codes = np.clip(np.rint(self._projected(rows) * self.scale), -MAX_CODE, MAX_CODE)
        quantized: QuantizedRows = codes.astype(np.int8)
        return quantized

    def quantize_query(self, rows: FloatRows) -> tuple[QuantizedRows, FloatRows]:
        """(q, width) rows for :func:`dot_products` with stored ones, and the (q,) divisors that make them cosines."""
        projected = self._projected(rows)
        scales = MAX_CODE / np.maximum(np.abs(projected).max(axis=1), 1e-6)
        quantized = np.rint(projected * scales[:, None]).astype(np.int8)
        return quantized, (scales * self.scale).astype(np.float32)

    def _projected(self, rows: FloatRows) -> FloatRows:
        """The rows along the axes, of length 1 again; one that lies across all of them stays zero."""
        _, tensor = _library()
        along = np.asarray(tensor(as_rows(rows, dimension=len(self.axes))) @ tensor(self.axes))
        units: FloatRows = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
        return units


def dot_products(queries: QuantizedRows, stored: QuantizedRows) -> npt.NDArray[np.int32]:
    """All inner products, (q, n), exact."""
    library, tensor = _library()
    if library is not np:
        found: npt.NDArray[np.int32] = library._int_mm(tensor(queries), tensor(stored).T).numpy()
        return found
    products = np.empty((len(queries), len(stored)), dtype=np.int32)
    # In 32 bits these products are whole numbers that floats hold, and for floats there are quick products.
    for start in range(0, len(stored), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        products[:, part] = queries.astype(np.float32) @ stored[part].astype(np.float32).T
    return products


def _library() -> tuple[Any, Any]:
    """torch, or NumPy where nothing has loaded that, and what makes the library's tensors of NumPy's arrays."""
    torch = sys.modules.get("torch")
    return (torch, torch.from_numpy) if torch else (np, np.asarray)
