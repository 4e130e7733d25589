"""Switching from one generation to another: publishing, rolling back, discarding, and repairing auxiliary files."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag import files
from rag.errors import LibraryDamaged, LibraryStale, OperatorRefused
from rag.library import archive, audit_log, generations
from rag.library.generations import SWITCHES, Switch, in_use, recently_used, write_lock
from rag.library.manifest import Manifest, all_manifests, read_manifest
from rag.library.retention import is_generation_name, readable_manifest, remove_unused
from rag.models import StoredBulletin


def publish(root: Path, generation: str) -> None:
    """Switches to a prepared generation.  It may have lain there for days, so every file is checked again.

    Raises:
        OperatorRefused: it isn't there, is damaged, or another was published since it was prepared.
        LibraryBusy, LibraryUnwritable: see ``generations.write_lock``.
    """
    with write_lock(root):
        try:
            manifest = read_manifest(root, generation)
        except (LibraryDamaged, LibraryStale) as error:
            raise OperatorRefused("is not there any more", where=generation, remedy="Prepare it again") from error
        current = in_use(root)
        if generation != current and manifest.previous != current:
            what = "another generation was published since this one was prepared"
            raise OperatorRefused(what, where=generation, remedy="Prepare it again")
        bulletins = generations.verified_bulletins(root, manifest)
        if bulletins is None:
            raise OperatorRefused("is damaged", where=generation, remedy="Prepare it again")
        if generation != current:
            switch(root, manifest, bulletins)


def rollback(root: Path, generation: str | None = None) -> str:
    """Switches to the generation in use before, or to the one named; returns its name.

    Raises:
        OperatorRefused: there is none, or it is damaged.
        LibraryBusy, LibraryUnwritable: see ``generations.write_lock``.
    """
    with write_lock(root):
        current = in_use(root)
        earlier = [name for name in recently_used(root) if name != current]
        if generation is None and not earlier:
            raise OperatorRefused("there is no generation to go back to", where=root)
        target = generation or earlier[0]
        if target == current:
            raise OperatorRefused("is in use already", where=target)
        manifest = readable_manifest(root, target) if target in earlier else None
        bulletins = generations.verified_bulletins(root, manifest) if manifest else None
        if manifest is None or bulletins is None:
            raise OperatorRefused("can't be gone back to; it is not kept, or damaged", where=target)
        switch(root, manifest, bulletins, back=True)
        return target


def discard(root: Path, generation: str) -> None:
    """Removes a prepared generation that isn't wanted, and the texts that only it brought.

    Raises:
        OperatorRefused: it was in use.
        LibraryBusy, LibraryUnwritable: see ``generations.write_lock``.
    """
    with write_lock(root):
        if generation == in_use(root) or generation in recently_used(root):
            raise OperatorRefused("was in use and is kept", where=generation)
        manifest = readable_manifest(root, generation)
        new = {*manifest.added, *manifest.changed} if manifest else set()
        brought = {bulletin.sha256 for bulletin in _bulletins(root, manifest) if bulletin.name in new}
        if is_generation_name(generation):
            shutil.rmtree(root / "generations" / generation, ignore_errors=True)
        remove_unused(root)
        for other in all_manifests(root).values():
            brought -= {bulletin.sha256 for bulletin in _bulletins(root, other)}
        archive.remove_unrecorded(root, brought)


def switch(
    root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin], *, back: bool = False
) -> tuple[str, ...]:
    """Makes a whole generation the one in use; the caller holds the write lock.  ``bulletins`` are the generation's.

    First what its texts were called is recorded, then the pointer is replaced atomically.  Returns a note for each
    auxiliary file that was damaged, with how it was repaired.
    """
    before = in_use(root)
    with files.translate_os_errors(root):
        unrecorded = _unrecorded(root, manifest, bulletins)
        notes = _renewed(archive.record(root, unrecorded, manifest.generation, manifest.number, manifest.built_at))
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        notes += _renewed(_damaged_switches(root))
        switches = generations.read_switches(root)
        if before and (not switches or switches[-1].generation != before):
            switches.append(Switch(before, ""))  # the switch to it was interrupted, or the list was damaged
        switches.append(Switch(manifest.generation, at, back))
        what = "go back" if back else "switch"
        audit_log.write(root, audit_log.actor(), what, generation=manifest.generation, before=before)
        pointer = f"{manifest.generation}\n".encode("ascii")
        files.write_all_atomic_unsynced(
            {root / "CURRENT": pointer, root / SWITCHES: generations.dump_switches(switches)}
        )
        files.sync_folder(root)
        return (*notes, *_restore_records(root, manifest, bulletins))


def repair(root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    """Renews the damaged auxiliary files of the generation in use, which stays; the caller holds the write lock.

    ``bulletins`` are the generation's.  Returns a note for each file that was damaged, with how it was repaired.
    """
    with files.translate_os_errors(root):
        notes = _renewed(_damaged_switches(root))
        if notes:
            files.write_atomic(root / SWITCHES, generations.dump_switches(generations.read_switches(root)))
        return (*notes, *_restore_records(root, manifest, bulletins))


def _restore_records(root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    lost = [bulletin for bulletin in bulletins if not archive.is_recorded(root, bulletin.sha256)]
    renewed = archive.record(root, lost, manifest.generation, manifest.number, manifest.built_at)
    return (*_renewed(renewed), *remove_unused(root))


def _renewed(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"{path}: could not be read; it was begun anew" for path in paths)


def _damaged_switches(root: Path) -> tuple[Path, ...]:
    return (root / SWITCHES,) if generations.are_switches_damaged(root) else ()


def _unrecorded(root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin]) -> list[StoredBulletin]:
    """Returns the bulletins that the generation brings, and those whose record was lost."""
    new = {*manifest.added, *manifest.changed}
    recorded = {name for name in os.listdir(root / "texts") if name.endswith(".json")}
    return [bulletin for bulletin in bulletins if bulletin.name in new or f"{bulletin.sha256}.json" not in recorded]


def _bulletins(root: Path, manifest: Manifest | None) -> list[StoredBulletin]:
    """Returns a generation's bulletins; none if it can't be read."""
    try:
        return list(generations.read_bulletins(root, manifest)) if manifest else []
    except (LibraryDamaged, LibraryStale):
        return []
