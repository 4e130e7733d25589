"""Writes segments: of newly parsed bulletins, and of what is left of older segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.late_interaction import TokenIndex
from rag import files
from rag.ingest.folders import ProgressCallback
from rag.ingest.passages import search_pieces
from rag.library import segment
from rag.library.build.index_passages import EncodingCache, PassageIndexes, build_indexes, merge_indexes
from rag.library.build.scan import ParsedFile
from rag.library.manifest import RECIPE, ModelCard
from rag.library.reader import text_path
from rag.library.segment import Content, Description, Segment
from rag.models import Passage, StoredBulletin
from rag.query.spelling import vocabulary_of

_PASSAGE_BYTES, _SENTENCE_BYTES = 16_000, 2_000  # that each takes on the disk, about

Row = tuple[StoredBulletin, str, frozenset[int]]
"""A bulletin, the SHA-256 of the corrections beside its file, and the digests of its sentences."""


@dataclass(slots=True)
class SegmentWriter:
    """Writes segments of one model into a library, and remembers the digests of those ``written``.

    ``descriptions`` are of the segments that can be in the generation to come, by digest; those written are added.
    """

    root: Path
    model: ModelCard
    descriptions: dict[str, Description] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def write_new(
        self,
        group: Sequence[ParsedFile],
        encoder: Encoder,
        cache: EncodingCache,
        projection: TokenIndex | None,
        on_progress: ProgressCallback,
    ) -> tuple[str, PassageIndexes]:
        """Cuts and encodes parsed files and writes them as a segment; returns its digest and indexes.

        Raises:
            LibraryUnwritable: there is no room.
        """
        passages: list[Passage] = []
        pieces: list[tuple[str, ...]] = []
        for number, file in enumerate(group, 1):
            new = file.ingested.passages(encoder.count_tokens, encoder.max_tokens)
            passages += new
            pieces += [search_pieces(passage, file.ingested.bulletin.text) for passage in new]
            on_progress("Cutting passages", number, len(group))
        self._require_room(len(passages), sum(map(len, pieces)))
        indexes = build_indexes(pieces, encoder, cache, projection, on_progress)
        rows = [(file.ingested.stored, file.key[2], file.ingested.sentence_digests) for file in group]
        return self._write(rows, passages, (file.ingested.bulletin.text for file in group), indexes), indexes

    def rewrite(self, live_docs: Mapping[str, set[str]]) -> str:
        """Writes one segment of the bulletins that live of one or several segments; returns its digest.

        Nothing is encoded.  ``live_docs`` are names of bulletins, by the segments' digests.

        Raises:
            LibraryDamaged: a segment can't be read.
            LibraryUnwritable: there is no room.
        """
        parts: list[tuple[Segment, list[Passage]]] = []
        rows: list[Row] = []
        for digest, names in live_docs.items():
            old = segment.read(self.root, digest)
            parts.append((old, [passage for passage in old.passages if passage.bulletin in names]))
            old_rows = zip(old.bulletins, old.corrections, old.revisions, strict=True)
            rows += [row for row in old_rows if row[0].name in names]
        passages = [passage for _, kept in parts for passage in kept]
        self._require_room(len(passages), sum(len(passage.sentences) for passage in passages))
        paths = (text_path(self.root, bulletin.sha256) for bulletin, _, _ in rows)
        texts = (path.read_bytes().decode("utf-8") for path in paths)
        return self._write(rows, passages, texts, merge_indexes(parts))

    def _require_room(self, passages: int, sentences: int) -> None:
        files.require_free_space(self.root, passages * _PASSAGE_BYTES + sentences * _SENTENCE_BYTES)

    def _write(
        self, rows: Sequence[Row], passages: Sequence[Passage], texts: Iterable[str], indexes: PassageIndexes
    ) -> str:
        content = Content(
            bulletins=tuple(bulletin for bulletin, _, _ in rows),
            corrections=tuple(corrections for _, corrections, _ in rows),
            passages=tuple(passages),
            words=vocabulary_of(texts),
            revisions=tuple(sentence_digests for _, _, sentence_digests in rows),
            passage_vectors=indexes.passages,
            sentence_vectors=indexes.sentences,
            tokens=indexes.tokens,
            postings=indexes.postings,
        )
        digest, description = segment.write(self.root, content, RECIPE, self.model)
        self.descriptions[digest] = description
        self.written.append(digest)
        return digest
