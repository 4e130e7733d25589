"""Files of JSON lines, which the batches of ``ask`` and ``check`` are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.errors import SettingInvalid


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """The JSON values of a file's lines (- for standard input), numbered from 1; None for a line that isn't JSON.

    Blank lines are left out.

    Raises:
        SettingInvalid: the file can't be read.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise SettingInvalid(f"can't be read ({reason})", where=path, remedy="Name a file of JSON lines") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line, parse_constant=_refuse_constant)
            except (ValueError, RecursionError):
                yield number, None


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(f"{name} is no JSON")
