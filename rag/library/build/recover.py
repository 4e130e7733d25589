"""What an update finds in the library: the segments that it can use again, and what is damaged or lost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.late_interaction import FIT_TOKENS
from rag import files
from rag.errors import LibraryDamaged, LibraryMissing, LibraryStale
from rag.library import segment
from rag.library.manifest import RECIPE, Manifest, ModelCard, all_manifests, current_generation, read_manifest
from rag.library.reader import text_path
from rag.library.segment import Description, Key
from rag.models import StoredBulletin


@dataclass(frozen=True, slots=True)
class ReusableSegment:
    """A segment whose files are all as they were written; bulletins and their sentences' digests are by name."""

    description: Description
    bulletins: dict[str, StoredBulletin]
    sentence_digests: dict[str, frozenset[int]]


@dataclass(slots=True)
class Recovered:
    """What the library has that can be used again.

    ``segments``, by digest, are intact, made with this recipe and ``model`` (None: any), and share one projection of
    the word pieces, none of the ``rejected_projections``.  ``holders`` are the digests of the segments that hold each
    bulletin.  ``known_files`` are the digests of file and corrections of each bulletin of the generation in use;
    ``is_unknown`` says that nothing names these bulletins any more, ``is_damaged`` that the generation in use isn't
    whole, ``is_outdated`` that it was made with another recipe or model.
    """

    root: Path
    model: ModelCard | None
    manifest: Manifest | None = None
    known_files: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_unknown: bool = False
    segments: dict[str, ReusableSegment] = field(default_factory=dict)
    holders: dict[Key, str] = field(default_factory=dict)
    rejected_projections: set[str] = field(default_factory=set)
    is_damaged: bool = False
    is_outdated: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, root: Path, model: ModelCard | None) -> Recovered:
        """Reads what can be read; nothing is raised for what can't."""
        recovered = cls(root, model)
        try:
            manifest = read_manifest(root, current_generation(root))
            recovered.manifest = manifest
            recovered.known_files = {
                name: (digest, manifest.corrections.get(name, "")) for name, digest in manifest.sources.items()
            }
            recovered.is_outdated = manifest.recipe != RECIPE or (
                model is not None and (manifest.model.digest, manifest.model.side) != (model.digest, model.side)
            )
        except LibraryMissing:
            pass
        except (LibraryStale, LibraryDamaged) as error:
            recovered.is_damaged = True
            recovered.notes = (f"{error.where}: {error.what}; everything that is lost was built anew",)
            latest = next(iter(all_manifests(root).values()), None)
            recovered.is_unknown = latest is None
            recovered.known_files = {name: (digest, "") for name, digest in latest.sources.items()} if latest else {}
        in_use = [part.segment for part in recovered.manifest.segments] if recovered.manifest else []
        recovered._add_segments(in_use, in_use=True)
        recovered._add_segments([digest for digest in recovered._latest_segments() if digest not in in_use])
        recovered._locate_bulletins()
        return recovered

    def find(self, key: Key) -> tuple[StoredBulletin, frozenset[int]]:
        """Returns a held bulletin and the digests of its sentences."""
        holder = self.segments[self.holders[key]]
        return holder.bulletins[key[0]], holder.sentence_digests[key[0]]

    def is_outgrown(self, keys: Sequence[Key]) -> bool:
        """Whether the projection was fitted on few word pieces, and most of these bulletins were not among them."""
        descriptions = [reusable.description for reusable in self.segments.values()]
        fitted = max((description.fitted for description in descriptions), default=FIT_TOKENS)
        seen = {source.file_sha256 for description in descriptions for source in description.sources.values()}
        unseen = sum(digest not in seen for _, digest, _ in keys)
        return fitted < FIT_TOKENS and (not fitted or unseen > len(keys) // 2)

    def reject_projection(self) -> None:
        """Gives up the projection: uses what an interrupted run has since made with another, else nothing."""
        self.rejected_projections.add(next(iter(self.segments.values())).description.projection)
        self.segments.clear()
        self.holders.clear()
        self._add_segments(self._latest_segments())
        self._locate_bulletins()

    def _latest_segments(self) -> list[str]:
        """Returns all segments, of other generations and of interrupted runs too, the latest first."""
        with suppress(OSError):
            folders = [folder for folder in os.scandir(self.root / "segments") if len(folder.name) == 64]
            return [folder.name for folder in sorted(folders, key=lambda folder: -folder.stat().st_mtime_ns)]
        return []

    def _add_segments(self, digests: Sequence[str], *, in_use: bool = False) -> None:
        """Adds the segments that can be used; of those not ``in_use`` only those that have more bulletins."""
        known = {key for reusable in self.segments.values() for key in reusable.description.keys}
        for digest in digests:
            try:
                description = segment.describe(self.root, digest)
                if self._fits(description) and (in_use or not known.issuperset(description.keys)):
                    self.segments[digest] = _open(self.root, digest, description)
            except (LibraryDamaged, LibraryStale) as error:
                if in_use:
                    self.is_damaged = True
                    self.notes += (f"{error.where}: {error.what}; its bulletins were built anew",)

    def _fits(self, description: Description) -> bool:
        if description.recipe != RECIPE or (self.model and not self._is_by_model(description.model, self.model)):
            return False
        shared = next(iter(self.segments.values())).description if self.segments else description
        return description.projection == shared.projection and description.projection not in self.rejected_projections

    def _is_by_model(self, made_with: ModelCard, model: ModelCard) -> bool:
        """Whether a segment is the model's; of one that doesn't say with which other files, the generation does."""
        if made_with.side != model.side and not (self.manifest and self.manifest.model.is_same(model)):
            return False
        return made_with.is_same(model)

    def _locate_bulletins(self) -> None:
        """Finds the segment that holds each bulletin; one whose text is missing or damaged is held by none."""
        for digest, reusable in self.segments.items():
            for key in reusable.description.keys:
                if key in self.holders:
                    continue
                sha256 = reusable.bulletins[key[0]].sha256
                if not (error := files.integrity_error(text_path(self.root, sha256), sha256)):
                    self.holders[key] = digest
                elif self.known_files.get(key[0]) == key[1:]:
                    self.is_damaged = True
                    self.notes += (f"{text_path(self.root, sha256)}: the stored text {error}; it was stored anew",)
        self.notes = tuple(dict.fromkeys(self.notes))  # two segments can have the same bulletin


def _open(root: Path, digest: str, description: Description) -> ReusableSegment:
    for path, error in segment.integrity_errors(root, digest):
        raise LibraryDamaged(error, where=path)
    bulletins, sentence_digests = segment.read_bulletins(root, digest)
    return ReusableSegment(
        description,
        {bulletin.name: bulletin for bulletin in bulletins},
        dict(zip(description.sources, sentence_digests, strict=True)),
    )
