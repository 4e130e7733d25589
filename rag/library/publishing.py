"""Switching from one generation to another, and the removal of everything that no kept generation needs.

``limits.KEPT_GENERATIONS`` are kept: the one in use and those in use before it, besides those prepared to follow.  Of
an older one the manifest alone stays, in library/archive/NAME.json, if a stored receipt names it.  Texts are kept by
their digests for ever (rag/library/archive.py).
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rag import files, limits
from rag.errors import LibraryDamaged, LibraryStale, OperatorRefused
from rag.library import archive, audit_log, generations, receipts, segment
from rag.library.generations import SWITCHES, Switch, in_use, recently_used, write_lock
from rag.library.manifest import Manifest, all_manifests, read_manifest, to_bytes
from rag.library.reader import text_path
from rag.models import StoredBulletin

_GENERATION_NAME = re.compile(r"_?[0-9a-f]{16}(?:\.\d+)?")
# Temporary files that only the holder of the write lock makes; others write notices and receipts meanwhile.
_TEMP_NAME = re.compile(r"\.(?:CURRENT|(?:switches|quarantine|purged)\.json|[0-9a-f]{64}\.(?:txt|json))\.\d+")


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
        manifest = _readable_manifest(root, target) if target in earlier else None
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
        manifest = _readable_manifest(root, generation)
        new = {*manifest.added, *manifest.changed} if manifest else set()
        brought = {bulletin.sha256 for bulletin in _bulletins(root, manifest) if bulletin.name in new}
        if _GENERATION_NAME.fullmatch(generation):
            shutil.rmtree(root / "generations" / generation, ignore_errors=True)
        remove_unused(root)
        for other in all_manifests(root).values():
            brought -= {bulletin.sha256 for bulletin in _bulletins(root, other)}
        for sha256 in brought:
            if not archive.record_path(root, sha256).exists():  # it was never published
                text_path(root, sha256).unlink(missing_ok=True)


def switch(
    root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin], *, back: bool = False
) -> tuple[str, ...]:
    """Makes a whole generation the one in use; the caller holds the write lock.  ``bulletins`` are the generation's.

    First what its texts were called is recorded, then the pointer is replaced atomically.  Returns a note for each
    auxiliary file that was damaged, with how it was repaired.
    """
    before = in_use(root)
    with files.translate_os_errors(root):
        notes = _record(root, manifest, bulletins)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        notes += _renewed(_damaged_switches(root))
        switches = generations.read_switches(root)
        if before and (not switches or switches[-1].generation != before):
            switches.append(Switch(before, ""))  # the switch to it was interrupted, or the list was damaged
        switches.append(Switch(manifest.generation, at, back))
        what = "go back" if back else "switch"
        audit_log.write(root, audit_log.actor(), what, generation=manifest.generation, before=before)
        pointer = f"{manifest.generation}\n".encode("ascii")
        files.write_atomic_unsynced({root / "CURRENT": pointer, root / SWITCHES: generations.dump_switches(switches)})
        files.sync_folder(root)
        return (*notes, *remove_unused(root))


def repair(root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    """Renews the damaged auxiliary files of the generation in use, which stays; the caller holds the write lock.

    ``bulletins`` are the generation's.  Returns a note for each file that was damaged, with how it was repaired.
    """
    with files.translate_os_errors(root):
        notes = _renewed(_damaged_switches(root))
        if notes:
            files.write_atomic(root / SWITCHES, generations.dump_switches(generations.read_switches(root)))
        return (*notes, *_record(root, manifest, bulletins), *remove_unused(root))


def remove_unused(root: Path) -> tuple[str, ...]:
    """Removes generations that nobody can return to, segments that none needs, and what interrupted runs left.

    The caller holds the write lock.  Texts stay.  Returns a note for each generation that is lost to damage.
    """
    current = in_use(root)
    used = _readable_manifest(root, current)
    if used is None and (root / "CURRENT").exists():
        return ()  # nobody can tell what is needed
    recent = [current, *(name for name in recently_used(root) if name != current)][: limits.KEPT_GENERATIONS]
    intact_segments = {part.segment: True for part in used.segments} if used else {}
    kept: list[Manifest] = []
    notes: list[str] = []
    for folder in _folders(root / "generations"):
        manifest = _readable_manifest(root, folder.name)
        wanted = folder.name in recent or (manifest is not None and manifest.previous == current)
        if manifest and wanted and _is_intact(root, manifest, intact_segments):
            kept.append(manifest)
        elif _GENERATION_NAME.fullmatch(folder.name) and folder.name != current:
            if wanted:
                notes.append(f"{folder}: is damaged; nobody can go back to it any more")
            _remove_generation(root, folder, manifest)
    if (root / "generations").is_dir():
        files.sync_folder(root / "generations")  # a power cut must not bring one back without its segments
    needed = {part.segment for manifest in kept for part in manifest.segments}
    segment.remove(root, [folder.name for folder in _folders(root / "segments") if folder.name not in needed])
    for path in [*root.glob(".*"), *(root / "texts").glob(".*")]:
        if _TEMP_NAME.fullmatch(path.name):
            path.unlink(missing_ok=True)
    return tuple(notes)


def _folders(parent: Path) -> Iterator[Path]:
    return parent.iterdir() if parent.is_dir() else iter(())


def _remove_generation(root: Path, folder: Path, manifest: Manifest | None) -> None:
    with suppress(OSError):  # on a full disk it stays until there is room for what is kept of it
        if manifest and folder.name in receipts.receipt_generations(root):
            (root / "archive").mkdir(exist_ok=True)
            files.write_atomic(root / "archive" / f"{folder.name}.json", to_bytes(manifest))
        shutil.rmtree(folder, ignore_errors=True)


def _is_intact(root: Path, manifest: Manifest, intact_segments: dict[str, bool]) -> bool:
    """Whether every segment is as it was written; ``intact_segments`` remembers those that were checked."""
    for part in manifest.segments:
        if part.segment not in intact_segments:
            intact_segments[part.segment] = not segment.integrity_errors(root, part.segment)
    return all(intact_segments[part.segment] for part in manifest.segments)


def _readable_manifest(root: Path, generation: str) -> Manifest | None:
    try:
        return read_manifest(root, generation)
    except (LibraryDamaged, LibraryStale):
        return None


def _record(root: Path, manifest: Manifest, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    """Records the bulletins that the generation brings, and those whose record was lost."""
    new = {*manifest.added, *manifest.changed}
    missing = [b for b in bulletins if b.name in new or not archive.is_recorded(root, b.sha256)]
    return _renewed(archive.record(root, missing, manifest.generation, manifest.number, manifest.built_at))


def _renewed(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"{path}: could not be read; it was begun anew" for path in paths)


def _damaged_switches(root: Path) -> tuple[Path, ...]:
    try:
        files.read_checksummed(root / SWITCHES, "")
    except LibraryDamaged:
        return (root / SWITCHES,)
    return ()


def _bulletins(root: Path, manifest: Manifest | None) -> list[StoredBulletin]:
    """Returns a generation's bulletins; none if it can't be read."""
    try:
        return list(generations.read_bulletins(root, manifest)) if manifest else []
    except (LibraryDamaged, LibraryStale):
        return []
