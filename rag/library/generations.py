"""Generations on the disk: one writer, the switch from one to another, and which of them are kept.

``limits.KEPT_GENERATIONS`` are kept, the one in use and those in use before it, and those that are prepared to follow.
Of an older one the manifest alone stays, in library/archive/NAME.json, where a stored receipt names it.  Texts are
kept by their digests for ever (rag/library/archive.py).

library/switches.json   when which generation was switched to, sealed
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryBusy, LibraryDamaged, LibraryMissing, LibraryStale, OperatorRefused
from rag.library import archive, audit_log, manifest, receipts, segment
from rag.library.manifest import FORMAT, RECIPE, Manifest, ModelCard
from rag.library.reader import text_path
from rag.models import StoredBulletin

SWITCHES = "switches.json"
_OURS = re.compile(r"_?[0-9a-f]{16}(?:\.\d+)?")
# What the only writer was about to put in a file's place (store.put); others write notices and receipts meanwhile.
_UNFINISHED = re.compile(r"\.(?:CURRENT|(?:switches|quarantine|purged)\.json|[0-9a-f]{64}\.(?:txt|json))\.\d+")


@dataclass(frozen=True, slots=True)
class Held:
    """A generation that can be used; ``added``, ``changed`` and ``removed`` are seen from the one it followed on."""

    generation: str
    number: int
    built_at: str
    bulletins: int
    state: Literal["current", "previous", "prepared"]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """``back`` says that it was gone back to."""

    generation: str
    at: str
    back: bool = False


@contextmanager
def only_writer(root: Path) -> Iterator[None]:
    """
    Raises:
        LibraryBusy: another process is at it. LibraryUnwritable: the folder can't be written.
    """
    busy = LibraryBusy("another process is indexing", where=root, remedy="Wait until it is done")
    with ExitStack() as stack:
        with files.translate_os_errors(root):
            stack.enter_context(files.locked(root / "lock", 0, busy))
        yield


def identity(card: ModelCard, sources: Mapping[str, str], corrections: Mapping[str, str]) -> str:
    """The same bulletins, corrections, model and recipe give the same name, on any machine."""
    made_of = [FORMAT, RECIPE, card.digest, sorted(sources.items()), sorted(corrections.items())]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


def usable(root: Path, generation: str) -> bool:
    """Whether a generation is whole on the disk: its manifest, every file of its segments, and its texts."""
    try:
        own = manifest.read_manifest(root, generation)
    except (LibraryDamaged, LibraryStale):
        return False
    if any(segment.damage(root, part.segment) for part in own.segments):
        return False
    texts = {bulletin.sha256 for bulletin in _bulletins(root, own)}
    return not any(files.integrity_error(text_path(root, sha256), sha256) for sha256 in texts)


def following(root: Path, identity: str) -> Manifest | None:
    """A whole generation with that identity that follows on the one in use: gone back from, or prepared."""
    now = in_use(root)
    held = manifest.all_manifests(root).values()
    same = (own for own in held if own.previous == now and own.generation.partition(".")[0] == identity)
    return next((own for own in same if usable(root, own.generation)), None)


def free_name(root: Path, identity: str) -> str:
    """A generation is never written over: a rebuilt one gets a number."""
    names = (identity if not number else f"{identity}.{number}" for number in range(10_000))
    return next(name for name in names if not (root / "generations" / name).exists())


def write(root: Path, own: Manifest) -> None:
    """Puts a generation's manifest on the disk, whole or not at all; it isn't in use yet."""
    final = manifest.path_of(root, own.generation).parent
    unfinished = final.with_name(f"_{final.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        files.write_synced(unfinished / "manifest.json", manifest.to_bytes(own))
        files.sync_folder(unfinished)
        unfinished.rename(final)
        files.sync_folder(final.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def in_use(root: Path) -> str:
    """Name of the generation in use, "" where there is none or the pointer is damaged."""
    try:
        return manifest.current(root)
    except (LibraryMissing, LibraryDamaged):
        return ""


def publish(root: Path, generation: str) -> None:
    """Switches to a prepared generation.

    Raises:
        OperatorRefused: it isn't there, is damaged, or another was published since it was prepared.
        LibraryBusy, LibraryUnwritable: see ``only_writer``.
    """
    with only_writer(root):
        try:
            own = manifest.read_manifest(root, generation)
        except (LibraryDamaged, LibraryStale) as error:
            raise OperatorRefused("is not there any more", where=generation, remedy="Prepare it again") from error
        now = in_use(root)
        if generation != now and own.previous != now:
            what = "another generation was published since this one was prepared"
            raise OperatorRefused(what, where=generation, remedy="Prepare it again")
        if not usable(root, generation):
            raise OperatorRefused("is damaged", where=generation, remedy="Prepare it again")
        if generation != now:
            switch(root, generation)


def go_back(root: Path, generation: str | None = None) -> str:
    """Switches to the generation in use before, or to the one named; says which it is.

    Raises:
        OperatorRefused: there is none, or it is damaged.
        LibraryBusy, LibraryUnwritable: see ``only_writer``.
    """
    with only_writer(root):
        now = in_use(root)
        earlier = [one for one in _latest(root) if one != now]
        if generation is None and not earlier:
            raise OperatorRefused("there is no generation to go back to", where=root)
        wanted = generation or earlier[0]
        if wanted == now:
            raise OperatorRefused("is in use already", where=wanted)
        if wanted not in earlier or not usable(root, wanted):
            raise OperatorRefused("can't be gone back to; it is not kept, or damaged", where=wanted)
        switch(root, wanted, back=True)
        return wanted


def went_back(root: Path) -> bool:
    """Whether the generation in use was gone back to: then only a person, or a changed folder, leads on from it."""
    switches = _switches(root)
    return bool(switches) and switches[-1].back and switches[-1].generation == in_use(root)


def discard(root: Path, generation: str) -> None:
    """Removes a prepared generation that isn't wanted, and the texts that it alone brought.

    Raises:
        OperatorRefused: it was in use.
        LibraryBusy, LibraryUnwritable: see ``only_writer``.
    """
    with only_writer(root):
        if generation == in_use(root) or generation in _latest(root):
            raise OperatorRefused("was in use and is kept", where=generation)
        own = _readable(root, generation)
        new = {*own.added, *own.changed} if own else set()
        brought = {sha256 for name, sha256 in _texts(root, generation) if name in new}
        if _OURS.fullmatch(generation):
            shutil.rmtree(root / "generations" / generation, ignore_errors=True)
        clear_away(root)
        for other in manifest.all_manifests(root):
            brought -= {sha256 for _, sha256 in _texts(root, other)}
        archive.forget_unrecorded(root, brought)


def _texts(root: Path, generation: str) -> list[tuple[str, str]]:
    """A generation's bulletins, each with its text's digest; none where it can't be read."""
    try:
        return [(bulletin.name, bulletin.sha256) for bulletin in bulletins_of(root, generation)]
    except (LibraryDamaged, LibraryStale):
        return []


def held(root: Path) -> tuple[Held, ...]:
    """The generations that can be used, the highest number first."""
    now = in_use(root)
    earlier = _latest(root)
    return tuple(
        Held(
            own.generation,
            own.number,
            own.built_at,
            own.bulletins,
            "current" if own.generation == now else "previous" if own.generation in earlier else "prepared",
            own.added,
            own.changed,
            own.removed,
        )
        for own in manifest.all_manifests(root).values()
    )


def switch(
    root: Path, generation: str, bulletins: Sequence[StoredBulletin] | None = None, *, back: bool = False
) -> tuple[str, ...]:
    """Makes a whole generation the one in use; the only writer may.  Says what beside it was damaged, and what became
    of that.  ``bulletins`` are the generation's, where they are at hand.

    First what its texts were called is recorded, then the pointer is replaced, at one stroke.
    """
    own = manifest.read_manifest(root, generation)
    before = in_use(root)
    with files.translate_os_errors(root):
        whole = list(_bulletins(root, own)) if bulletins is None else bulletins
        notes = _renewed(archive.keep(root, _unrecorded(root, own, whole), generation, own.number, own.built_at))
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        notes += _renewed(_unreadable_switches(root))
        known = _switches(root)
        if before and (not known or known[-1].generation != before):
            known.append(Switch(before, ""))  # the switch to it was interrupted, or the list was damaged
        known = [*known, Switch(generation, at, back)][-100:]
        audit_log.write(root, audit_log.actor(), "go back" if back else "switch", generation=generation, before=before)
        listed = files.dump_checksummed({"switches": [asdict(one) for one in known]})
        files.write_all_atomic_unsynced({root / "CURRENT": f"{generation}\n".encode("ascii"), root / SWITCHES: listed})
        files.sync_folder(root)
        return (*notes, *_mended(root, own, whole))


def mend(root: Path, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    """Where the generation in use stays as it is, makes whole again what is kept beside it; the only writer may.  Says
    what was damaged, and what became of that.  ``bulletins`` are the generation's."""
    own = manifest.read_manifest(root, in_use(root))
    with files.translate_os_errors(root):
        notes = _renewed(_unreadable_switches(root))
        if notes:
            files.write_checksummed(root / SWITCHES, {"switches": [asdict(one) for one in _switches(root)]})
        return (*notes, *_mended(root, own, bulletins))


def _mended(root: Path, own: Manifest, bulletins: Sequence[StoredBulletin]) -> tuple[str, ...]:
    lost = [bulletin for bulletin in bulletins if not archive.is_recorded(root, bulletin.sha256)]
    renewed = archive.keep(root, lost, own.generation, own.number, own.built_at)
    return (*_renewed(renewed), *clear_away(root))


def _renewed(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"{path}: could not be read; it was begun anew" for path in paths)


def clear_away(root: Path) -> tuple[str, ...]:
    """Removes generations that nobody can return to, segments that no generation has, and what an interrupted run left;
    the only writer may.  Texts stay.  Says which generations can't be returned to as they are damaged."""
    now = in_use(root)
    used = _readable(root, now)
    if used is None and (root / "CURRENT").exists():
        return ()  # what can't be told to be needless stays
    latest = [now, *(one for one in _latest(root) if one != now)][: limits.KEPT_GENERATIONS]
    sound = {part.segment: True for part in used.segments} if used else {}
    kept: list[Manifest] = []
    notes: list[str] = []
    for folder in (root / "generations").iterdir() if (root / "generations").is_dir() else ():
        own = _readable(root, folder.name)
        wanted = folder.name in latest or (own is not None and own.previous == now)
        if own and wanted and _is_whole(root, own, sound):
            kept.append(own)
        elif _OURS.fullmatch(folder.name) and folder.name != now:
            if wanted and not _is_older(root, folder.name):
                notes.append(f"{folder}: is damaged; nobody can go back to it any more")
            with suppress(OSError):  # on a full disk it stays until there is room for what is kept of it
                if own and folder.name in receipts.generations(root):
                    (root / "archive").mkdir(exist_ok=True)
                    files.write_atomic(root / "archive" / f"{folder.name}.json", manifest.to_bytes(own))
                shutil.rmtree(folder, ignore_errors=True)
    if (root / "generations").is_dir():
        files.sync_folder(root / "generations")  # a power cut must not bring one back without its segments
    needed = {part.segment for own in kept for part in own.segments}
    for folder in (root / "segments").iterdir() if (root / "segments").is_dir() else ():
        if folder.name not in needed:
            shutil.rmtree(folder, ignore_errors=True)
    for path in [*root.glob(".*"), *(root / "texts").glob(".*")]:
        if _UNFINISHED.fullmatch(path.name):
            path.unlink(missing_ok=True)
    return tuple(notes)


def _is_whole(root: Path, own: Manifest, sound: dict[str, bool]) -> bool:
    """``sound`` says of segments whether they are as they were written; those looked at are added."""
    for part in own.segments:
        if part.segment not in sound:
            sound[part.segment] = not segment.damage(root, part.segment)
    return all(sound[part.segment] for part in own.segments)


def _readable(root: Path, generation: str) -> Manifest | None:
    try:
        return manifest.read_manifest(root, generation)
    except (LibraryDamaged, LibraryStale):
        return None


def _is_older(root: Path, generation: str) -> bool:
    try:
        manifest.read_manifest(root, generation)
    except (LibraryDamaged, LibraryStale) as error:
        return isinstance(error, LibraryStale)
    return False


def _unrecorded(root: Path, own: Manifest, bulletins: Sequence[StoredBulletin]) -> list[StoredBulletin]:
    """Those that the generation brings, and those whose record was lost."""
    new = {*own.added, *own.changed}
    recorded = {name for name in os.listdir(root / "texts") if name.endswith(".json")}
    return [one for one in bulletins if one.name in new or f"{one.sha256}.json" not in recorded]


def bulletins_of(root: Path, generation: str) -> tuple[StoredBulletin, ...]:
    """
    Raises:
        LibraryDamaged: its manifest or a segment can't be read.
    """
    return tuple(_bulletins(root, manifest.read_manifest(root, generation)))


def _bulletins(root: Path, own: Manifest) -> Iterator[StoredBulletin]:
    for part in own.segments:
        bulletins, _ = segment.read_bulletins(root, part.segment)
        yield from (bulletin for bulletin in bulletins if bulletin.name not in part.left_out)


def _latest(root: Path) -> list[str]:
    """The generations that were in use, the latest first; of several of the same bulletins the latest alone."""
    latest: dict[str, str] = {}
    for one in reversed(_switches(root)):
        latest.setdefault(one.generation.partition(".")[0], one.generation)
    return list(latest.values())[: limits.KEPT_GENERATIONS + 1]


def _switches(root: Path) -> list[Switch]:
    """Where the list is damaged, as the generations' numbers tell it."""
    try:
        content = files.read_checksummed(root / SWITCHES, manifest.REBUILD)
        return TypeAdapter(list[Switch]).validate_python((content or {}).get("switches", []))
    except (LibraryDamaged, ValidationError):
        held = manifest.all_manifests(root)
        now = held.get(in_use(root))
        return [Switch(one.generation, "") for one in reversed(held.values()) if now and one.number <= now.number]


def _unreadable_switches(root: Path) -> tuple[Path, ...]:
    try:
        files.read_checksummed(root / SWITCHES, manifest.REBUILD)
        return ()
    except LibraryDamaged:
        return (root / SWITCHES,)
