"""Logistic regressions whose coefficients stand in ``rag/data``; a file fitted for other features is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import FiniteFloat, TypeAdapter, ValidationError

from rag.errors import DataDamaged
from rag.text.wordlists import RESTORE_REMEDY, read_packaged

Features = npt.NDArray[np.float64]
DATA = Path(__file__).parent.parent / "data"
_OBJECT = TypeAdapter(dict[str, Any])
_NUMBERS = TypeAdapter(dict[str, FiniteFloat])


@dataclass(frozen=True, slots=True)
class LogisticRegression:
    """A logistic regression over named features, in the order of the names."""

    coefficients: tuple[float, ...]
    intercept: float

    def probabilities(self, features: Features) -> Features:
        """(n, f) or (f,) features -> (n,) or () probabilities."""
        logits = features @ np.array(self.coefficients) + self.intercept
        result: Features = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))  # clipped, so that exp can't overflow
        return result


def read_fitted(path: Path, features: Sequence[str], *others: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The coefficients of these features, and the file's other numbers.

    Raises:
        DataDamaged: the file is missing, unreadable, or fitted for other features.
    """
    try:
        content = _OBJECT.validate_json(read_packaged(path))
        coefficients = _NUMBERS.validate_python(content.get("coefficients"), strict=True)
        numbers = _NUMBERS.validate_python({name: content.get(name) for name in others}, strict=True)
    except ValidationError as error:
        raise DataDamaged("is no file of fitted numbers", where=path, remedy=RESTORE_REMEDY) from error
    if differing := sorted(set(features) ^ set(coefficients)):
        what = f"is of another version: it and the code differ in {', '.join(differing)}"
        raise DataDamaged(what, where=path, remedy=f"{RESTORE_REMEDY}, or fit anew: python -m evals.fit SET_DIR")
    return tuple(coefficients[name] for name in features), tuple(numbers[name] for name in others)
