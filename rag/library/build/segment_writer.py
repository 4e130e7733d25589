"""Writes segments: of newly parsed bulletins, and of what is left of older ones, so that there are few."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embeddings.encoder import Encoder
from embeddings.late_interaction import TokenIndex
from embeddings.token_spans import join_pieces
from embeddings.vector_index import VectorIndex
from embeddings.vectors import EncodedText, FloatRows
from rag import files
from rag.ingest.folders import ProgressCallback
from rag.ingest.passages import search_pieces
from rag.library import segment
from rag.library.bm25 import Postings
from rag.library.build.plan import ParsedFile
from rag.library.manifest import ModelCard, Part
from rag.library.reader import text_path
from rag.library.segment import Content, Description, Indexes, Segment
from rag.models import Passage, StoredBulletin
from rag.query.spelling import vocabulary_of
from rag.text.analyzer import terms

MAX_MERGED_BULLETINS = 512  # larger segments aren't merged with others
MERGE_FACTOR = 8  # segments of one order of size that are merged into one
_PASSAGE_BYTES, _SENTENCE_BYTES = 16_000, 2_000  # that each takes on the disk, about

Row = tuple[StoredBulletin, str, frozenset[int]]
"""A bulletin, the SHA-256 of the corrections beside its file, and the digests of its sentences."""


@dataclass(slots=True)
class EncodingCache:
    """Where encodings are stored: of each passage by its pieces, of each sentence by its words."""

    passages: dict[tuple[str, ...], tuple[Segment, int]] = field(default_factory=dict)
    sentences: dict[str, tuple[Segment, int]] = field(default_factory=dict)

    def add(self, stored: Segment, texts: Mapping[str, str]) -> None:
        """Adds the passages of a segment's bulletins whose texts, by name, are given."""
        first_sentence = 0
        for number, passage in enumerate(stored.passages):
            if passage.bulletin in texts:
                pieces = search_pieces(passage, texts[passage.bulletin])
                self.passages.setdefault(pieces, (stored, number))
                for row, sentence in enumerate(pieces[1:], first_sentence):
                    self.sentences.setdefault(sentence, (stored, row))
            first_sentence += len(passage.sentences)


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
    ) -> tuple[str, TokenIndex, int]:
        """Cuts and encodes parsed files and writes them as a segment.

        Returns its digest, its word pieces, whose projection is that of the next one, and how many texts were encoded.
        Raises LibraryUnwritable if there is no room.
        """
        passages: list[Passage] = []
        pieces: list[tuple[str, ...]] = []
        for number, file in enumerate(group, 1):
            new = file.ingested.passages(encoder.count_tokens, encoder.max_tokens)
            passages += new
            pieces += [search_pieces(passage, file.ingested.bulletin.text) for passage in new]
            on_progress("Cutting passages", number, len(group))
        self._require_room(len(passages), sum(map(len, pieces)))
        indexes, embedded = build_indexes(pieces, encoder, cache, projection, on_progress)
        rows = [(file.ingested.stored, file.key[2], file.ingested.sentence_digests) for file in group]
        digest = self._write(rows, passages, (file.ingested.bulletin.text for file in group), indexes)
        return digest, indexes.tokens, embedded

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

    def _write(self, rows: Sequence[Row], passages: Sequence[Passage], texts: Iterable[str], indexes: Indexes) -> str:
        content = Content(
            bulletins=tuple(bulletin for bulletin, _, _ in rows),
            corrections=tuple(corrections for _, corrections, _ in rows),
            passages=tuple(passages),
            words=vocabulary_of(texts),
            revisions=tuple(sentence_digests for _, _, sentence_digests in rows),
            indexes=indexes,
        )
        digest, description = segment.write(self.root, content, self.model)
        self.descriptions[digest] = description
        self.written.append(digest)
        return digest


def compact(writer: SegmentWriter, live_docs: dict[str, set[str]]) -> list[Part]:
    """Merges segments of one order of size if there are many, and rewrites one of which most bulletins have gone.

    ``live_docs`` are the names of the bulletins that live, by the digest of their segment.  Returns the segments, each
    with its tombstones: the bulletins in it that have been changed or removed.
    """
    live_docs = dict(live_docs)
    sizes: dict[int, list[str]] = {}
    for digest, names in live_docs.items():
        if len(names) < MAX_MERGED_BULLETINS:
            sizes.setdefault(int(math.log(len(names), MERGE_FACTOR)), []).append(digest)
    many = [group for group in sizes.values() if len(group) >= MERGE_FACTOR]
    sources = {digest: writer.descriptions[digest].sources for digest in live_docs}
    mostly_removed = [[digest] for digest, names in live_docs.items() if 2 * len(names) < len(sources[digest])]
    for group in many + mostly_removed:
        if all(digest in live_docs for digest in group):
            digest = writer.rewrite({digest: live_docs.pop(digest) for digest in group})
            live_docs[digest] = set(writer.descriptions[digest].sources)
    parts = [
        Part(digest, tuple(name for name in writer.descriptions[digest].sources if name not in names))
        for digest, names in live_docs.items()
    ]
    return sorted(parts, key=lambda part: part.segment)


def build_indexes(
    pieces: Sequence[Sequence[str]],
    encoder: Encoder,
    cache: EncodingCache,
    projection: TokenIndex | None,
    on_progress: ProgressCallback,
) -> tuple[Indexes, int]:
    """Builds the indexes of passages; what is in ``cache`` is not encoded again.

    ``pieces`` are each passage's context, then its sentences.  Returns the indexes, and how many texts were encoded.
    ``projection`` is an index whose projection of the word pieces is used, which is also that of ``cache``; None fits
    a new one.
    """
    reused = {n: cache.passages[tuple(p)] for n, p in enumerate(pieces) if tuple(p) in cache.passages}
    fresh = [number for number in range(len(pieces)) if number not in reused]
    sentences = [sentence for passage in pieces for sentence in passage[1:]]
    new_sentences = sorted(dict.fromkeys(s for s in sentences if s not in cache.sentences), key=len)
    total, done = len(fresh) + len(new_sentences), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress("Encoding", done, total)

    rows = np.empty((len(pieces), encoder.dimension), dtype=np.float32)

    def passage_tokens() -> Iterator[tuple[int, EncodedText]]:
        for place, text in encoder.encode_passage_tokens([pieces[number] for number in fresh]) if fresh else ():
            rows[fresh[place]] = text.vector
            advance(1)
            yield fresh[place], text

    stored = {number: (old.indexes.tokens, row) for number, (old, row) in reused.items()}
    tokens = TokenIndex.build(passage_tokens(), previous=projection, reused=stored)
    for number, (old, row) in reused.items():
        rows[number] = old.indexes.passage_vectors.rows([row])[0]
    sentence_rows = _sentence_rows(sentences, new_sentences, encoder, cache, advance)
    postings = Postings.build([terms(join_pieces(passage)) for passage in pieces])
    return Indexes(VectorIndex.build(rows), VectorIndex.build(sentence_rows), tokens, postings), total


def merge_indexes(segments: Sequence[tuple[Segment, Sequence[Passage]]]) -> Indexes:
    """Merges the indexes of these passages of each segment, in the order of the segments; nothing is encoded."""
    passage_rows, sentence_rows, stored, postings = [], [], [], []
    for old, kept_passages in segments:
        kept_ids, indexes = set(map(id, kept_passages)), old.indexes
        counts = np.array([len(passage.sentences) for passage in old.passages], dtype=np.int64)
        is_kept = np.array([id(passage) in kept_ids for passage in old.passages], dtype=bool)
        rows = np.flatnonzero(is_kept)
        passage_rows.append(indexes.passage_vectors.rows(rows))
        sentence_rows.append(indexes.sentence_vectors.rows(np.flatnonzero(np.repeat(is_kept, counts))))
        stored += [(indexes.tokens, int(row)) for row in rows]
        postings.append((indexes.postings, rows))
    return Indexes(
        VectorIndex.build(np.vstack(passage_rows)),
        VectorIndex.build(np.vstack(sentence_rows)),
        TokenIndex.build((), previous=segments[0][0].indexes.tokens, reused=dict(enumerate(stored))),
        Postings.merge(postings),
    )


def _sentence_rows(
    sentences: Sequence[str],
    new_sentences: Sequence[str],
    encoder: Encoder,
    cache: EncodingCache,
    advance: Callable[[int], None],
) -> FloatRows:
    stored = {sentence: cache.sentences[sentence] for sentence in sentences if sentence in cache.sentences}
    vectors = {sentence: old.indexes.sentence_vectors.rows([row])[0] for sentence, (old, row) in stored.items()}
    if new_sentences:
        vectors.update(zip(new_sentences, encoder.encode_passages(new_sentences, progress=advance), strict=True))
    if not sentences:
        return np.empty((0, encoder.dimension), np.float32)
    return np.vstack([vectors[sentence] for sentence in sentences])
