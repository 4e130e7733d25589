"""Writes the generation to come: texts, segments and manifest.  It is complete, and not yet in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.late_interaction import TokenIndex
from rag import files
from rag.errors import LibraryUnwritable
from rag.ingest.folders import ProgressCallback
from rag.library import generations, segment
from rag.library.build.plan import Proposal
from rag.library.build.recover import Recovered
from rag.library.build.segment_writer import EncodingCache, SegmentWriter, compact
from rag.library.manifest import FORMAT, RECIPE, Manifest, ModelCard, Part, next_number
from rag.library.reader import text_path

MAX_SEGMENT_BULLETINS = 1_000  # newly encoded ones; more are written as several segments


def write_generation(
    root: Path, encoder: Encoder, recovered: Recovered, proposal: Proposal, on_progress: ProgressCallback
) -> tuple[Manifest, int]:
    """Writes the proposed generation, unless it is there already; returns it, and how many texts were encoded for it.

    Raises:
        LibraryUnwritable: it can't be written, or the disk is full.  What was written is removed then.
    """
    return _Build(root, encoder, recovered, proposal, on_progress).run()


def product_version() -> str:
    """Returns the installed version of this product."""
    try:
        return version("bulletin-desk")
    except PackageNotFoundError:
        return "checkout"


class _Build:
    """One writing of a generation; what it has written so far, so that a full disk gets its room back."""

    def __init__(
        self, root: Path, encoder: Encoder, recovered: Recovered, proposal: Proposal, on_progress: ProgressCallback
    ) -> None:
        self.root, self.encoder, self.recovered, self.proposal = root, encoder, recovered, proposal
        self.on_progress = on_progress
        self.parsed = sorted(proposal.scan.parsed, key=lambda file: file.key)
        descriptions = {digest: reusable.description for digest, reusable in recovered.segments.items()}
        self.writer = SegmentWriter(root, ModelCard.of(encoder), descriptions)
        self.sources = {name: digest for name, digest, _ in proposal.scan.keys}
        self.corrections = {name: corrections for name, _, corrections in proposal.scan.keys if corrections}
        self.texts: list[Path] = []
        self.embedded = 0

    def run(self) -> tuple[Manifest, int]:
        name = generations.identity(self.writer.model, self.sources, self.corrections)
        if not self.recovered.is_damaged and (same := generations.find_successor(self.root, name)):
            return same, 0  # rolled back from, or prepared before
        already_there = {folder.name for folder in self.root.glob("segments/*")}
        try:
            with files.translate_os_errors(self.root):
                self._store_texts()
                manifest = self._manifest(name, self._write_segments())
                generations.write(self.root, manifest)
        except LibraryUnwritable:
            # After any other interruption the next run goes on with what is written.  A segment that was there
            # already, and came out the same, stays: a generation may have it.
            segment.remove(self.root, [digest for digest in self.writer.written if digest not in already_there])
            for path in self.texts:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise
        return manifest, self.embedded

    def _store_texts(self) -> None:
        """Stores the texts that are missing or damaged; ``texts`` are those that were missing."""
        folder = self.root / "texts"
        folder.mkdir(exist_ok=True)
        for file in self.proposal.scan.parsed:
            path = text_path(self.root, file.ingested.stored.sha256)
            if files.integrity_error(path, file.ingested.stored.sha256):
                if not path.exists():
                    self.texts.append(path)
                files.write_atomic_unsynced({path: file.ingested.bulletin.text.encode("utf-8")})
        files.sync_folder(folder)

    def _write_segments(self) -> list[Part]:
        cache = self._encoding_cache()
        projection = self._projection()
        live_docs: dict[str, set[str]] = {}
        for key in self.proposal.scan.known:
            live_docs.setdefault(self.recovered.holders[key], set()).add(key[0])
        for start in range(0, len(self.parsed), MAX_SEGMENT_BULLETINS):
            group = self.parsed[start : start + MAX_SEGMENT_BULLETINS]
            digest, projection, embedded = self.writer.write_new(
                group, self.encoder, cache, projection, self.on_progress
            )
            self.embedded += embedded
            live_docs[digest] = {file.key[0] for file in group}
        return compact(self.writer, live_docs)

    def _encoding_cache(self) -> EncodingCache:
        """Returns what was encoded of bulletins that have changed, or go by another name now."""
        names = {file.key[0] for file in self.parsed}
        digests = {file.key[1] for file in self.parsed}
        replaced = self.recovered.holders.keys() - self.proposal.scan.known
        cache = EncodingCache()
        for digest, reusable in self.recovered.segments.items():
            texts = {}
            for key in replaced.intersection(reusable.description.keys):
                if key[0] in names or key[1] in digests:
                    path = text_path(self.root, reusable.bulletins[key[0]].sha256)
                    texts[key[0]] = path.read_bytes().decode("utf-8")
            if texts:
                cache.add(segment.read(self.root, digest), texts)
        return cache

    def _projection(self) -> TokenIndex | None:
        """Returns an index with the projection that all segments share, from the smallest, as it has to be read."""
        descriptions = self.writer.descriptions
        if not descriptions:
            return None
        smallest = min(descriptions, key=lambda digest: len(descriptions[digest].sources))
        folder = segment.path_of(self.root, smallest) / "tokens"
        with segment.translate_errors(folder):
            return TokenIndex.load(folder)

    def _manifest(self, name: str, parts: Sequence[Part]) -> Manifest:
        proposal = self.proposal
        sources = [
            source
            for part in parts
            for bulletin, source in self.writer.descriptions[part.segment].sources.items()
            if bulletin not in part.left_out
        ]
        return Manifest(
            format=FORMAT,
            recipe=RECIPE,
            generation=generations.unused_name(self.root, name),
            number=next_number(self.root),
            previous=generations.in_use(self.root),
            product=product_version(),
            built_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            model=self.writer.model,
            bulletins=len(proposal.bulletins),
            sections=sum(section.role == "event" for bulletin in proposal.bulletins for section in bulletin.sections),
            passages=sum(source.passages for source in sources),
            sentences=sum(source.sentences for source in sources),
            sources=self.sources,
            corrections=self.corrections,
            folders=proposal.scan.folder_counts,
            replaces=dict(proposal.replaces),
            segments=tuple(parts),
            added=proposal.plan.added,
            changed=proposal.plan.changed,
            removed=proposal.plan.removed,
        )
