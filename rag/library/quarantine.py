"""Files of the folders that couldn't be read as bulletins at the latest indexing, each with the reason.

library/quarantine.json, sealed.  A file that hasn't changed since isn't tried again by the same version.
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
    """``file_sha256`` is "" where the file could not even be read; ``since`` is the day it was first found so."""

    bulletin: str
    file_sha256: str
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class _File:
    version: str
    files: tuple[Quarantined, ...]


def read(root: Path) -> tuple[Quarantined, ...]:
    """What is in quarantine, by name.

    Raises:
        LibraryDamaged: the list can't be read.
    """
    found = _read(root)
    return found.files if found else ()


def reasons(root: Path, version: str) -> dict[tuple[str, str], str]:
    """Why files with this name and digest couldn't be read by this version of the product."""
    try:
        found = _read(root)
    except LibraryDamaged:
        return {}  # they are tried again, and the list is written anew
    if found is None or found.version != version:
        return {}
    return {(one.bulletin, one.file_sha256): one.reason for one in found.files if one.file_sha256}


def write(root: Path, skipped: Sequence[Skipped], digests: Mapping[str, str], version: str) -> None:
    """Puts the files skipped in the place of those of before; ``digests`` are their SHA-256 as far as known."""
    try:
        before = {(one.bulletin, one.reason): one.since for one in read(root)}
    except LibraryDamaged:
        before = {}
    today = dt.date.today().isoformat()
    rows = []
    for one in skipped:
        since = before.get((one.bulletin, one.reason), today)
        rows.append(Quarantined(one.bulletin, digests.get(one.bulletin, ""), one.reason, since))
    if rows or (root / FILE).exists():
        files.write_checksummed(root / FILE, asdict(_File(version, tuple(rows))))


def _read(root: Path) -> _File | None:
    content = files.read_checksummed(root / FILE, _REMEDY)
    try:
        return None if content is None else TypeAdapter(_File).validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("is no list of files in quarantine", where=root / FILE, remedy=_REMEDY) from error
