"""Generations on the disk: which there are, which is in use, which were before, and whether one is whole.

library/switches.json   when which generation was switched to, checksummed
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryBusy, LibraryDamaged, LibraryMissing
from rag.library import segment
from rag.library.manifest import (
    FORMAT,
    REBUILD,
    RECIPE,
    Manifest,
    ModelCard,
    all_manifests,
    current_generation,
    manifest_path,
    to_bytes,
)
from rag.library.reader import text_path
from rag.models import StoredBulletin

SWITCHES = "switches.json"
_MAX_SWITCHES = 100
State = Literal["current", "previous", "prepared"]


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A generation that can be used; ``added``, ``changed`` and ``removed`` are seen from the one before it."""

    generation: str
    number: int
    built_at: str
    bulletins: int
    state: State
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch to a generation; ``at`` is a time in UTC (ISO 8601), and ``back`` says that it was a rollback."""

    generation: str
    at: str
    back: bool = False


_SWITCH_LIST = TypeAdapter(list[Switch])


@contextmanager
def write_lock(root: Path) -> Iterator[None]:
    """Makes this process the only one that changes the library.

    Raises:
        LibraryBusy: another process changes it.
        LibraryUnwritable: the folder can't be written.
    """
    busy = LibraryBusy("another process is indexing", where=root, remedy="Wait until it is done")
    with ExitStack() as stack:
        with files.translate_os_errors(root):
            stack.enter_context(files.locked(root / "lock", 0, busy))
        yield


def identity(model: ModelCard, sources: Mapping[str, str], corrections: Mapping[str, str]) -> str:
    """Returns a generation's name: the same bulletins, corrections, model and recipe give the same on any machine."""
    inputs = [FORMAT, RECIPE, model.digest + model.side, sorted(sources.items()), sorted(corrections.items())]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]


def in_use(root: Path) -> str:
    """Returns the name of the generation in use, "" if there is none or the pointer is damaged."""
    try:
        return current_generation(root)
    except (LibraryMissing, LibraryDamaged):
        return ""


def list_generations(root: Path) -> tuple[GenerationInfo, ...]:
    """Returns the generations that can be used, the highest number first."""
    current, earlier = in_use(root), recently_used(root)
    return tuple(
        GenerationInfo(
            generation=name,
            number=manifest.number,
            built_at=manifest.built_at,
            bulletins=manifest.bulletins,
            state="current" if name == current else "previous" if name in earlier else "prepared",
            added=manifest.added,
            changed=manifest.changed,
            removed=manifest.removed,
        )
        for name, manifest in all_manifests(root).items()
    )


def read_bulletins(root: Path, manifest: Manifest) -> Iterator[StoredBulletin]:
    """Yields a generation's bulletins, segment by segment; raises LibraryDamaged if one can't be read."""
    for part in manifest.segments:
        bulletins, _ = segment.read_bulletins(root, part.segment)
        yield from (bulletin for bulletin in bulletins if bulletin.name not in part.left_out)


def verified_bulletins(root: Path, manifest: Manifest) -> list[StoredBulletin] | None:
    """Returns a generation's bulletins if every file of its segments and every text is what was written, else None."""
    if any(segment.integrity_errors(root, part.segment) for part in manifest.segments):
        return None
    bulletins = list(read_bulletins(root, manifest))
    texts = {bulletin.sha256 for bulletin in bulletins}
    damaged = any(files.integrity_error(text_path(root, sha256), sha256) for sha256 in texts)
    return None if damaged else bulletins


def find_successor(root: Path, name: str) -> Manifest | None:
    """Returns a whole generation with that identity that follows the one in use: rolled back from, or prepared."""
    current = in_use(root)
    for manifest in all_manifests(root).values():
        is_same = manifest.previous == current and manifest.generation.partition(".")[0] == name
        if is_same and verified_bulletins(root, manifest) is not None:
            return manifest
    return None


def unused_name(root: Path, name: str) -> str:
    """Returns a generation's name with a number if need be: a generation is never written over."""
    names = (name if not number else f"{name}.{number}" for number in range(10_000))
    return next(free for free in names if not (root / "generations" / free).exists())


def write(root: Path, manifest: Manifest) -> None:
    """Writes a generation's manifest, whole or not at all; the generation isn't in use yet."""
    folder = manifest_path(root, manifest.generation).parent
    temp_folder = folder.with_name(f"_{folder.name}")
    shutil.rmtree(temp_folder, ignore_errors=True)
    temp_folder.mkdir(parents=True)
    try:
        files.write_synced(temp_folder / "manifest.json", to_bytes(manifest))
        files.sync_folder(temp_folder)
        temp_folder.rename(folder)
        files.sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(temp_folder, ignore_errors=True)
        raise


def is_rolled_back(root: Path) -> bool:
    """Whether the generation in use was rolled back to: then only a person, or a changed folder, leads on from it."""
    switches = read_switches(root)
    return bool(switches) and switches[-1].back and switches[-1].generation == in_use(root)


def recently_used(root: Path) -> list[str]:
    """Returns the generations that were in use, the latest first; of several of the same bulletins only the latest."""
    latest: dict[str, str] = {}
    for switch in reversed(read_switches(root)):
        latest.setdefault(switch.generation.partition(".")[0], switch.generation)
    return list(latest.values())[: limits.KEPT_GENERATIONS + 1]


def read_switches(root: Path) -> list[Switch]:
    """Returns the switches, the latest last; if their list is damaged, the order of the generations' numbers."""
    try:
        content = files.read_checksummed(root / SWITCHES, REBUILD)
        return _SWITCH_LIST.validate_python((content or {}).get("switches", []))
    except (LibraryDamaged, ValidationError):
        manifests = all_manifests(root)
        latest = manifests[in_use(root)].number if in_use(root) in manifests else 0
        return [Switch(name, "") for name, manifest in reversed(manifests.items()) if manifest.number <= latest]


def dump_switches(switches: list[Switch]) -> bytes:
    """Returns the list's file; the earliest switches are dropped."""
    return files.dump_checksummed({"switches": [asdict(switch) for switch in switches[-_MAX_SWITCHES:]]})
