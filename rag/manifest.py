"""What a generation was built from and with, and which generation is in use; read without opening its indexes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from embeddings.encoder import Encoder
from rag.errors import LibraryDamaged, LibraryMissing, LibraryStale

FORMAT = 2  # changes whenever the stored files or their fields do
RECIPE = "3"  # changes whenever the same file would give other passages or other search texts
REBUILD = "Run: python -m rag index"
_NAME = re.compile(r"[0-9a-z.-]{1,80}")


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
class Manifest:
    """A generation's description; ``files`` are relative paths and their SHA-256."""

    format: int
    recipe: str
    generation: str
    product: str
    built_at: str
    model: ModelCard
    bulletins: int
    sections: int
    passages: int
    sentences: int
    sources: dict[str, str]
    files: dict[str, str]


def current(root: Path) -> str:
    """Name of the generation in use.

    Raises:
        LibraryMissing: none is. LibraryDamaged: the pointer holds no name.
    """
    pointer = root / "CURRENT"
    try:
        name = pointer.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise LibraryMissing("there is no library yet", where=root, remedy=REBUILD) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryDamaged("can't be read", where=pointer, remedy=REBUILD) from error
    if not _NAME.fullmatch(name):
        raise LibraryDamaged("names no generation", where=pointer, remedy=REBUILD)
    return name


def read_manifest(folder: Path) -> Manifest:
    """A generation's manifest.

    Raises:
        LibraryStale: written in another format.
        LibraryDamaged: missing or unreadable.
    """
    path = folder / "manifest.json"
    try:
        data = path.read_bytes()
        written = TypeAdapter(dict[str, Any]).validate_json(data)
        if written.get("format") != FORMAT:
            raise LibraryStale(
                f"is in format {written.get('format')!r}, this version reads {FORMAT}", where=path, remedy=REBUILD
            )
        return TypeAdapter(Manifest).validate_python(written)
    except (OSError, ValidationError) as error:
        raise LibraryDamaged("is missing or unreadable", where=path, remedy=REBUILD) from error


def known_sources(root: Path) -> dict[str, str] | None:
    """Names and file digests of the bulletins that the library holds, read even where it can't be used otherwise:
    of its current generation, else of the last one whose manifest can be read; {} where nothing was ever indexed,
    None where nothing tells any more."""
    try:
        manifests = [root / "generations" / current(root) / "manifest.json"]
    except LibraryMissing:
        return {}
    except LibraryDamaged:
        manifests = []
    others = [path for path in root.glob("generations/*/manifest.json") if path not in manifests]
    for path in [*manifests, *sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)]:
        try:
            return TypeAdapter(dict[str, str]).validate_python(json.loads(path.read_bytes())["sources"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
