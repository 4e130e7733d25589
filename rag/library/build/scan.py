"""The folders' files: which are in the library already, and a reading of those that aren't."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag import files, limits
from rag.errors import BulletinUnreadable, CorrectionUnusable
from rag.ingest.corrections import sidecar
from rag.ingest.folders import BulletinFile, Folders, ProgressCallback, Skipped, list_files, printable
from rag.ingest.pipeline import IngestedBulletin, ingest
from rag.ingest.readers.registry import READERS
from rag.models import Correction

Key = tuple[str, str, str]
"""A bulletin's name, its file's SHA-256, and that of the corrections beside it ("" for none)."""


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


def scan(
    folders: Folders,
    overlay: Path | None,
    known: frozenset[Key],
    unreadable: Mapping[tuple[str, str], str],
    on_progress: ProgressCallback,
) -> ScanResult:
    """Computes every file's digest and parses the files that aren't ``known``.

    ``unreadable`` are the reasons why files couldn't be read before, by name and digest; these aren't tried again.

    Raises:
        SeedsMissing: there is no such folder.
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
    """
    Raises:
        BulletinUnreadable: see ``rag.ingest.parse.parse``.
    """
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
        if path.suffix.lower() not in READERS or not path.is_file():
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
