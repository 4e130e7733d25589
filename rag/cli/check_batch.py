"""A file of citations to check, one JSON object a line -> the verdicts, in order; an unusable line is told why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.checking import report_json
from rag.checking.attribution import given
from rag.cli.ask_batch import rows
from rag.errors import SettingInvalid

if TYPE_CHECKING:
    from rag.checking.checker import Checker
    from rag.checking.models import Report

_CLAIMS = ("date", "title", "district")


def replies(checker: Checker, path: Path) -> Iterator[dict[str, Any]]:
    """The command line's JSON for each line of the file; - is standard input.

    Raises:
        SettingInvalid: the file can't be read.
        LibraryDamaged: a stored text is missing or changed.
    """
    for number, row in rows(path):
        identifier = row.get("id") if isinstance(row, dict) else None
        try:
            yield {"id": identifier, **report_json.reported(_checked(checker, row))}
        except (SettingInvalid, ValueError) as error:
            yield {"id": identifier, "verdicts": [], "messages": [f"Line {number}: {error}"]}


def _checked(checker: Checker, row: Any) -> Report:
    """Checks a line.

    Raises:
        SettingInvalid: it isn't an object with a text, or a field is of another kind.
        ValueError: a claim can't be read.
    """
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise SettingInvalid("no object with a text", remedy='Write {"id": "…", "text": "…"}')
    quote, claimed = row.get("quote"), row.get("claimed")
    if quote is not None and not isinstance(quote, str):
        raise SettingInvalid("quote is no text")
    if claimed is None:
        return checker.check(row["text"], quote=quote)
    if not isinstance(claimed, dict) or not all(isinstance(claimed.get(key), str | None) for key in _CLAIMS):
        raise SettingInvalid("claimed is no object of texts", remedy='Write {"date": "…", "title": "…"}')
    return checker.check(row["text"], quote=quote, claims=given(*(claimed.get(key) for key in _CLAIMS)))
