"""What a generation consists of and what it was built from and with, and which generation is in use.

library/CURRENT                         the name of the generation in use
        generations/NAME/manifest.json  its segments and its bulletins, sealed (rag/files.py)
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from embeddings.encoder import Encoder
from rag import files
from rag.errors import LibraryDamaged, LibraryMissing, LibraryStale

FORMAT = 3  # changes whenever the stored files or their fields do
RECIPE = "3"  # changes whenever the same file would give other passages or other search texts
REBUILD = "Run: python -m rag index"
_POINTER = re.compile(rb"([0-9a-z.-]{1,80})\n")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The encoder that made a generation's vectors."""

    name: str
    digest: str
    dimension: int
    max_tokens: int
    normalised: bool = True

    @staticmethod
    def of(encoder: Encoder) -> ModelCard:
        return ModelCard(encoder.name, encoder.digest, encoder.dimension, encoder.max_tokens)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a generation; ``left_out`` are bulletins of it that have been changed or removed since."""

    segment: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation's description.

    ``number`` is one more than that of the highest generation before, whatever the clock says; ``previous`` is the one
    that it follows on, "" for none.  ``sources`` are the bulletins' names and their files' SHA-256, ``corrections``
    that of the corrections beside a file, ``folders`` how many bulletins came from each folder, ``replaces`` the
    earlier bulletins that one corrects.  ``added``, ``changed`` and ``removed`` are seen from ``previous``.
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


def current(root: Path) -> str:
    """Name of the generation in use.

    Raises:
        LibraryMissing: none is. LibraryDamaged: the pointer holds no name.
    """
    pointer = root / "CURRENT"
    try:
        found = _POINTER.fullmatch(pointer.read_bytes())
    except FileNotFoundError:
        if (root / "switches.json").exists():
            raise LibraryDamaged("is missing", where=pointer, remedy=REBUILD) from None
        raise LibraryMissing("there is no library yet", where=root, remedy=REBUILD) from None
    except OSError as error:
        raise LibraryDamaged("can't be read", where=pointer, remedy=REBUILD) from error
    if not found:
        raise LibraryDamaged("names no generation", where=pointer, remedy=REBUILD)
    return found[1].decode("ascii")


def path_of(root: Path, generation: str) -> Path:
    return root / "generations" / generation / "manifest.json"


def to_bytes(manifest: Manifest) -> bytes:
    return files.dump_checksummed(asdict(manifest))


def read_manifest(root: Path, generation: str) -> Manifest:
    """A generation's manifest.

    Raises:
        LibraryStale: written in another format.
        LibraryDamaged: missing, not what was written, or another generation's.
    """
    path = path_of(root, generation)
    try:
        data = path.read_bytes()
        written = files.load_checksummed(data) if b'"sha256": "' in data[-90:] else _older(data)
        if written.get("format") != FORMAT:
            raise LibraryStale(
                f"is in format {written.get('format')!r}, this version reads {FORMAT}", where=path, remedy=REBUILD
            )
        manifest = _MANIFEST.validate_python(written)
    except OSError as error:
        raise LibraryDamaged("is missing or unreadable", where=path, remedy=REBUILD) from error
    except ValueError as error:
        what = "is unreadable" if isinstance(error, ValidationError) else str(error)
        raise LibraryDamaged(what, where=path, remedy=REBUILD) from error
    if manifest.generation != generation:
        raise LibraryDamaged(f"describes generation {manifest.generation}", where=path, remedy=REBUILD)
    return manifest


def _older(data: bytes) -> dict[str, Any]:
    """A manifest of a format without a digest of its own.

    Raises:
        ValueError: it is none, and damaged.
    """
    try:
        written = json.loads(data)
    except ValueError:
        written = None
    if not isinstance(written, dict) or written.get("format") not in (1, 2):
        raise ValueError("has lost its digest")
    return written


def all_manifests(root: Path) -> dict[str, Manifest]:
    """The manifests that can be read, by their generations' names, the highest number first."""
    found = []
    for path in root.glob("generations/*/manifest.json"):
        try:
            found.append(read_manifest(root, path.parent.name))
        except (LibraryDamaged, LibraryStale):
            continue
    return {manifest.generation: manifest for manifest in sorted(found, key=lambda m: m.number, reverse=True)}


def next_number(root: Path) -> int:
    """Returns the number for a new generation, whatever the clock says."""
    return max((manifest.number for manifest in all_manifests(root).values()), default=0) + 1


def known_sources(root: Path) -> dict[str, str] | None:
    """Names and file digests of the bulletins that the library holds, read even where it can't be used otherwise:
    of its current generation, else of the last one whose manifest can be read; {} where nothing was ever indexed,
    None where nothing tells any more."""
    try:
        first = current(root)
    except LibraryMissing:
        return {}
    except LibraryDamaged:
        first = ""
    names = [path.parent.name for path in root.glob("generations/*/manifest.json")]
    names.sort(key=lambda name: path_of(root, name).stat().st_mtime, reverse=True)
    readable = all_manifests(root)
    for name in [first, *readable, *names]:
        if name in readable:
            return readable[name].sources
        try:  # of an older format
            return TypeAdapter(dict[str, str]).validate_python(_older(path_of(root, name).read_bytes())["sources"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
