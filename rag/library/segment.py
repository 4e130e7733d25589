"""A segment: some bulletins with their passages and indexes, written once, never changed, named by its own digest.

library/segments/DIGEST/segment.json       what it was made from and with, and the digest of each file
                        bulletins.jsonl passages.jsonl words.txt revisions/ passages/ sentences/ tokens/ terms/

DIGEST is the SHA-256 of segment.json, so that nothing in a segment can change unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from embeddings import array_store
from embeddings.errors import EmbeddingError
from embeddings.late_interaction import TokenIndex
from embeddings.vector_index import VectorIndex
from rag import files
from rag.errors import LibraryDamaged, LibraryStale
from rag.library.bm25 import Postings
from rag.library.manifest import FORMAT, REBUILD, RECIPE, ModelCard
from rag.models import Passage, StoredBulletin

Key = tuple[str, str, str]
"""A bulletin's name, its file's SHA-256, and that of the corrections beside it ("" for none)."""
Revisions = tuple[frozenset[int], ...]
"""The digests of each bulletin's sentences (``rag.ingest.near_duplicates``)."""
Record = TypeVar("Record")
_REVISIONS, _REVISION_TYPES = "sentence digests", {"digests": "<u8", "counts": "<i8"}


@dataclass(frozen=True, slots=True)
class Source:
    """The SHA-256 of a bulletin's file and of the corrections beside it ("" for none), and what was made of it."""

    file_sha256: str
    corrections: str
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Description:
    """What ``segment.json`` holds.

    ``sources`` are by the bulletins' names, in order; ``projection`` is the digest of the word pieces' projection,
    which was fitted on ``fitted`` of them; ``files`` are relative paths with their SHA-256.
    """

    format: int
    recipe: str
    model: ModelCard
    sources: dict[str, Source]
    projection: str
    fitted: int
    files: dict[str, str]

    @property
    def keys(self) -> list[Key]:
        """The keys of its bulletins."""
        return [(name, source.file_sha256, source.corrections) for name, source in self.sources.items()]


@dataclass(frozen=True, slots=True, eq=False)
class Indexes:
    """The indexes of some passages and their sentences."""

    passage_vectors: VectorIndex
    sentence_vectors: VectorIndex
    tokens: TokenIndex
    postings: Postings


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a segment is written from; ``corrections`` are the SHA-256 of those beside each bulletin's file."""

    bulletins: tuple[StoredBulletin, ...]
    corrections: tuple[str, ...]
    passages: tuple[Passage, ...]
    words: frozenset[str]
    revisions: Revisions
    indexes: Indexes


@dataclass(frozen=True, slots=True, eq=False)
class Segment(Content):
    """A stored segment, read whole.  Its bulletins' texts lie in ``library/texts``."""

    digest: str
    description: Description


_DESCRIPTION, _BULLETIN, _PASSAGE = TypeAdapter(Description), TypeAdapter(StoredBulletin), TypeAdapter(Passage)


def path_of(root: Path, digest: str) -> Path:
    """Returns a segment's folder."""
    return root / "segments" / digest


def write(root: Path, content: Content, model: ModelCard) -> tuple[str, Description]:
    """Writes a segment; returns its digest and description once all of it is on the disk under that name.

    Raises:
        OSError: it can't be written; see ``files.translate_os_errors``.
    """
    temp_folder = root / "segments" / f"_{os.getpid()}"
    shutil.rmtree(temp_folder, ignore_errors=True)
    temp_folder.mkdir(parents=True)
    try:
        _write_files(temp_folder, content)
        paths = [path for path in sorted(temp_folder.rglob("*")) if path.is_file()]
        description = Description(
            format=FORMAT,
            recipe=RECIPE,
            model=model,
            sources=_sources(content),
            projection=content.indexes.tokens.quantizer.digest,
            fitted=content.indexes.tokens.quantizer.fitted_tokens,
            files={path.relative_to(temp_folder).as_posix(): files.sha256_of(path) for path in paths},
        )
        data = json.dumps(asdict(description), indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
        files.write_synced(temp_folder / "segment.json", data)
        digest = hashlib.sha256(data).hexdigest()
        files.sync_folder(temp_folder)
        folder = path_of(root, digest)
        if integrity_errors(root, digest):  # it isn't there already, or is damaged
            shutil.rmtree(folder, ignore_errors=True)  # a process that has it open keeps what it has read or mapped
            temp_folder.rename(folder)
            files.sync_folder(folder.parent)
    finally:
        shutil.rmtree(temp_folder, ignore_errors=True)
    return digest, description


def _write_files(folder: Path, content: Content) -> None:
    bulletins = b"".join(_BULLETIN.dump_json(bulletin) + b"\n" for bulletin in content.bulletins)
    passages = b"".join(_PASSAGE.dump_json(passage) + b"\n" for passage in content.passages)
    files.write_synced(folder / "bulletins.jsonl", bulletins)
    files.write_synced(folder / "passages.jsonl", passages)
    files.write_synced(folder / "words.txt", "\n".join(sorted(content.words)).encode())
    flat = [digest for revision in content.revisions for digest in sorted(revision)]
    counts = [len(revision) for revision in content.revisions]
    arrays = {"digests": np.array(flat, dtype=np.uint64), "counts": np.array(counts, dtype=np.int64)}
    array_store.save(folder / "revisions", _REVISIONS, arrays)
    content.indexes.passage_vectors.save(folder / "passages")
    content.indexes.sentence_vectors.save(folder / "sentences")
    content.indexes.tokens.save(folder / "tokens")
    content.indexes.postings.save(folder / "terms")


def _sources(content: Content) -> dict[str, Source]:
    passages, sentences = Counter[str](), Counter[str]()
    for passage in content.passages:
        passages[passage.bulletin] += 1
        sentences[passage.bulletin] += len(passage.sentences)
    return {
        bulletin.name: Source(bulletin.file_sha256, corrections, passages[bulletin.name], sentences[bulletin.name])
        for bulletin, corrections in zip(content.bulletins, content.corrections, strict=True)
    }


def describe(root: Path, digest: str) -> Description:
    """Returns a segment's description, which has been compared with the segment's name.

    Raises:
        LibraryDamaged: it is missing, or not what was written.
        LibraryStale: it was written in another format.
    """
    path = path_of(root, digest) / "segment.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LibraryDamaged("is missing or unreadable", where=path, remedy=REBUILD) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise LibraryDamaged("is damaged (its digest is not the one written)", where=path, remedy=REBUILD)
    try:
        content = json.loads(data)
        if content.get("format") != FORMAT:
            raise LibraryStale(f"is in format {content.get('format')!r}", where=path, remedy=REBUILD)
        return _DESCRIPTION.validate_python(content)
    except (ValueError, AttributeError) as error:
        raise LibraryDamaged("is no description of a segment", where=path, remedy=REBUILD) from error


def integrity_errors(root: Path, digest: str) -> list[tuple[Path, str]]:
    """Returns the files of a segment that aren't what was written, each with what is wrong with it."""
    folder = path_of(root, digest)
    try:
        written = describe(root, digest).files
    except (LibraryDamaged, LibraryStale) as error:
        return [(folder / "segment.json", error.what)]
    errors = ((folder / name, files.integrity_error(folder / name, expected)) for name, expected in written.items())
    return [(path, what) for path, what in errors if what]


def read_bulletins(root: Path, digest: str) -> tuple[tuple[StoredBulletin, ...], Revisions]:
    """Reads a segment's bulletins and the digests of their sentences, without its indexes; raises as ``read``."""
    folder, description = path_of(root, digest), describe(root, digest)
    _require_intact(folder, ["bulletins.jsonl"], description)
    return _read_bulletins(folder, description)


def read(root: Path, digest: str) -> Segment:
    """Reads a segment; the digest of each file is checked before it is read.

    Raises:
        LibraryDamaged: a file is missing or isn't what was written.
        LibraryStale: it was written in another format.
    """
    folder, description = path_of(root, digest), describe(root, digest)
    _require_intact(folder, description.files, description)
    bulletins, revisions = _read_bulletins(folder, description)
    with translate_errors(folder / "words.txt"):
        words = frozenset((folder / "words.txt").read_text(encoding="utf-8").split())
        indexes = Indexes(
            VectorIndex.load(folder / "passages"),
            VectorIndex.load(folder / "sentences"),
            TokenIndex.load(folder / "tokens"),
            Postings.load(folder / "terms"),
        )
    corrections = tuple(source.corrections for source in description.sources.values())
    passages = _read_lines(folder / "passages.jsonl", _PASSAGE)
    segment = Segment(bulletins, corrections, passages, words, revisions, indexes, digest, description)
    _require_rows(folder, segment)
    return segment


def remove(root: Path, digests: Iterable[str]) -> None:
    """Removes segments, as far as they are there."""
    for digest in digests:
        shutil.rmtree(path_of(root, digest), ignore_errors=True)


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raises LibraryDamaged where the file at ``path``, or an index, can't be read within the block."""
    try:
        yield
    except EmbeddingError as error:
        raise LibraryDamaged(error.what, where=error.where, remedy=REBUILD) from error
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryDamaged("can't be read", where=path, remedy=REBUILD) from error


def _read_lines(path: Path, adapter: TypeAdapter[Record]) -> tuple[Record, ...]:
    with translate_errors(path):
        lines = path.read_bytes().splitlines()
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(adapter.validate_json(line))
        except ValidationError as error:
            raise LibraryDamaged(f"line {number} is unreadable", where=path, remedy=REBUILD) from error
    return tuple(records)


def _read_bulletins(folder: Path, description: Description) -> tuple[tuple[StoredBulletin, ...], Revisions]:
    bulletins = _read_lines(folder / "bulletins.jsonl", _BULLETIN)
    with translate_errors(folder):
        arrays = array_store.load(folder / "revisions", _REVISIONS, _REVISION_TYPES)
    flat, ends = arrays["digests"].tolist(), np.cumsum([0, *arrays["counts"]])
    if ends[-1] != len(flat):
        raise LibraryDamaged("the arrays don't fit one another", where=folder / "revisions", remedy=REBUILD)
    revisions = tuple(frozenset(flat[start:end]) for start, end in pairwise(ends))
    if [bulletin.name for bulletin in bulletins] != list(description.sources) or len(revisions) != len(bulletins):
        raise LibraryDamaged("bulletins, revisions and sources differ", where=folder, remedy=REBUILD)
    return bulletins, revisions


def _require_intact(folder: Path, names: Iterable[str], description: Description) -> None:
    for name in names:
        if what := files.integrity_error(folder / name, description.files.get(name, "")):
            raise LibraryDamaged(what, where=folder / name, remedy=REBUILD)


def _require_rows(folder: Path, segment: Segment) -> None:
    sections = {bulletin.name: len(bulletin.sections) for bulletin in segment.bulletins}
    if not all(0 <= passage.section < sections.get(passage.bulletin, 0) for passage in segment.passages):
        what = "names a bulletin or a section that there isn't"
        raise LibraryDamaged(what, where=folder / "passages.jsonl", remedy=REBUILD)
    number, indexes = len(segment.passages), segment.indexes
    rows = (len(indexes.passage_vectors), len(indexes.tokens), len(indexes.postings), len(indexes.sentence_vectors))
    if rows != (number, number, number, sum(len(passage.sentences) for passage in segment.passages)):
        raise LibraryDamaged("vectors, terms and passages differ in number", where=folder, remedy=REBUILD)
