"""What an update would change, compared with the generation in use, and the bulletins that would be there then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.ingest.folders import Folders, ProgressCallback, Skipped
from rag.ingest.near_duplicates import find_reissues
from rag.library import quarantine
from rag.library.build.recover import Recovered
from rag.library.build.scan import Key, ScanResult, scan
from rag.models import StoredBulletin


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
    """The generation to come: the scan of the folders, the plan, and its bulletins by name.

    ``holders`` are the digests of the segments that hold the bulletins known already, ``replaces`` the earlier
    bulletins that each bulletin corrects, latest first.
    """

    scan: ScanResult
    plan: Plan
    bulletins: tuple[StoredBulletin, ...]
    holders: Mapping[Key, str]
    replaces: Mapping[str, tuple[str, ...]]


def propose(
    folders: Folders, overlay: Path | None, recovered: Recovered, version: str, on_progress: ProgressCallback
) -> Proposal:
    """Scans the folders and compares them with what was recovered of the library.

    Raises:
        SeedsMissing: there is no such folder.
    """
    unreadable = quarantine.reasons(recovered.root, version)
    result = scan(folders, overlay, frozenset(recovered.holders), unreadable, on_progress)
    if recovered.is_outgrown(result.keys):
        while recovered.is_outgrown(result.keys):
            recovered.reject_projection()
        result = scan(folders, overlay, frozenset(recovered.holders), unreadable, on_progress)
    rows = [recovered.find(key) for key in result.known]
    rows += [(file.ingested.stored, file.ingested.sentence_digests) for file in result.parsed]
    rows.sort(key=lambda row: row[0].name)
    replaces = find_reissues(
        {bulletin.name: sentence_digests for bulletin, sentence_digests in rows},
        {bulletin.name: bulletin.body for bulletin, _ in rows},
        {bulletin.name: bulletin.date for bulletin, _ in rows},
    )
    bulletins = tuple(bulletin for bulletin, _ in rows)
    return Proposal(
        scan=result,
        plan=_plan(result, recovered.known_files, bulletins, replaces),
        bulletins=bulletins,
        holders={key: recovered.holders[key] for key in result.known},
        replaces=replaces,
    )


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
