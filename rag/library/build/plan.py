"""What the folders hold beside what the library has already: what is to be read anew, and what has gone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rag import files, limits
from rag.errors import BulletinUnreadable, CorrectionUnusable
from rag.ingest import corrections
from rag.ingest.corrections import Corrected
from rag.ingest.folders import BulletinFile, Folders, ProgressCallback, Skipped, list_files, printable
from rag.ingest.near_duplicates import find_reissues, sentence_digests
from rag.ingest.parse import READERS, parse
from rag.ingest.passages import split_sentences
from rag.ingest.stored import stored
from rag.models import Correction, StoredBulletin

Key = tuple[str, str, str]
"""A bulletin's name, its file's SHA-256, and that of the corrections beside it ("" for none)."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A file that was read anew: what is stored of it, its text, and its sentences' digests."""

    key: Key
    read: Corrected
    stored: StoredBulletin
    revisions: frozenset[int]

    @property
    def text(self) -> str:
        return self.read.bulletin.text


@dataclass(frozen=True, slots=True)
class Republished:
    """An added bulletin that isn't new: its file was only ``renamed``, it carries the words of another (``copy``), or
    it is a corrected re-issue of one (``correction``)."""

    bulletin: str
    of: str
    how: Literal["renamed", "copy", "correction"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What indexing would do; names of bulletins, in order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    republished: tuple[Republished, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """The folders' bulletins: those known already, those read anew; ``digests`` are of the files that were skipped."""

    kept: list[Key] = field(default_factory=list)
    fresh: list[Fresh] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[Key]:
        return sorted([*self.kept, *(one.key for one in self.fresh)])


def look(
    folders: Folders,
    overlay: Path | None,
    known: frozenset[Key],
    unreadable: Mapping[tuple[str, str], str],
    tell: ProgressCallback,
) -> Found:
    """Every file's digest, and a reading of those that aren't ``known``; ``unreadable`` are names and digests that
    couldn't be read before, and why.

    Raises:
        SeedsMissing: there is no such folder.
    """
    listed, skipped = list_files(folders, overlay)
    found = Found(skipped=skipped)
    for number, file in enumerate(listed, 1):
        digest = _digest(file.path)
        try:
            if reason := unreadable.get((file.name, digest)):
                raise _Known(reason)
            key = (file.name, digest, corrections.digest(file.path))
            if key in known:
                found.kept.append(key)
                if key[2]:
                    _wanted(file, found)  # what can't be used is told each time
            else:
                found.fresh.append(_read(file, key[2], found))
            folder = os.path.abspath(file.folder)  # however it was typed
            found.folders[folder] = found.folders.get(folder, 0) + 1
        except _Known as error:
            _skip(found, file, digest, str(error))
        except BulletinUnreadable as error:
            _skip(found, file, "" if error.passing else digest, f"{error.what}. {error.remedy}")
        tell("Reading bulletins", number, len(listed))
    return found


class _Known(Exception):
    """Why a file couldn't be read before."""


def _skip(found: Found, file: BulletinFile, digest: str, reason: str) -> None:
    found.skipped.append(Skipped(printable(file.name), reason))
    found.digests[printable(file.name)] = digest


def _digest(path: Path) -> str:
    """The file's digest, "" where it can't be a bulletin or can't be read; reading it will tell why."""
    try:
        if (
            path.suffix.lower() not in READERS
            or not path.is_file()
            or path.stat().st_size > limits.MAX_HASHED_FILE_BYTES
        ):
            return ""
        return files.sha256_of(path)
    except OSError:
        return ""


def _read(file: BulletinFile, beside: str, found: Found) -> Fresh:
    """
    Raises:
        BulletinUnreadable: see ``parse``.
    """
    bulletin = parse(file.path, name=file.name)
    read = corrections.corrected(bulletin, _wanted(file, found))
    found.notes += [f"{file.name}: {note}" for note in read.notes]
    own = [sentence for s in read.sections for p in s.paragraphs for sentence in split_sentences(p, bulletin.text)]
    return Fresh(
        (file.name, bulletin.file_sha256, beside),
        read,
        stored(read.bulletin, read.sections, read.corrections),
        sentence_digests(bulletin.text, own),
    )


def _wanted(file: BulletinFile, found: Found) -> tuple[Correction, ...]:
    try:
        return corrections.read(file.path)
    except CorrectionUnusable as error:
        sidecar = f"{file.name}{corrections.SUFFIX}"
        found.skipped.append(Skipped(sidecar, f"{error.what}; the bulletin stands uncorrected. {error.remedy}"))
        return ()


def replaces(
    bulletins: Sequence[StoredBulletin], revisions: Mapping[str, frozenset[int]]
) -> dict[str, tuple[str, ...]]:
    """For each bulletin that corrects earlier ones, their names, latest first; ``revisions`` are by name."""
    return find_reissues(
        revisions,
        {bulletin.name: bulletin.body for bulletin in bulletins},
        {bulletin.name: bulletin.date for bulletin in bulletins},
    )


def plan(
    found: Found,
    old: Mapping[str, tuple[str, str]],
    bulletins: Sequence[StoredBulletin],
    corrected_by: Mapping[str, tuple[str, ...]],
) -> Plan:
    """``old`` are the names of the generation in use, each with its file's and its corrections' digests; ``bulletins``
    are those of the one to come, and ``corrected_by`` what each of them replaces."""
    new = {name: (digest, beside) for name, digest, beside in found.keys}
    added = tuple(name for name in new if name not in old)
    removed = tuple(name for name in old if name not in new)
    return Plan(
        added=added,
        changed=tuple(name for name in new if name in old and old[name] != new[name]),
        removed=removed,
        republished=tuple(_republished(added, removed, old, new, bulletins, corrected_by)),
        unchanged=sum(new[name] == old.get(name) for name in new),
        skipped=tuple(sorted(found.skipped, key=lambda one: one.bulletin)),
        notes=tuple(found.notes),
    )


def _republished(
    added: Sequence[str],
    removed: Sequence[str],
    old: Mapping[str, tuple[str, str]],
    new: Mapping[str, tuple[str, str]],
    bulletins: Sequence[StoredBulletin],
    corrected_by: Mapping[str, tuple[str, ...]],
) -> list[Republished]:
    gone = {old[name][0]: name for name in reversed(removed)}
    bodies = {bulletin.name: bulletin.body for bulletin in bulletins}
    carriers = {body: name for name, body in sorted(bodies.items(), reverse=True) if name not in added}
    told = []
    for name in added:
        if was := gone.get(new[name][0]):
            told.append(Republished(name, was, "renamed"))
        elif other := carriers.get(bodies.get(name, "")):
            told.append(Republished(name, other, "copy"))
        elif earlier := corrected_by.get(name):
            told.append(Republished(name, earlier[0], "correction"))
    return told
