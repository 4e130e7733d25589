"""Unit rows in fewer dimensions and 8 bits, and the products of such rows.

All of it on torch's threads, which are the encoder's: NumPy's would go on spinning and slow the next text down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from embeddings.vectors import FloatRows, as_rows

SmallRows = npt.NDArray[np.int8]

# On the development questions 128 dimensions put the right passage as far in front as the full 384, 96 nearly so.
WIDTH = 128
# The greatest number stored.  Processors without instructions of their own for 8-bit numbers sum products in pairs of
# 16 bits, one factor shifted by 128: with 2 * (128 + 78) * 78 < 2 ** 15 no pair is cut off, with 127 every one is.
LIMIT = 78
# torch takes a single column for something else.
_LEAST = 8


@dataclass(frozen=True, eq=False)
class Projection:
    """From (n, dimension) unit rows to (n, width) int8 ones, which lie along the directions that tell them best apart.

    Attributes:
        axes: (dimension, width) float32, orthonormal.
        scale: what a reduced row of length 1 is multiplied by before it is rounded.
    """

    axes: FloatRows
    scale: float

    @property
    def width(self) -> int:
        return int(self.axes.shape[1])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of axes and scale."""
        return hashlib.sha256(self.axes.tobytes() + np.float64(self.scale).tobytes()).hexdigest()

    @classmethod
    def fit(cls, samples: Sequence[FloatRows], width: int = WIDTH) -> Projection:
        """The principal directions of the samples' rows, not of their differences from the mean: that is no better,
        and a cosine would be another's.  With fewer rows than ``width``, whatever directions are left fill it up.

        Raises:
            BadVectors: the samples differ in dimension.
        """
        if not samples:
            return cls(np.empty((0, width), dtype=np.float32), 1.0)
        import torch

        dimension = samples[0].shape[1]
        moments = torch.zeros((dimension, dimension), dtype=torch.float64)
        for sample in samples:
            rows = torch.from_numpy(as_rows(sample, dimension=dimension))
            moments += rows.T @ rows
        directions = torch.linalg.eigh(moments).eigenvectors
        kept = min(width, dimension)
        # Turned at random, so that no direction has much greater numbers than the others: 8 bits serve all alike.
        turn = torch.linalg.qr(torch.from_numpy(np.random.default_rng(0).standard_normal((kept, kept)))).Q
        axes = (directions[:, -kept:] @ turn).numpy()
        fitted = cls(np.pad(axes, ((0, 0), (0, max(0, _LEAST - kept)))).astype(np.float32), 1.0)
        greatest = max(float(np.abs(fitted._units(sample)).max(initial=0)) for sample in samples)
        return cls(fitted.axes, LIMIT / (greatest or 1))

    def reduced(self, rows: FloatRows) -> SmallRows:
        """(n, width) rows to keep.

        Raises:
            BadVectors: the rows are of another dimension.
        """
        units = self._units(rows)
        kept: SmallRows = np.clip(np.rint(units * self.scale), -LIMIT, LIMIT).astype(np.int8)
        return kept

    def asked(self, rows: FloatRows) -> tuple[SmallRows, FloatRows]:
        """(q, width) rows for :func:`products` with kept ones, and what to divide the products by for cosines, (q,).

        Raises:
            BadVectors: the rows are of another dimension.
        """
        units = self._units(rows)
        scales = LIMIT / np.maximum(np.abs(units).max(axis=1), 1e-6)
        asked = np.rint(units * scales[:, None]).astype(np.int8)
        return asked, (scales * self.scale).astype(np.float32)

    def _units(self, rows: FloatRows) -> FloatRows:
        """The rows along the axes, of length 1 again; one that lies across all of them stays zero."""
        import torch

        along = (torch.from_numpy(as_rows(rows, dimension=len(self.axes))) @ torch.from_numpy(self.axes)).numpy()
        units: FloatRows = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
        return units


def products(asked: SmallRows, kept: SmallRows) -> npt.NDArray[np.int32]:
    """All inner products, (q, n)."""
    import torch

    found: npt.NDArray[np.int32] = torch._int_mm(torch.from_numpy(asked), torch.from_numpy(kept).T).numpy()
    return found
