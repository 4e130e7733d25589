"""Fitted numbers of rag/data: read, and refused where they are not those of this code's signals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from rag.errors import DataDamaged
from rag.text.wordlists import RESTORE, read_data

Numbers = tuple[float, ...]
_OBJECT = TypeAdapter(dict[str, Any])
_NUMBERS = TypeAdapter(dict[str, FiniteFloat])


def read_fitted(path: Path, names: Sequence[str], *others: str) -> tuple[Numbers, Numbers]:
    """The coefficients of these names, and the file's other numbers.

    Raises:
        DataDamaged: the file is missing, unreadable, or fitted for other names.
    """
    text = read_data(path)
    try:
        found = _OBJECT.validate_json(text)
        coefficients = _NUMBERS.validate_python(found.get("coefficients"), strict=True)
        numbers = _NUMBERS.validate_python({name: found.get(name) for name in others}, strict=True)
    except ValidationError as error:
        raise DataDamaged("is no file of fitted numbers", where=path, remedy=RESTORE) from error
    if strangers := sorted(set(names) ^ set(coefficients)):
        what = f"is of another version: it and the code differ in {', '.join(strangers)}"
        raise DataDamaged(what, where=path, remedy=f"{RESTORE}, or fit anew: python -m evals.fit SET_DIR")
    return tuple(coefficients[name] for name in names), tuple(numbers[name] for name in others)
