"""What an update would change: the folders' files compared with the library, and what is refused as a mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rag import files, limits
from rag.errors import BulletinUnreadable, CorrectionUnusable, RemovalRefused, SeedsMissing
from rag.ingest.corrections import sidecar
from rag.ingest.folders import BulletinFile, Folders, ProgressCallback, Skipped, as_folders, list_files, printable
from rag.ingest.formats import FORMATS
from rag.ingest.near_duplicates import find_reissues
from rag.ingest.pipeline import IngestedBulletin, ingest
from rag.library import quarantine
from rag.library.build.recover import Recovered
from rag.library.segment import Key
from rag.models import Correction, StoredBulletin

MAX_REMOVED_SHARE = 0.2  # of the bulletins; more than that looks like a folder that isn't mounted


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read, as the library doesn't hold it yet."""

    key: Key
    ingested: IngestedBulletin


@dataclass(slots=True)
class ScanResult:
    """The folders' bulletins: those that the library holds, and those parsed now.

    ``skipped_digests`` are the SHA-256 of skipped files as far as known, by name; ``folder_counts`` say how many
    bulletins each folder has, by its absolute path.
    """

    known: list[Key] = field(default_factory=list)
    parsed: list[ParsedFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    skipped_digests: dict[str, str] = field(default_factory=dict)
    folder_counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[Key]:
        """The keys of all bulletins, in order."""
        return sorted([*self.known, *(file.key for file in self.parsed)])

    def skip(self, file: BulletinFile, digest: str, reason: str) -> None:
        """Adds a file that is no readable bulletin."""
        self.skipped.append(Skipped(printable(file.name), reason))
        self.skipped_digests[printable(file.name)] = digest


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """The generation to come: the scan of the folders, the plan, and its bulletins, in order of their names.

    ``replaces`` are the earlier bulletins that each bulletin corrects, latest first.
    """

    scan: ScanResult
    plan: Plan
    bulletins: tuple[StoredBulletin, ...]
    replaces: Mapping[str, tuple[str, ...]]


def propose(
    folders: Folders, overlay: Path | None, recovered: Recovered, version: str, on_progress: ProgressCallback
) -> Proposal:
    """Scans the folders and compares them with what was recovered of the library.

    Raises:
        SeedsMissing: there is no such folder.
    """
    unreadable = quarantine.reasons(recovered.root, version)
    result = _scan(folders, overlay, frozenset(recovered.holders), unreadable, on_progress)
    if recovered.is_outgrown(result.keys):
        while recovered.is_outgrown(result.keys):
            recovered.reject_projection()
        result = _scan(folders, overlay, frozenset(recovered.holders), unreadable, on_progress)
    rows = [recovered.find(key) for key in result.known]
    rows += [(file.ingested.stored, file.ingested.sentence_digests) for file in result.parsed]
    rows.sort(key=lambda row: row[0].name)
    replaces = find_reissues(
        {bulletin.name: sentence_digests for bulletin, sentence_digests in rows},
        {bulletin.name: bulletin.body for bulletin, _ in rows},
        {bulletin.name: bulletin.date for bulletin, _ in rows},
    )
    bulletins = tuple(bulletin for bulletin, _ in rows)
    return Proposal(result, _plan(result, recovered.known_files, bulletins, replaces), bulletins, replaces)


def _plan(
    result: ScanResult,
    old: Mapping[str, tuple[str, str]],
    bulletins: Sequence[StoredBulletin],
    replaces: Mapping[str, tuple[str, ...]],
) -> Plan:
    """``old`` are the digests of each known bulletin's file and corrections, by name."""
    new = {name: (digest, corrections) for name, digest, corrections in result.keys}
    added = tuple(name for name in new if name not in old)
    removed = tuple(name for name in old if name not in new)
    old_names = {old[name][0]: name for name in reversed(removed)}
    return Plan(
        added=added,
        changed=tuple(name for name in new if name in old and old[name] != new[name]),
        removed=removed,
        republished=_republished({name: old_names.get(new[name][0]) for name in added}, bulletins, replaces),
        unchanged=sum(new[name] == old.get(name) for name in new),
        skipped=tuple(sorted(result.skipped, key=lambda skipped: skipped.bulletin)),
        notes=tuple(result.notes),
    )


def _republished(
    added: Mapping[str, str | None], bulletins: Sequence[StoredBulletin], replaces: Mapping[str, tuple[str, ...]]
) -> tuple[Republished, ...]:
    """``added`` are the added bulletins, each with the name under which its file was known before, if any."""
    bodies = {bulletin.name: bulletin.body for bulletin in bulletins}
    carriers = {body: name for name, body in sorted(bodies.items(), reverse=True) if name not in added}
    republished = []
    for name, old_name in added.items():
        if old_name:
            republished.append(Republished(name, old_name, "renamed"))
        elif original := carriers.get(bodies.get(name, "")):
            republished.append(Republished(name, original, "copy"))
        elif corrected := replaces.get(name):
            republished.append(Republished(name, corrected[0], "correction"))
    return tuple(republished)


def _scan(
    folders: Folders,
    overlay: Path | None,
    known: frozenset[Key],
    unreadable: Mapping[tuple[str, str], str],
    on_progress: ProgressCallback,
) -> ScanResult:
    """Computes every file's digest and parses the files that aren't ``known``.

    ``unreadable`` are the reasons why files couldn't be read before, by name and digest; these aren't tried again.
    """
    listed, skipped = list_files(folders, overlay)
    result = ScanResult(skipped=skipped)
    for number, file in enumerate(listed, 1):
        digest = _digest(file.path)
        if reason := unreadable.get((file.name, digest)):
            result.skip(file, digest, reason)
        else:
            try:
                _add(file, digest, known, result)
            except BulletinUnreadable as error:
                result.skip(file, "" if error.passing else digest, f"{error.what}. {error.remedy}")
        on_progress("Reading bulletins", number, len(listed))
    return result


def _add(file: BulletinFile, digest: str, known: frozenset[Key], result: ScanResult) -> None:
    key = (file.name, digest, sidecar.digest(file.path))
    if key in known:
        result.known.append(key)
        if key[2]:
            _corrections(file, result)  # unusable corrections are reported each time
    else:
        ingested = ingest(file.path, file.name, _corrections(file, result))
        result.notes += [f"{file.name}: {note}" for note in ingested.notes]
        result.parsed.append(ParsedFile((file.name, ingested.bulletin.file_sha256, key[2]), ingested))
    folder = os.path.abspath(file.folder)  # however it was typed
    result.folder_counts[folder] = result.folder_counts.get(folder, 0) + 1


def _digest(path: Path) -> str:
    """Returns the file's SHA-256, "" if it can't be a bulletin or can't be read; parsing it will give the reason."""
    try:
        if path.suffix.lower() not in FORMATS or not path.is_file():
            return ""
        return files.sha256_of(path) if path.stat().st_size <= limits.MAX_HASHED_FILE_BYTES else ""
    except OSError:
        return ""


def _corrections(file: BulletinFile, result: ScanResult) -> tuple[Correction, ...]:
    try:
        return sidecar.read(file.path)
    except CorrectionUnusable as error:
        name = f"{file.name}{sidecar.SUFFIX}"
        reason = f"{error.what}; the bulletin stands uncorrected. {error.remedy}"
        result.skipped.append(Skipped(name, reason))
        return ()


def refuse_mistakes(folders: Folders, recovered: Recovered, scan: ScanResult, *, allow_removal: bool) -> None:
    """Refuses to begin a library without a bulletin, and to remove what looks as if it had gone by mistake.

    Raises:
        SeedsMissing: the folders hold no bulletin, and the library neither.
        RemovalRefused: no bulletin is left, over a fifth have gone, all of one folder have, or nobody can tell.
    """
    where, keys, known = ", ".join(map(str, as_folders(folders))), scan.keys, recovered.known_files
    if not keys and not known and not recovered.is_unknown:
        none_readable = f"none of its {len(scan.skipped)} files is a readable bulletin"
        what = none_readable if scan.skipped else "holds no bulletin"
        remedy = f"Put bulletins ({', '.join(FORMATS)}) there and index again"
        raise SeedsMissing(what, where=where, remedy=remedy)
    if allow_removal:
        return
    if recovered.is_unknown:
        what = "the library is damaged and no longer tells which bulletins it held; nothing was changed"
        raise RemovalRefused(what, where=where, remedy="If this folder holds them all, add --allow-removal")
    names, digests = {name for name, _, _ in keys}, {digest for _, digest, _ in keys}
    gone = [name for name, (digest, _) in known.items() if name not in names and digest not in digests]
    if gone and (not keys or len(gone) > MAX_REMOVED_SHARE * len(known)):
        what = f"{len(gone)} of {len(known)} bulletins have gone; nothing was changed"
        remedy = "Check that the folder is the right one; if they are to go, add --allow-removal"
        raise RemovalRefused(what, where=where, remedy=remedy)
    former_counts = recovered.manifest.folders if recovered.manifest else {}
    for folder in map(os.path.abspath, as_folders(folders)):
        if gone and former_counts.get(folder) and not scan.folder_counts.get(folder):
            what = f"all {former_counts[folder]} bulletins of this folder have gone; nothing was changed"
            remedy = "Check that it is mounted; if they are to go, add --allow-removal"
            raise RemovalRefused(what, where=folder, remedy=remedy)
