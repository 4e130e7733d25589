"""The archive of texts: every text stays, with a record of the bulletins that ever carried it.

library/texts/SHA256.txt    a text, under the digest of its UTF-8
              SHA256.json   its record: what was known of each bulletin, and in which generation and when that was first
                            stored

So an old quote can be shown and proved after its bulletin has changed or gone.  A record is of the head and sections
alone; the words are always proved by the text's digest.
"""

from __future__ import annotations

import datetime as dt
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
State = Literal["current", "changed", "withdrawn"]
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was known of a bulletin that carried the text.

    ``since`` is when that was first stored, ``number`` the number of its generation, which rises in any case.
    """

    bulletin: StoredBulletin
    generation: str
    since: dt.datetime
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """The bulletins that carried one text, the earliest first."""

    format: int
    entries: tuple[Entry, ...]


_RECORD = TypeAdapter(Record)
_REMEDY = "Remove it and run: python -m rag index"


@dataclass(frozen=True, slots=True)
class ArchivedText:
    """A stored text, which has been compared with ``sha256``, and its state today.

    ``state`` is "current" if a bulletin of the library carries the text, "changed" if one of the same name, else of the
    same address, has other words ``now``, "withdrawn" if there is none.  ``bulletin`` is what was last known of its
    carrier, and ``since`` and ``number`` say when and with which generation it was first stored, as far as a record
    says; ``corrected_by`` replaces ``now``.
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
    """Whether this can be the name of a text; checked before a path is made of what comes from outside."""
    return _DIGEST.fullmatch(sha256) is not None


def record(root: Path, bulletins: Iterable[StoredBulletin], generation: str, number: int, at: str) -> tuple[Path, ...]:
    """Adds what is new about these bulletins of a generation to their texts' records; ``at`` is a time in ISO 8601.

    Returns the records that could not be read and were written anew.
    """
    since = dt.datetime.fromisoformat(at)
    by_digest: dict[str, list[StoredBulletin]] = {}
    for bulletin in bulletins:
        by_digest.setdefault(bulletin.sha256, []).append(bulletin)
    unreadable = []
    for sha256, carriers in by_digest.items():
        path = record_path(root, sha256)
        try:
            before = entries(root, sha256)
        except LibraryDamaged:
            before = ()
            unreadable.append(path)
        known = {_without_replaces(entry.bulletin) for entry in before}
        new = [bulletin for bulletin in dict.fromkeys(map(_without_replaces, carriers)) if bulletin not in known]
        if new or path in unreadable:
            added = (Entry(bulletin, generation, since, number) for bulletin in new)
            content = _RECORD.dump_python(Record(FORMAT, (*before, *added)), mode="json")
            files.write_atomic_unsynced({path: files.dump_checksummed(content)})
    if by_digest:
        files.sync_folder(root / "texts")
    return tuple(unreadable)


def record_path(root: Path, sha256: str) -> Path:
    """Returns the file of a text's record."""
    return text_path(root, sha256).with_suffix(".json")


def is_recorded(root: Path, sha256: str) -> bool:
    """Whether there is an undamaged record of the text."""
    try:
        return bool(entries(root, sha256))
    except LibraryDamaged:
        return False


def entries(root: Path, sha256: str) -> tuple[Entry, ...]:
    """Returns what is known of the bulletins that carried this text, the earliest first; () without a record.

    Raises:
        LibraryDamaged: the record can't be read, or is of another text.
    """
    path = record_path(root, sha256)
    try:
        record = _RECORD.validate_python(files.load_checksummed(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise LibraryDamaged("can't be read as the record of a text", where=path, remedy=_REMEDY) from error
    if record.format != FORMAT or any(entry.bulletin.sha256 != sha256 for entry in record.entries):
        raise LibraryDamaged("is the record of another text or version", where=path, remedy=_REMEDY)
    return record.entries


def find(library: Library, sha256: str) -> ArchivedText | None:
    """Returns the stored text with that digest, None if the library never held it.

    Raises:
        LibraryDamaged: text or record is missing, or is not what was stored.
    """
    if not is_digest(sha256):
        return None
    known = entries(library.root, sha256)
    if sha256 not in library.by_digest and not known and not text_path(library.root, sha256).exists():
        return None
    return _archived_text(library, sha256, known)


def versions(library: Library, name: str) -> tuple[ArchivedText, ...]:
    """Returns the texts that the bulletin of this name, or of the same address, ever carried, the newest first.

    A text that another bulletin carries today is left out.  Raises as ``find`` does.
    """
    records = past_entries(library)
    today = library.by_name.get(name)
    if today:
        namesakes = [today]
    else:
        namesakes = [entry.bulletin for known in records.values() for entry in known if entry.bulletin.name == name]
    urls = {bulletin.url for bulletin in namesakes if bulletin.url}
    past = [
        _archived_text(library, sha256, known)
        for sha256, known in records.items()
        if any(entry.bulletin.name == name or entry.bulletin.url in urls for entry in known)
    ]
    past.sort(key=lambda text: (text.number, text.since is not None, text.since, text.sha256), reverse=True)
    current = [_archived_text(library, today.sha256, entries(library.root, today.sha256), today)] if today else []
    return (*current, *past)


def status(
    library: Library, sha256: str, carriers: Iterable[tuple[str, str | None]]
) -> tuple[State, StoredBulletin | None]:
    """Returns a text's state today, and the bulletin that carries it or stands in its place.

    ``carriers`` are the names and addresses of the bulletins that carried it.
    """
    carriers = list(carriers)
    named = [library.by_name[name] for name, _ in carriers if name in library.by_name]
    same = next((bulletin for bulletin in named if bulletin.sha256 == sha256), library.by_digest.get(sha256))
    if same:
        return "current", same
    urls = {url for _, url in carriers if url}
    now = named[0] if named else next((bulletin for bulletin in library.bulletins if bulletin.url in urls), None)
    return ("changed", now) if now else ("withdrawn", None)


def _archived_text(
    library: Library, sha256: str, known: tuple[Entry, ...], today: StoredBulletin | None = None
) -> ArchivedText:
    latest = [entry.bulletin for entry in reversed(known)]
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
        since=min((entry.since for entry in known), default=None),
        number=min((entry.number for entry in known), default=0),
    )


def _without_replaces(bulletin: StoredBulletin) -> StoredBulletin:
    """Returns the bulletin without what depends on the other bulletins of its generation."""
    return replace(bulletin, replaces=())


def past_entries(library: Library) -> dict[str, tuple[Entry, ...]]:
    """Returns the records of the texts that no bulletin of the library carries, by digest."""
    try:
        listed = os.listdir(library.root / "texts")
    except FileNotFoundError:
        return {}
    stems = (name.removesuffix(".json") for name in listed if name.endswith(".json"))
    past = frozenset(stem for stem in stems if is_digest(stem) and stem not in library.by_digest)
    return dict(_read_entries(library.root, library.generation, past))


@lru_cache(maxsize=4)
def _read_entries(root: Path, generation: str, digests: frozenset[str]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Reads records once for each generation: they change only as one is published."""
    return tuple((sha256, entries(root, sha256)) for sha256 in sorted(digests))


def integrity_errors(root: Path) -> Iterator[tuple[Path, str]]:
    """Yields the records that can't be read and the texts of records that are missing, with what is wrong with each."""
    for path in sorted(root.glob("texts/*.json")):
        try:
            entries(root, path.stem)
        except LibraryDamaged as error:
            yield path, error.what
        if not text_path(root, path.stem).exists():
            yield text_path(root, path.stem), "is missing"
