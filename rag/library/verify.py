"""Re-reads a library from the disk and names everything in it that isn't as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag import files
from rag.errors import LibraryDamaged, LibraryStale
from rag.library import archive, audit_log, receipts, segment
from rag.library import generations as generation
from rag.library.manifest import all_manifests, current, path_of, read_manifest
from rag.library.reader import Library, text_path
from rag.models import Passage

# What carries its own digest, beside the segments.
SEALED = ("*.json", "archive/*.json", "log/audit.json", "log/feedback/*.json")


@dataclass(frozen=True, slots=True)
class Damage:
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was re-read, and what is wrong with it; ``passages`` counts those re-sliced from their texts."""

    generation: str | None
    bulletins: int
    passages: int
    damage: tuple[Damage, ...]


def verify(root: Path) -> Verdict:
    """Digests of all files and texts, of the generations before too, then every passage and sentence sliced anew.

    Raises:
        LibraryMissing: nothing has been indexed. LibraryStale: another version of the product wrote it.
    """
    damage: list[Damage] = []
    name, library, bulletins = None, None, 0
    try:
        name = current(root)
        bulletins = read_manifest(root, name).bulletins
    except LibraryDamaged as error:
        damage.append(Damage(error.where, error.what))
        if name and not path_of(root, name).exists():
            damage.append(Damage(str(root / "CURRENT"), f"names generation {name}, which isn't there"))
    damage += _files(root)
    if name and not damage:
        try:
            library = Library.open(root)
        except LibraryDamaged as error:
            damage.append(Damage(error.where, error.what))
    sliced, found = _slices(library) if library else (0, [])
    damage += [*found, *_missing(root, name)]
    # Texts of bulletins that are gone are kept for proving old quotes, so they are looked at too.
    known = {bulletin.sha256 for bulletin in library.bulletins} if library else set()
    kept = (path for path in sorted(root.glob("texts/*.txt")) if path.stem not in known)
    damage += [Damage(str(path), what) for path in kept if (what := files.integrity_error(path, path.stem))]
    beside = (*archive.damaged(root), *receipts.damaged(root), *audit_log.damage(root))
    damage += [Damage(str(path), what) for path, what in beside]
    return Verdict(name, bulletins, sliced, tuple(dict.fromkeys(damage)))


def _files(root: Path) -> list[Damage]:
    """The generations' manifests and segments, and what else carries its own digest."""
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
        damage += [Damage(str(path), what) for path, what in segment.damage(root, digest)]
    for path in sorted(path for kind in SEALED for path in root.glob(kind)):
        try:
            files.read_checksummed(path, "")
        except LibraryDamaged as error:
            damage.append(Damage(error.where, error.what))
    return damage


def _missing(root: Path, name: str | None) -> list[Damage]:
    """The texts that a generation lacks, and the records that the one in use does."""
    paths: dict[Path, None] = {}
    for own in all_manifests(root):
        try:
            texts = [bulletin.sha256 for bulletin in generation.bulletins_of(root, own)]
        except (LibraryDamaged, LibraryStale):
            continue  # and that is named already
        paths |= dict.fromkeys(text_path(root, sha256) for sha256 in texts)
        if own == name:
            paths |= dict.fromkeys(archive.record_path(root, sha256) for sha256 in texts)
    return [Damage(str(path), "is missing") for path in paths if not path.exists()]


def _slices(library: Library) -> tuple[int, list[Damage]]:
    damage: list[Damage] = []
    texts: dict[str, str] = {}
    for bulletin in library.bulletins:
        try:
            texts[bulletin.name] = library.text(bulletin.sha256)
        except LibraryDamaged as error:
            damage.append(Damage(error.where, f"{error.what} (bulletin {bulletin.name})"))
    sliced = 0
    for number, passage in enumerate(library.passages):
        if passage.bulletin in texts:
            sliced += 1
            if not _lies_in(passage, texts[passage.bulletin]):
                damage.append(Damage(f"passage {number}", f"is no whole slice of {passage.bulletin}"))
    return sliced, damage


def _lies_in(passage: Passage, text: str) -> bool:
    """Its sentences are slices of the text, in order, and between them stands nothing but white space."""
    at = passage.start
    for sentence in passage.sentences:
        if not (at <= sentence.start < sentence.end <= passage.end) or text[at : sentence.start].strip():
            return False
        at = sentence.end
    return passage.sentences != () and passage.end <= len(text) and not text[at : passage.end].strip()
