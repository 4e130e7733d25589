"""What the library keeps of its texts: every one stays, and beside it what its bulletins were called and said.

library/texts/SHA256.txt    a text, under the digest of its UTF-8
              SHA256.json   the bulletins that ever carried it: what was known of each, in which generation and when it
                            was first stored

So an old quote can be shown and proved after its bulletin has changed or gone.  A record is of the head and sections
alone; the words are always proved by the text's digest.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from rag import files
from rag.errors import LibraryDamaged
from rag.library.reader import Library, text_path
from rag.models import StoredBulletin, StoredText

FORMAT = 2
_FORMAT_1 = b'{"format":1,'  # which had no digest of its own
State = Literal["current", "changed", "withdrawn"]
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was known of a bulletin that carried the text; ``since`` is when it was first stored so, and ``number`` that
    of its generation: it goes up even where the clock is set back."""

    bulletin: StoredBulletin
    generation: str
    since: dt.datetime
    number: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """All that carried one text, the earliest first."""

    format: int
    entries: tuple[Entry, ...]


_RECORD = TypeAdapter(Record)
_REMEDY = "Remove it and run: python -m rag index"


@dataclass(frozen=True, slots=True)
class ArchivedText:
    """A stored text and how it stands today; ``text`` has been compared with ``sha256``.

    ``bulletin`` is what was last known of it, None where no record of an old text is left: its words are proved then,
    whose they were isn't known.  ``state``: "current" (a bulletin of the library carries it), "changed" (``now`` is the
    one of the same name, else of the same address, with other words) or "withdrawn" (there is none).  ``corrected_by``
    is the bulletin that replaces the current one, or ``now``.  ``since`` is when the text was first stored, None where
    no record says, and ``number`` that of the generation it came with, 0 where none says.
    """

    sha256: str
    text: StoredText
    state: State
    bulletin: StoredBulletin | None
    now: StoredBulletin | None = None
    corrected_by: StoredBulletin | None = None
    since: dt.datetime | None = None
    number: int = 0


def is_digest(sha256: str) -> bool:
    """Whether this can be the name of a text: asked of whatever comes from outside, before a path is made of it."""
    return _DIGEST.fullmatch(sha256) is not None


def record(root: Path, bulletins: Iterable[StoredBulletin], generation: str, number: int, at: str) -> tuple[Path, ...]:
    """Writes what is new about these bulletins of a generation beside their texts; ``at`` is the time in ISO format.

    Returns the records that could not be read and were written anew.
    """
    when = dt.datetime.fromisoformat(at)
    by_digest: dict[str, list[StoredBulletin]] = {}
    for bulletin in bulletins:
        by_digest.setdefault(bulletin.sha256, []).append(bulletin)
    unreadable = []
    for sha256, own in by_digest.items():
        try:
            before = entries(root, sha256)
        except LibraryDamaged:
            before = ()
            unreadable.append(record_path(root, sha256))
        known = {_lasting(entry.bulletin) for entry in before}
        lasting = dict.fromkeys(map(_lasting, own))
        new = [Entry(bulletin, generation, when, number) for bulletin in lasting if bulletin not in known]
        if new or record_path(root, sha256) in unreadable:
            record = _RECORD.dump_python(Record(FORMAT, (*before, *new)), mode="json")
            files.write_atomic_unsynced(record_path(root, sha256), files.dump_checksummed(record))
    if by_digest:
        files.sync_folder(root / "texts")
    return tuple(unreadable)


def record_path(root: Path, sha256: str) -> Path:
    return text_path(root, sha256).with_suffix(".json")


def is_recorded(root: Path, sha256: str) -> bool:
    """Whether there is a record of the text, as it was written; quicker than ``entries``."""
    try:
        data = record_path(root, sha256).read_bytes()
        record = json.loads(data) if data.startswith(_FORMAT_1) else files.load_checksummed(data)
        return all(entry["bulletin"]["sha256"] == sha256 for entry in record["entries"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def entries(root: Path, sha256: str) -> tuple[Entry, ...]:
    """What is kept of the bulletins that carried this text, the earliest first; () where there is no record.

    Raises:
        LibraryDamaged: the record can't be read, or is of another text.
    """
    path = record_path(root, sha256)
    try:
        data = path.read_bytes()
        record = _RECORD.validate_python(
            json.loads(data) if data.startswith(_FORMAT_1) else files.load_checksummed(data)
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise LibraryDamaged("can't be read as the record of a text", where=path, remedy=_REMEDY) from error
    if record.format not in (1, FORMAT) or any(entry.bulletin.sha256 != sha256 for entry in record.entries):
        raise LibraryDamaged("is the record of another text or version", where=path, remedy=_REMEDY)
    return record.entries


def find(library: Library, sha256: str) -> ArchivedText | None:
    """The stored text with that digest; None where the library never held one.

    Raises:
        LibraryDamaged: text or record is missing, or is not what was stored.
    """
    if not is_digest(sha256):
        return None
    found = entries(library.root, sha256)
    if sha256 not in library.by_digest and not found and not text_path(library.root, sha256).exists():
        return None
    return _kept(library, sha256, found)


def versions(library: Library, name: str) -> tuple[ArchivedText, ...]:
    """The texts that the bulletin of this name, or of the same address, ever carried, newest first, those
    left out that another one carries today.

    Raises:
        LibraryDamaged: see ``find``.
    """
    before = old(library)
    today = library.by_name.get(name)
    own = [today] if today else [e.bulletin for found in before.values() for e in found if e.bulletin.name == name]
    urls = {bulletin.url for bulletin in own if bulletin.url}
    digests = [
        sha256
        for sha256, found in before.items()
        if any(entry.bulletin.name == name or entry.bulletin.url in urls for entry in found)
    ]
    past = [_kept(library, sha256, before[sha256]) for sha256 in digests]
    past.sort(key=lambda one: (one.number, one.since is not None, one.since, one.sha256), reverse=True)
    current = [_kept(library, today.sha256, entries(library.root, today.sha256), today)] if today else []
    return (*current, *past)


def status(
    library: Library, sha256: str, carriers: Iterable[tuple[str, str | None]]
) -> tuple[State, StoredBulletin | None]:
    """How a text stands today, and the bulletin that carries it, or that stands in its place; ``carriers`` are names
    and addresses that it went by."""
    own = list(carriers)
    for name, _ in own:
        if name in library.by_name and library.by_name[name].sha256 == sha256:
            return "current", library.by_name[name]
    if sha256 in library.by_digest:
        return "current", library.by_digest[sha256]
    for name, _ in own:
        if name in library.by_name:
            return "changed", library.by_name[name]
    urls = {url for _, url in own if url}
    now = next((bulletin for bulletin in library.bulletins if bulletin.url in urls), None)
    return ("changed", now) if now else ("withdrawn", None)


def _kept(library: Library, sha256: str, found: tuple[Entry, ...], today: StoredBulletin | None = None) -> ArchivedText:
    latest = [entry.bulletin for entry in reversed(found)]
    carriers = [(today.name, today.url)] if today else [(bulletin.name, bulletin.url) for bulletin in latest]
    state, now = status(library, sha256, carriers)
    if state == "current":
        bulletin = now
    else:
        same = (b for b in latest if now and (b.name == now.name or (b.url and b.url == now.url)))
        bulletin = next(same, latest[0] if latest else None)
    return ArchivedText(
        sha256=sha256,
        text=library.text(sha256),
        state=state,
        bulletin=bulletin,
        now=now,
        corrected_by=library.by_name.get(library.replaced_by.get(now.name, "")) if now else None,
        since=min((entry.since for entry in found), default=None),
        number=min((entry.number for entry in found), default=0),
    )


def _lasting(bulletin: StoredBulletin) -> StoredBulletin:
    """All but what depends on the other bulletins of its generation."""
    return replace(bulletin, replaces=())


def old(library: Library) -> dict[str, tuple[Entry, ...]]:
    """The records of the texts that the library's bulletins don't carry, by digest."""
    try:
        listed = os.listdir(library.root / "texts")
    except FileNotFoundError:
        return {}
    stems = (name.removesuffix(".json") for name in listed if name.endswith(".json"))
    old = frozenset(stem for stem in stems if is_digest(stem) and stem not in library.by_digest)
    return dict(_read(library.root, library.generation, old))


@lru_cache(maxsize=4)
def _read(root: Path, generation: str, digests: frozenset[str]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Read once for each list of files: a record changes only as a generation is published."""
    return tuple((sha256, entries(root, sha256)) for sha256 in sorted(digests))


def remove_unrecorded(root: Path, digests: Iterable[str]) -> None:
    """Removes those of the texts that no record tells of, as they were never published."""
    for sha256 in digests:
        if not record_path(root, sha256).exists():
            text_path(root, sha256).unlink(missing_ok=True)


def integrity_errors(root: Path) -> Iterator[tuple[Path, str]]:
    """The records that can't be read, the texts of records that are missing, and what is wrong with each."""
    for path in sorted(root.glob("texts/*.json")):
        try:
            entries(root, path.stem)
        except LibraryDamaged as error:
            yield path, error.what
        if not text_path(root, path.stem).exists():
            yield text_path(root, path.stem), "is missing"
