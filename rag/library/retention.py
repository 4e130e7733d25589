"""Which generations are kept, and the removal of everything that no kept generation needs.

``limits.KEPT_GENERATIONS`` are kept: the one in use and those in use before it, besides those prepared to follow.  Of
an older one the manifest alone stays, in library/archive/NAME.json, if a stored receipt names it.  Texts are kept by
their digests for ever (rag/library/archive.py).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rag import files, limits
from rag.errors import LibraryDamaged, LibraryStale
from rag.library import receipts, segment
from rag.library.generations import in_use, recently_used
from rag.library.manifest import Manifest, read_manifest, to_bytes

_GENERATION_NAME = re.compile(r"_?[0-9a-f]{16}(?:\.\d+)?")
# Temporary files that only the holder of the write lock makes; others write notices and receipts meanwhile.
_TEMP_NAME = re.compile(r"\.(?:CURRENT|(?:switches|quarantine|purged)\.json|[0-9a-f]{64}\.(?:txt|json))\.\d+")


def is_generation_name(name: str) -> bool:
    """Whether a folder of this name was made by this program."""
    return _GENERATION_NAME.fullmatch(name) is not None


def readable_manifest(root: Path, generation: str) -> Manifest | None:
    """Returns a generation's manifest, None if it can't be read."""
    try:
        return read_manifest(root, generation)
    except (LibraryDamaged, LibraryStale):
        return None


def remove_unused(root: Path) -> tuple[str, ...]:
    """Removes generations that nobody can return to, segments that none needs, and what interrupted runs left.

    The caller holds the write lock.  Texts stay.  Returns a note for each generation that is lost to damage.
    """
    current = in_use(root)
    used = readable_manifest(root, current)
    if used is None and (root / "CURRENT").exists():
        return ()  # nobody can tell what is needed
    recent = [current, *(name for name in recently_used(root) if name != current)][: limits.KEPT_GENERATIONS]
    intact_segments = {part.segment: True for part in used.segments} if used else {}
    kept: list[Manifest] = []
    notes: list[str] = []
    for folder in _folders(root / "generations"):
        manifest = readable_manifest(root, folder.name)
        wanted = folder.name in recent or (manifest is not None and manifest.previous == current)
        if manifest and wanted and _is_intact(root, manifest, intact_segments):
            kept.append(manifest)
        elif is_generation_name(folder.name) and folder.name != current:
            if wanted and not _is_of_older_format(root, folder.name):
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


def _is_of_older_format(root: Path, generation: str) -> bool:
    try:
        with suppress(LibraryDamaged):
            read_manifest(root, generation)
    except LibraryStale:
        return True
    return False
