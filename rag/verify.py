"""Re-reads a library from the disk and names everything in it that isn't as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag import history, store
from rag.citing import receipt
from rag.errors import LibraryDamaged
from rag.library import Library
from rag.manifest import current, read_manifest
from rag.records import Passage


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
    """Digests of all files and texts, then every passage and sentence sliced anew.

    Raises:
        LibraryMissing: nothing has been indexed. LibraryStale: another version of the product wrote it.
    """
    try:
        name = current(root)
        folder = root / "generations" / name
        manifest = read_manifest(folder)
    except LibraryDamaged as error:
        return Verdict(None, 0, 0, (Damage(error.where, error.what),))
    damage = [
        Damage(str(folder / file), what)
        for file, digest in manifest.files.items()
        if (what := store.damage(folder / file, digest))
    ]
    if manifest.generation != name:
        damage.append(Damage(str(folder / "manifest.json"), f"describes generation {manifest.generation}"))
    if damage:
        return Verdict(name, manifest.bulletins, 0, tuple(damage))
    try:
        library = Library.open(root)
    except LibraryDamaged as error:
        return Verdict(name, manifest.bulletins, 0, (Damage(error.where, error.what),))
    sliced, damage = _slices(library)
    # Texts of bulletins that are gone are kept for proving old quotes, so they are looked at too.
    kept = (path for path in sorted(root.glob("texts/*.txt")) if path.stem not in library.by_digest)
    damage += [Damage(str(path), what) for path in kept if (what := store.damage(path, path.stem))]
    damage += [Damage(str(path), what) for path, what in (*history.damaged(root), *receipt.damaged(root))]
    return Verdict(name, len(library.bulletins), sliced, tuple(damage))


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
