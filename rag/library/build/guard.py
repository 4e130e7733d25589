"""Refuses an update that would empty a library by mistake, as when a folder isn't mounted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rag.errors import RemovalRefused, SeedsMissing
from rag.ingest.readers.registry import READERS
from rag.library.build.recover import Recovered
from rag.library.build.scan import ScanResult

MAX_REMOVED_SHARE = 0.2  # of the bulletins; more than that looks like a folder that isn't mounted


def require_bulletins(folders: Sequence[Path], recovered: Recovered, scan: ScanResult) -> None:
    """Refuses to begin a library without a bulletin.

    Raises:
        SeedsMissing: the folders hold none, and the library neither.
    """
    if not scan.keys and not recovered.known_files and not recovered.is_unknown:
        none_readable = f"none of its {len(scan.skipped)} files is a readable bulletin"
        what = none_readable if scan.skipped else "holds no bulletin"
        remedy = f"Put bulletins ({', '.join(READERS)}) there and index again"
        raise SeedsMissing(what, where=", ".join(map(str, folders)), remedy=remedy)


def refuse_removal(folders: Sequence[Path], recovered: Recovered, scan: ScanResult) -> None:
    """Refuses to remove what looks as if it had gone by mistake.

    Raises:
        RemovalRefused: no bulletin is left, over a fifth have gone, all of one folder have, or nobody can tell.
    """
    where, keys = ", ".join(map(str, folders)), scan.keys
    if recovered.is_unknown:
        raise RemovalRefused(
            "the library is damaged and no longer tells which bulletins it held; nothing was changed",
            where=where,
            remedy="If this folder holds them all, add --allow-removal",
        )
    names, digests = {name for name, _, _ in keys}, {digest for _, digest, _ in keys}
    known = recovered.known_files
    gone = [name for name, (digest, _) in known.items() if name not in names and digest not in digests]
    if gone and (not keys or len(gone) > MAX_REMOVED_SHARE * len(known)):
        raise RemovalRefused(
            f"{len(gone)} of {len(known)} bulletins have gone; nothing was changed",
            where=where,
            remedy="Check that the folder is the right one; if they are to go, add --allow-removal",
        )
    former_counts = recovered.manifest.folders if recovered.manifest else {}
    for folder in map(os.path.abspath, folders):
        if gone and former_counts.get(folder) and not scan.folder_counts.get(folder):
            raise RemovalRefused(
                f"all {former_counts[folder]} bulletins of this folder have gone; nothing was changed",
                where=folder,
                remedy="Check that it is mounted; if they are to go, add --allow-removal",
            )
