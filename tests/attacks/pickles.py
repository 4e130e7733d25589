"""Pickles that make a file as soon as they are read."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any


class Evil:
    """Makes a file as soon as its pickle is read."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self._trace), "w")


def pickled(trace: Path) -> bytes:
    return pickle.dumps({"weight": Evil(trace)})


def zipped(trace: Path) -> bytes:
    """As torch saves it."""
    import torch

    data = io.BytesIO()
    torch.save(Evil(trace), data)
    return data.getvalue()
