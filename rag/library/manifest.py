"""Manifests: what a generation consists of, what it was built from and with; and which generation is in use.

library/CURRENT                         the name of the generation in use
        generations/NAME/manifest.json  its segments and its bulletins, checksummed (rag/files.py)
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from embeddings.encoder import Encoder
from embeddings.model_files import PACKAGED
from rag import files
from rag.errors import LibraryDamaged, LibraryMissing, LibraryStale

FORMAT = 3  # changes whenever the stored files or their fields do
RECIPE = "4"  # changes whenever the same file would give other passages or other search texts
REBUILD = "Run: python -m rag index"
_POINTER = re.compile(rb"([0-9a-z.-]{1,80})\n")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The identity of the encoder that made a generation's vectors.

    ``side`` is the digest of the model's files besides the weights, "" for those of the packaged model, and where they
    weren't noted yet.
    """

    name: str
    digest: str
    dimension: int
    max_tokens: int
    normalised: bool = True
    side: str = ""

    @staticmethod
    def of(encoder: Encoder) -> ModelCard:
        """Returns an encoder's card."""
        return ModelCard(encoder.name, encoder.digest, encoder.dimension, encoder.max_tokens, side=encoder.side_digest)

    def is_same(self, given: ModelCard) -> bool:
        """Whether the ``given`` encoder makes the same vectors, as far as it was noted."""
        return self.digest == given.digest and (self.side == given.side or not self.is_whole)

    @property
    def is_whole(self) -> bool:
        """Whether it says with which other files the vectors were made: earlier versions noted the weights alone."""
        return bool(self.side) or self.name == PACKAGED


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a generation; ``left_out`` are its tombstones, the bulletins changed or removed since."""

    segment: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation's description.

    ``number`` is one more than the highest before, whatever the clock says; ``previous`` is the generation that was in
    use, "" for none.  By the bulletins' names, ``sources`` are the SHA-256 of their files, ``corrections`` those of the
    corrections beside them, ``replaces`` the earlier bulletins that one corrects.  ``folders`` counts the bulletins of
    each folder.  ``added``, ``changed`` and ``removed`` are seen from ``previous``.
    """

    format: int
    recipe: str
    generation: str
    number: int
    previous: str
    product: str
    built_at: str
    model: ModelCard
    bulletins: int
    sections: int
    passages: int
    sentences: int
    sources: dict[str, str]
    corrections: dict[str, str]
    folders: dict[str, int]
    replaces: dict[str, tuple[str, ...]]
    segments: tuple[Part, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


_MANIFEST = TypeAdapter(Manifest)


def current_generation(root: Path) -> str:
    """Returns the name of the generation in use.

    Raises:
        LibraryMissing: nothing was indexed.
        LibraryDamaged: the pointer is missing or holds no name.
    """
    pointer = root / "CURRENT"
    try:
        match = _POINTER.fullmatch(pointer.read_bytes())
    except FileNotFoundError:
        if (root / "switches.json").exists():
            raise LibraryDamaged("is missing", where=pointer, remedy=REBUILD) from None
        raise LibraryMissing("there is no library yet", where=root, remedy=REBUILD) from None
    except OSError as error:
        raise LibraryDamaged("can't be read", where=pointer, remedy=REBUILD) from error
    if not match:
        raise LibraryDamaged("names no generation", where=pointer, remedy=REBUILD)
    return match[1].decode("ascii")


def manifest_path(root: Path, generation: str) -> Path:
    """Returns the file of a generation's manifest."""
    return root / "generations" / generation / "manifest.json"


def to_bytes(manifest: Manifest) -> bytes:
    """Returns the manifest's file."""
    return files.dump_checksummed(asdict(manifest))


def read_manifest(root: Path, generation: str) -> Manifest:
    """Reads a generation's manifest.

    Raises:
        LibraryStale: written in another format.
        LibraryDamaged: missing, not what was written, or another generation's.
    """
    path = manifest_path(root, generation)
    try:
        content = files.load_checksummed(path.read_bytes())
        if content.get("format") != FORMAT:
            what = f"is in format {content.get('format')!r}, this version reads {FORMAT}"
            raise LibraryStale(what, where=path, remedy=REBUILD)
        manifest = _MANIFEST.validate_python(content)
    except OSError as error:
        raise LibraryDamaged("is missing or unreadable", where=path, remedy=REBUILD) from error
    except ValueError as error:
        what = "is unreadable" if isinstance(error, ValidationError) else str(error)
        raise LibraryDamaged(what, where=path, remedy=REBUILD) from error
    if manifest.generation != generation:
        raise LibraryDamaged(f"describes generation {manifest.generation}", where=path, remedy=REBUILD)
    return manifest


def all_manifests(root: Path) -> dict[str, Manifest]:
    """Returns the manifests that can be read, by their generations' names, the highest number first."""
    manifests = []
    for path in root.glob("generations/*/manifest.json"):
        try:
            manifests.append(read_manifest(root, path.parent.name))
        except (LibraryDamaged, LibraryStale):
            continue
    return {manifest.generation: manifest for manifest in sorted(manifests, key=lambda m: m.number, reverse=True)}


def next_number(root: Path) -> int:
    """Returns the number for a new generation, whatever the clock says."""
    return max((manifest.number for manifest in all_manifests(root).values()), default=0) + 1
