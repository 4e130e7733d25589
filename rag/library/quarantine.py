"""Files of the folders that couldn't be read as bulletins at the latest indexing, each with the reason.

library/quarantine.json, checksummed.  A file that hasn't changed since isn't tried again by the same version.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files
from rag.errors import LibraryDamaged
from rag.ingest.folders import Skipped

FILE = "quarantine.json"
_REMEDY = "Run: python -m rag index"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file in quarantine.

    ``file_sha256`` is "" if the file could not even be read; ``since`` is the day it was first skipped for that reason.
    """

    bulletin: str
    file_sha256: str
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class _Quarantine:
    version: str
    files: tuple[Quarantined, ...]


_QUARANTINE = TypeAdapter(_Quarantine)


def read(root: Path) -> tuple[Quarantined, ...]:
    """Returns what is in quarantine, by name; raises LibraryDamaged if the list can't be read."""
    return _read(root).files


def reasons(root: Path, version: str) -> dict[tuple[str, str], str]:
    """Returns why this version of the product couldn't read files, by name and digest."""
    try:
        quarantine = _read(root)
    except LibraryDamaged:
        return {}  # they are tried again, and the list is written anew
    if quarantine.version != version:
        return {}
    return {(file.bulletin, file.file_sha256): file.reason for file in quarantine.files if file.file_sha256}


def write(root: Path, skipped: Sequence[Skipped], digests: Mapping[str, str], version: str) -> None:
    """Replaces the list by the files skipped now; ``digests`` are their SHA-256 as far as known, by name."""
    try:
        before = {(file.bulletin, file.reason): file.since for file in read(root)}
    except LibraryDamaged:
        before = {}
    today = dt.date.today().isoformat()
    rows = []
    for file in skipped:
        since = before.get((file.bulletin, file.reason), today)
        rows.append(Quarantined(file.bulletin, digests.get(file.bulletin, ""), file.reason, since))
    if rows or (root / FILE).exists():
        files.write_checksummed(root / FILE, asdict(_Quarantine(version, tuple(rows))))


def _read(root: Path) -> _Quarantine:
    content = files.read_checksummed(root / FILE, _REMEDY) or {"version": "", "files": ()}
    try:
        return _QUARANTINE.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("is no list of files in quarantine", where=root / FILE, remedy=_REMEDY) from error
