"""The library on disk, opened for reading.

library/
  CURRENT                          the name of the generation in use
  generations/NAME/manifest.json   which segments and bulletins it consists of (manifest.py)
  segments/DIGEST/                 some bulletins, their passages, vectors and terms, never changed (segment.py)
  texts/SHA256.txt                 every bulletin's text, once, for as long as it may have to be proved
        SHA256.json                the bulletins that ever carried it (archive.py)
  receipts/ID.json                 receipts of answers with a permanent link (rag/answer/citation/receipt.py)
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.errors import BadVectors
from embeddings.sharded import ShardedTokens, ShardedVectors
from rag.errors import LibraryDamaged, LibraryStale
from rag.library.bm25 import LexicalIndex
from rag.library.filters import Filters
from rag.library.manifest import REBUILD, Manifest, ModelCard, all_manifests, current_generation, read_manifest
from rag.library.segment import Segment
from rag.library.segment import read as read_segment
from rag.models import Passage, Role, Section, StoredBulletin, StoredText
from rag.text import districts

LOG = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]


@dataclass(eq=False, repr=False)
class Library:
    """A generation opened for reading: bulletins, passages, their vectors and terms.  Threads may share it.

    Attributes:
        copies: the names of the bulletins that carry one text, by ``StoredBulletin.body``, the earliest first.
        replaced_by: the name of the bulletin that corrects another, by the other's name.
        sentence_starts: row in ``sentence_vectors`` of each passage's first sentence, ``(passages,)``.
    """

    root: Path
    manifest: Manifest
    bulletins: tuple[StoredBulletin, ...]
    passages: tuple[Passage, ...]
    passage_vectors: ShardedVectors
    sentence_vectors: ShardedVectors
    tokens: ShardedTokens
    lexical: LexicalIndex
    vocabulary: frozenset[str]
    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        bulletins, passages = self.bulletins, self.passages
        self.by_name = {bulletin.name: bulletin for bulletin in bulletins}
        self.by_digest = {bulletin.sha256: bulletin for bulletin in reversed(bulletins)}
        self.copies: dict[str, tuple[str, ...]] = {}
        for bulletin in sorted(bulletins, key=lambda b: (b.date or dt.date.max, b.name)):
            self.copies[bulletin.body] = (*self.copies.get(bulletin.body, ()), bulletin.name)
        self.replaced_by = {old: bulletin.name for bulletin in bulletins for old in reversed(bulletin.replaces)}
        self._sentence_counts = _sentence_counts(passages)
        self.sentence_starts = _starts(self._sentence_counts)
        self.filters = Filters(passages, self.by_name, self.copies, self.replaced_by)
        self._texts: dict[str, str] = {}

    @property
    def generation(self) -> str:
        """The generation's name."""
        return self.manifest.generation

    @classmethod
    def open(cls, root: Path | str, *, generation: str | None = None, before: Library | None = None) -> Library:
        """Opens the generation in use, or the one named; each file's digest is checked before it is read.

        Segments that ``before`` has open are shared with it and not read again.

        Raises:
            LibraryMissing: nothing has been indexed.
            LibraryStale: another version of the product wrote it.
            LibraryDamaged: a file is missing or is not what was written.
        """
        root = Path(root)
        name = generation or current_generation(root)
        try:
            return cls._open(root, name, before)
        except LibraryDamaged:
            # Others have been published since the pointer was read, and this generation was removed.
            now = generation or current_generation(root)
            if now == name:
                raise
            return cls._open(root, now, before)

    @classmethod
    def open_best(cls, root: Path, *, before: Library | None = None) -> tuple[Library, str | None]:
        """Opens the generation in use, else, with a sentence about it, the latest other that is whole.

        Raises:
            LibraryMissing, LibraryStale, LibraryDamaged: as ``open``, of the one in use, where no other is whole.
        """
        try:
            return cls.open(root, before=before), None
        except LibraryDamaged as error:
            try:
                broken = current_generation(root)
            except LibraryDamaged:
                broken = ""
            for name, manifest in all_manifests(root).items():
                if name == broken:
                    continue
                try:
                    library = cls._open(root, name, before)
                except (LibraryDamaged, LibraryStale):
                    continue
                line = f"{error.where}: {error.what}; generation {name} of {manifest.built_at[:10]} answers instead"
                return library, f"{line}. {error.remedy}"
            raise

    @classmethod
    def _open(cls, root: Path, name: str, before: Library | None) -> Library:
        manifest = read_manifest(root, name)
        before = before if before and before.root == root else None
        opened = {segment.digest: segment for segment in before.segments} if before else {}
        segments = tuple(
            opened[part.segment] if part.segment in opened else read_segment(root, part.segment)
            for part in manifest.segments
        )
        tombstones = [part.left_out for part in manifest.segments]
        bulletins, passages, passage_rows, sentence_rows = _join_segments(segments, tombstones)
        if {bulletin.name: bulletin.file_sha256 for bulletin in bulletins} != manifest.sources:
            raise LibraryDamaged("its segments hold other bulletins", where=root / "generations" / name, remedy=REBUILD)
        indexes = [segment.indexes for segment in segments]
        try:
            library = cls(
                root,
                manifest,
                tuple(replace(b, replaces=manifest.replaces.get(b.name, ())) for b in bulletins),
                passages,
                ShardedVectors([each.passage_vectors for each in indexes], passage_rows),
                ShardedVectors([each.sentence_vectors for each in indexes], sentence_rows),
                ShardedTokens([each.tokens for each in indexes], passage_rows),
                LexicalIndex([each.postings for each in indexes], passage_rows),
                frozenset().union(*(segment.words for segment in segments)),
                segments,
            )
        except BadVectors as error:
            raise LibraryDamaged(error.what, where=root / "generations" / name, remedy=REBUILD) from error
        if before:
            library._texts = {sha256: text for sha256, text in before._texts.items() if sha256 in library.by_digest}
        return library

    def text(self, sha256: str) -> StoredText:
        """Reads a stored text and compares it with its digest.

        Raises:
            LibraryDamaged: it is missing, or is not what was stored.
        """
        path = text_path(self.root, sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LibraryDamaged("the stored text can't be read", where=path, remedy=REBUILD) from error
        text = StoredText(data)
        if text.sha256 != sha256:
            raise LibraryDamaged("the stored text is damaged (its digest differs)", where=path, remedy=REBUILD)
        return text

    def cached_text(self, name: str) -> str:
        """Returns a bulletin's text for searching in, kept in memory, raising as ``text``; quotes are cut from that."""
        sha256 = self.by_name[name].sha256
        if sha256 not in self._texts:
            self._texts[sha256] = self.text(sha256)
        return self._texts[sha256]

    def role(self, number: int) -> Role:
        """Returns the role of the section that holds the passage with this number."""
        passage = self.passages[number]
        return self.by_name[passage.bulletin].sections[passage.section].role

    def sentence_rows(self, passages: Rows) -> tuple[Rows, Rows]:
        """Returns the rows in ``sentence_vectors`` of these passages' sentences, and the first of each passage in them.

        ``passages`` has shape ``(n,)``; the rows are passage after passage, and their starts ``(n,)``.
        """
        counts = self._sentence_counts[passages]
        return _expand(self.sentence_starts[passages], counts), _starts(counts)

    def require_encoder(self, encoder: Encoder) -> None:
        """Refuses an encoder other than the one that made the vectors: its answers would be wrong without a sign.

        Raises:
            LibraryStale: weights, other files of the model or dimension differ.
        """
        built, given = self.manifest.model, ModelCard.of(encoder)
        if (built.digest, built.dimension) != (given.digest, given.dimension):
            models = f"{built.name} ({built.digest[:12]}), not with {given.name} ({given.digest[:12]})"
            what, remedy = f"was built with the model {models}", f"{REBUILD}, or set RAG_MODEL back"
            raise LibraryStale(what, where=self.root, remedy=remedy)
        if not built.is_same(given):
            what = f"was built with another tokenizer, configuration or prompts of the model {built.name}"
            raise LibraryStale(what, where=self.root, remedy=f"{REBUILD}, or put the model's files back")
        if given.side != built.side:
            _warn_of_unnoted_files(self.root, built.name)

    def date_range(self) -> tuple[dt.date, dt.date] | None:
        """Returns the earliest and the latest date of the dated bulletins, None if no bulletin has one."""
        dated = [bulletin.date for bulletin in self.bulletins if bulletin.date]
        return (min(dated), max(dated)) if dated else None


@functools.cache
def _warn_of_unnoted_files(root: Path, model: str) -> None:
    """Says so once: every question requires the encoder."""
    line = "%s: doesn't say with which tokenizer and configuration of %s it was built; %s once to note them"
    LOG.warning(line, root, model, REBUILD.removeprefix("Run: "))


def text_path(root: Path, sha256: str) -> Path:
    """Returns the file of the text with that digest."""
    return root / "texts" / f"{sha256}.txt"


def _join_segments(
    segments: Sequence[Segment], tombstones: Sequence[tuple[str, ...]]
) -> tuple[tuple[StoredBulletin, ...], tuple[Passage, ...], Rows, Rows]:
    """Joins the segments' bulletins by name, without the tombstones of each, and their passages in that order.

    Returns them, and the rows of each passage and each sentence among the segments' rows.
    """
    bulletins: dict[str, StoredBulletin] = {}
    passages: list[tuple[Passage, int, int]] = []
    row = sentence = 0
    for segment, removed in zip(segments, map(frozenset, tombstones), strict=True):
        for bulletin in segment.bulletins:
            if bulletin.name in removed:
                continue
            if bulletin.name in bulletins:
                raise LibraryDamaged(f"two segments hold {bulletin.name}", where=segment.digest[:12], remedy=REBUILD)
            bulletins[bulletin.name] = bulletin
        for passage in segment.passages:
            if passage.bulletin not in removed:
                passages.append((passage, row, sentence))
            row += 1
            sentence += len(passage.sentences)
    passages.sort(key=lambda placed: placed[0].bulletin)  # stable: a bulletin's own stay in order
    joined = tuple(passage for passage, _, _ in passages)
    firsts = np.array([first for _, _, first in passages], dtype=np.int64)
    return (
        tuple(bulletins[name] for name in sorted(bulletins)),
        joined,
        np.array([row for _, row, _ in passages], dtype=np.int64),
        _expand(firsts, _sentence_counts(joined)),
    )


def _sentence_counts(passages: Sequence[Passage]) -> Rows:
    return np.array([len(passage.sentences) for passage in passages], dtype=np.int64)


def _starts(counts: Rows) -> Rows:
    return np.cumsum(counts) - counts


def _expand(firsts: Rows, counts: Rows) -> Rows:
    """Returns the rows from each of ``firsts`` on, as many as its count."""
    return np.repeat(firsts - _starts(counts), counts) + np.arange(int(counts.sum()))


def districts_of(bulletin: StoredBulletin, section: Section | None) -> tuple[str, ...]:
    """Returns the districts of the section's heading, else those that the bulletin's title or source names."""
    if section and section.districts:
        return section.districts
    return districts.names_in_running_text(f"{bulletin.title or ''}\n{bulletin.source or ''}")
