"""Reads a library from the disk again and names everything in it that isn't as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag import files
from rag.errors import LibraryDamaged, LibraryStale
from rag.library import archive, audit_log, generations, receipts, segment
from rag.library.manifest import all_manifests, current_generation, manifest_path, read_manifest
from rag.library.reader import Library, text_path
from rag.models import Passage


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong, and with which file, passage or place."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What was read, and what is wrong with it; ``passages`` counts those compared with their texts, and
    ``readable_by_others`` the library's files that any user of this machine can read."""

    generation: str | None
    bulletins: int
    passages: int
    damage: tuple[Damage, ...]
    readable_by_others: int = 0


def verify(root: Path) -> VerificationResult:
    """Checks the digests of all files and texts, of earlier generations too, then slices every passage and sentence.

    Raises:
        LibraryMissing: nothing has been indexed.
        LibraryStale: another version of the product wrote it.
    """
    damage: list[Damage] = []
    name, library, bulletins = None, None, 0
    try:
        name = current_generation(root)
        bulletins = read_manifest(root, name).bulletins
    except LibraryDamaged as error:
        damage.append(Damage(error.where, error.what))
        if name and not manifest_path(root, name).exists():
            damage.append(Damage(str(root / "CURRENT"), f"names generation {name}, which isn't there"))
    damage += _damaged_files(root)
    if name and not damage:
        try:
            library = Library.open(root)
        except LibraryDamaged as error:
            damage.append(Damage(error.where, error.what))
    passages, wrong_slices = _check_slices(library) if library else (0, [])
    damage += [*wrong_slices, *_missing_files(root, name)]
    # Texts of bulletins that have gone are kept for proving old quotes, so they are checked too.
    read = {bulletin.sha256 for bulletin in library.bulletins} if library else set()
    texts = (path for path in sorted(root.glob("texts/*.txt")) if path.stem not in read)
    damage += [Damage(str(path), what) for path in texts if (what := files.integrity_error(path, path.stem))]
    auxiliary = (*archive.integrity_errors(root), *receipts.integrity_errors(root), *audit_log.integrity_errors(root))
    damage += [Damage(str(path), what) for path, what in auxiliary]
    open_files = files.readable_by_others(root)
    return VerificationResult(name, bulletins, passages, tuple(dict.fromkeys(damage)), open_files)


def _damaged_files(root: Path) -> list[Damage]:
    """Checks the generations' manifests and segments, and the other files with their own digest."""
    damage: list[Damage] = []
    segments: set[str] = set()
    for path in sorted(root.glob("generations/[!_]*/manifest.json")):
        try:
            segments |= {part.segment for part in read_manifest(root, path.parent.name).segments}
        except LibraryStale:
            continue  # of an older version; nothing reads it
        except LibraryDamaged as error:
            damage.append(Damage(error.where, error.what))
    for digest in sorted(segments):
        damage += [Damage(str(path), what) for path, what in segment.integrity_errors(root, digest)]
    patterns = ("*.json", "archive/*.json", "log/audit.json", "log/feedback/*.json")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        try:
            files.read_checksummed(path, "")
        except LibraryDamaged as error:
            damage.append(Damage(error.where, error.what))
    return damage


def _missing_files(root: Path, name: str | None) -> list[Damage]:
    """Finds the texts that a generation lacks, and the records that the one in use lacks."""
    paths: dict[Path, None] = {}
    for manifest in all_manifests(root).values():
        try:
            texts = [bulletin.sha256 for bulletin in generations.read_bulletins(root, manifest)]
        except (LibraryDamaged, LibraryStale):
            continue  # _damaged_files names it already
        paths |= dict.fromkeys(text_path(root, sha256) for sha256 in texts)
        if manifest.generation == name:
            paths |= dict.fromkeys(archive.record_path(root, sha256) for sha256 in texts)
    return [Damage(str(path), "is missing") for path in paths if not path.exists()]


def _check_slices(library: Library) -> tuple[int, list[Damage]]:
    damage: list[Damage] = []
    texts: dict[str, str] = {}
    for bulletin in library.bulletins:
        try:
            texts[bulletin.name] = library.text(bulletin.sha256)
        except LibraryDamaged as error:
            damage.append(Damage(error.where, f"{error.what} (bulletin {bulletin.name})"))
    checked = 0
    for number, passage in enumerate(library.passages):
        if passage.bulletin in texts:
            checked += 1
            if not _is_slice(passage, texts[passage.bulletin]):
                damage.append(Damage(f"passage {number}", f"is no whole slice of {passage.bulletin}"))
    return checked, damage


def _is_slice(passage: Passage, text: str) -> bool:
    """Whether its sentences are slices of the text, in order, with nothing but white space between them."""
    end = passage.start
    for sentence in passage.sentences:
        if not (end <= sentence.start < sentence.end <= passage.end) or text[end : sentence.start].strip():
            return False
        end = sentence.end
    return passage.sentences != () and passage.end <= len(text) and not text[end : passage.end].strip()
