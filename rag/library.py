"""The library on disk, opened for reading.

library/
  CURRENT                        the name of the generation in use
  generations/NAME/manifest.json what it was built from and with, and the digest of each file
                   bulletins.jsonl passages.jsonl words.txt passages/ sentences/ tokens/   (vectors)   terms/   (BM25)
  texts/SHA256.txt               every bulletin's text, once, for as long as it may have to be proved
        SHA256.json              the bulletins that ever carried it (rag/history.py)
  receipts/ID.json               receipts of answers with a permanent link (rag/citing/receipt.py)
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from embeddings.index import VectorIndex
from embeddings.tokens import TokenIndex
from rag import store
from rag.errors import LibraryDamaged, LibraryStale
from rag.filters import Filters
from rag.lexical import LexicalIndex
from rag.manifest import REBUILD, Manifest, ModelCard, current, read_manifest
from rag.records import Passage, Role, StoredBulletin

Index = TypeVar("Index")


class Library:
    """One generation, whole: bulletins, passages, their vectors and terms.  Safe to read from several threads.

    ``copies`` are the names that carry one text, by ``StoredBulletin.body``, the earliest first; ``replaced_by`` says
    which bulletin corrects one.

    ``sentence_starts[i]`` is the row in ``sentence_vectors`` of passage i's first sentence.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        bulletins: tuple[StoredBulletin, ...],
        passages: tuple[Passage, ...],
        passage_vectors: VectorIndex,
        sentence_vectors: VectorIndex,
        tokens: TokenIndex,
        lexical: LexicalIndex,
        vocabulary: frozenset[str],
    ) -> None:
        self.root = root
        self.manifest = manifest
        self.bulletins = bulletins
        self.passages = passages
        self.passage_vectors = passage_vectors
        self.sentence_vectors = sentence_vectors
        self.tokens = tokens
        self.lexical = lexical
        self.vocabulary = vocabulary
        self.by_name = {bulletin.name: bulletin for bulletin in bulletins}
        self.by_digest = {bulletin.sha256: bulletin for bulletin in reversed(bulletins)}
        self.copies: dict[str, tuple[str, ...]] = {}
        for bulletin in sorted(bulletins, key=lambda b: (b.date or dt.date.max, b.name)):
            self.copies[bulletin.body] = (*self.copies.get(bulletin.body, ()), bulletin.name)
        self.replaced_by = {old: bulletin.name for bulletin in bulletins for old in reversed(bulletin.replaces)}
        self.sentence_starts = starts(passages)
        self._sentence_counts = np.array([len(passage.sentences) for passage in passages], dtype=np.int64)
        self.filters = Filters(passages, self.by_name, self.copies, self.replaced_by)
        self._words: dict[str, str] = {}

    @property
    def generation(self) -> str:
        return self.manifest.generation

    @classmethod
    def open(cls, root: Path) -> Library:
        """The current generation, each file's digest checked before it is read.

        Raises:
            LibraryMissing: nothing has been indexed.
            LibraryStale: another version of the product wrote it.
            LibraryDamaged: a file is missing or is not what was written.
        """
        name = current(root)
        try:
            return cls._open(root, root / "generations" / name)
        except LibraryDamaged:
            # Two new generations since the pointer was read, and this one has been cleared away.
            now = current(root)
            if now == name:
                raise
            return cls._open(root, root / "generations" / now)

    @classmethod
    def _open(cls, root: Path, folder: Path) -> Library:
        manifest = read_manifest(folder)
        for file, expected in manifest.files.items():
            if what := store.damage(folder / file, expected):
                raise LibraryDamaged(what, where=folder / file, remedy=REBUILD)
        bulletins = _read_lines(folder / "bulletins.jsonl", StoredBulletin)
        passages = _read_lines(folder / "passages.jsonl", Passage)
        sections = {bulletin.name: len(bulletin.sections) for bulletin in bulletins}
        if any(not 0 <= passage.section < sections.get(passage.bulletin, 0) for passage in passages):
            what = "names a bulletin or a section that there isn't"
            raise LibraryDamaged(what, where=folder / "passages.jsonl", remedy=REBUILD)
        library = cls(
            root,
            manifest,
            bulletins,
            passages,
            _read_index(folder / "passages", VectorIndex.load),
            _read_index(folder / "sentences", VectorIndex.load),
            _read_index(folder / "tokens", TokenIndex.load),
            LexicalIndex.load(folder / "terms"),
            _read_words(folder / "words.txt"),
        )
        number = len(library.passages)
        rows = (len(library.passage_vectors), len(library.tokens), len(library.lexical), len(library.sentence_vectors))
        if rows != (number, number, number, sum(len(p.sentences) for p in library.passages)):
            raise LibraryDamaged("vectors, terms and passages differ in number", where=folder, remedy=REBUILD)
        return library

    def text(self, sha256: str) -> str:
        """A stored bulletin's text, read anew and compared with its digest.

        Raises:
            LibraryDamaged: it is missing, or is not what was stored.
        """
        path = text_path(self.root, sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LibraryDamaged("the stored text can't be read", where=path, remedy=REBUILD) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise LibraryDamaged("the stored text is damaged (its digest differs)", where=path, remedy=REBUILD)
        return data.decode("utf-8")

    def words(self, name: str) -> str:
        """A bulletin's text for searching in, kept in memory; quotes are cut from ``text``.

        Raises:
            LibraryDamaged: see ``text``.
        """
        if name not in self._words:
            self._words[name] = self.text(self.by_name[name].sha256)
        return self._words[name]

    def role(self, number: int) -> Role:
        """The role of the section that the passage with this number is of."""
        passage = self.passages[number]
        return self.by_name[passage.bulletin].sections[passage.section].role

    def sentences_of(self, passages: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows in ``sentence_vectors`` of these passages' sentences, one passage's after another's, and where among
        them each passage's begin."""
        counts = self._sentence_counts[passages]
        starts_here = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
        inside = np.arange(int(counts.sum())) - np.repeat(starts_here, counts)
        return np.repeat(self.sentence_starts[passages], counts) + inside, starts_here

    def check(self, encoder: Encoder) -> None:
        """Refuses an encoder other than the one that made the vectors: its answers would be wrong in silence.

        Raises:
            LibraryStale: model, weights or dimension differ.
        """
        built, given = self.manifest.model, ModelCard.of(encoder)
        if (built.digest, built.dimension) != (given.digest, given.dimension):
            raise LibraryStale(
                f"was built with the model {built.name} ({built.digest[:12]}),"
                f" not with {given.name} ({given.digest[:12]})",
                where=self.root,
                remedy=f"{REBUILD}, or set RAG_MODEL back",
            )

    def dates(self) -> tuple[dt.date, dt.date] | None:
        """The earliest and the latest date of the dated bulletins."""
        dated = [bulletin.date for bulletin in self.bulletins if bulletin.date]
        return (min(dated), max(dated)) if dated else None


def starts(passages: tuple[Passage, ...]) -> npt.NDArray[np.int64]:
    """Row of each passage's first sentence, ``(passages,)``."""
    counts = np.array([len(passage.sentences) for passage in passages], dtype=np.int64)
    return np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts


def text_path(root: Path, sha256: str) -> Path:
    return root / "texts" / f"{sha256}.txt"


def to_lines(records: tuple[Any, ...], kind: type) -> bytes:
    """Records as JSON, one a line."""
    adapter = _adapter(kind)
    return b"".join(adapter.dump_json(record) + b"\n" for record in records)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read_lines(path: Path, kind: type) -> tuple[Any, ...]:
    def rows() -> Iterator[Any]:
        adapter = _adapter(kind)
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise LibraryDamaged("can't be read", where=path, remedy=REBUILD) from error
        for number, line in enumerate(lines, 1):
            try:
                yield adapter.validate_json(line)
            except ValidationError as error:
                raise LibraryDamaged(f"line {number} is unreadable", where=path, remedy=REBUILD) from error

    return tuple(rows())


def _read_words(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryDamaged("can't be read", where=path, remedy=REBUILD) from error


def _read_index(folder: Path, load: Callable[[Path], Index]) -> Index:
    try:
        return load(folder)
    except EmbeddingError as error:
        raise LibraryDamaged(str(error), remedy=REBUILD) from error
