"""A file of questions, one JSON object a line -> the replies, in order; an unusable line gets a reply that says why."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.cli import json_output
from rag.errors import SettingInvalid

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant
    from rag.models import Answer


def replies(assistant: Assistant, path: Path) -> Iterator[dict[str, Any]]:
    """The command line's JSON for each line of the file; - is standard input.

    Raises:
        SettingInvalid: the file can't be read.
    """
    for number, row in rows(path):
        identifier = row.get("id") if isinstance(row, dict) else None
        try:
            yield {"id": identifier, **json_output.answered(_asked(assistant, row))}
        except SettingInvalid as error:
            question = row.get("question") if isinstance(row, dict) else None
            yield json_output.refused(identifier, question, f"Line {number}: {error}")


def _asked(assistant: Assistant, row: Any) -> Answer:
    """Asks a line.

    Raises:
        SettingInvalid: it isn't an object with a question, or a field is of another kind.
    """
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise SettingInvalid("no object with a question", remedy='Write {"id": "…", "question": "…"}')
    history = row.get("history")
    history = [] if history is None else history
    if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
        raise SettingInvalid("history is not a list of questions")
    asked_on = row.get("asked_on")
    try:
        asked = None if asked_on is None else day(asked_on)
    except ValueError as error:
        raise SettingInvalid(f"asked_on: {error}") from None
    return assistant.ask(row["question"], asked_on=asked, history=history)


def rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Numbered JSON values of a file, - for standard input; None for a line that isn't JSON.

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
                yield number, json.loads(line, parse_constant=_no_number)
            except (ValueError, RecursionError):
                yield number, None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def day(value: object) -> dt.date:
    """The day written as YYYY-MM-DD, and no otherwise: ``fromisoformat`` alone would take "2024-W01" too.

    Raises:
        ValueError: it is no such date.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(value)
    raise ValueError(f"{value!r} is no date; write YYYY-MM-DD")
