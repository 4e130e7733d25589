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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from embeddings import array_store
from embeddings.errors import EmbeddingError
from embeddings.late_interaction import TokenIndex
from embeddings.vector_index import VectorIndex
from rag import files
from rag.errors import LibraryDamaged, LibraryStale
from rag.library.bm25 import Postings
from rag.library.manifest import FORMAT, REBUILD, ModelCard
from rag.models import Passage, StoredBulletin

REVISIONS, _REVISION_TYPES = "sentence digests", {"digests": "<u8", "counts": "<i8"}
Index = TypeVar("Index")


@dataclass(frozen=True, slots=True)
class Source:
    """What a bulletin was made from (the SHA-256 of its file, and of the corrections beside it, "" for none), and how
    many passages and sentences it has."""

    file_sha256: str
    corrections: str
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Description:
    """What ``segment.json`` holds.  ``sources`` are by the bulletins' names, in order; ``projection`` is that of the
    word pieces, ``fitted`` on so many of them; ``files`` are relative paths and their SHA-256."""

    format: int
    recipe: str
    model: ModelCard
    sources: dict[str, Source]
    projection: str
    fitted: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a segment is written from.  Of each bulletin: the digest of the corrections beside its file, and the digests
    of its sentences (see ``rag.ingest.near_duplicates``)."""

    bulletins: tuple[StoredBulletin, ...]
    corrections: tuple[str, ...]
    passages: tuple[Passage, ...]
    words: frozenset[str]
    revisions: tuple[frozenset[int], ...]
    passage_vectors: VectorIndex
    sentence_vectors: VectorIndex
    tokens: TokenIndex
    postings: Postings


@dataclass(frozen=True, slots=True, eq=False)
class Segment(Content):
    """A stored one, read whole.  Its texts lie beside, in ``library/texts``."""

    digest: str
    description: Description


def path_of(root: Path, digest: str) -> Path:
    return root / "segments" / digest


def write(root: Path, content: Content, recipe: str, model: ModelCard) -> str:
    """Writes a segment and gives its digest, once all of it is on the disk under that name.

    Raises:
        OSError: it can't be written; see ``files.translate_os_errors``.
    """
    unfinished = root / "segments" / f"_{os.getpid()}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        files.write_synced(unfinished / "bulletins.jsonl", _lines(content.bulletins, StoredBulletin))
        files.write_synced(unfinished / "passages.jsonl", _lines(content.passages, Passage))
        files.write_synced(unfinished / "words.txt", "\n".join(sorted(content.words)).encode())
        array_store.save(unfinished / "revisions", REVISIONS, _revisions_stored(content.revisions))
        for part, index in (
            ("passages", content.passage_vectors),
            ("sentences", content.sentence_vectors),
            ("tokens", content.tokens),
            ("terms", content.postings),
        ):
            (unfinished / part).mkdir(exist_ok=True)
            index.save(unfinished / part)
        description = Description(
            format=FORMAT,
            recipe=recipe,
            model=model,
            sources=_sources(content),
            projection=content.tokens.projection_digest,
            fitted=content.tokens.fitted,
            files={
                path.relative_to(unfinished).as_posix(): files.sha256_of(path)
                for path in sorted(unfinished.rglob("*"))
                if path.is_file()
            },
        )
        data = json.dumps(asdict(description), indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
        files.write_synced(unfinished / "segment.json", data)
        digest = hashlib.sha256(data).hexdigest()
        _name(root, unfinished, digest)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return digest


def _sources(content: Content) -> dict[str, Source]:
    passages, sentences = Counter[str](), Counter[str]()
    for passage in content.passages:
        passages[passage.bulletin] += 1
        sentences[passage.bulletin] += len(passage.sentences)
    return {
        bulletin.name: Source(bulletin.file_sha256, beside, passages[bulletin.name], sentences[bulletin.name])
        for bulletin, beside in zip(content.bulletins, content.corrections, strict=True)
    }


def _name(root: Path, unfinished: Path, digest: str) -> None:
    """Gives the folder its name; one that is there already stays, unless it is damaged."""
    files.sync_folder(unfinished)
    final = path_of(root, digest)
    if final.exists():
        if not damage(root, digest):
            return
        shutil.rmtree(final)  # whoever has it open keeps what was read or mapped
    unfinished.rename(final)
    files.sync_folder(final.parent)


def describe(root: Path, digest: str) -> Description:
    """A segment's description, compared with its name.

    Raises:
        LibraryDamaged: missing, or not what was written. LibraryStale: written in another format.
    """
    path = path_of(root, digest) / "segment.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LibraryDamaged("is missing or unreadable", where=path, remedy=REBUILD) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise LibraryDamaged("is damaged (its digest is not the one written)", where=path, remedy=REBUILD)
    try:
        written = json.loads(data)
        if written.get("format") != FORMAT:
            raise LibraryStale(f"is in format {written.get('format')!r}", where=path, remedy=REBUILD)
        found: Description = _adapter(Description).validate_python(written)
        return found
    except (ValueError, AttributeError) as error:
        raise LibraryDamaged("is no description of a segment", where=path, remedy=REBUILD) from error


def damage(root: Path, digest: str) -> list[tuple[Path, str]]:
    """The files of a segment that aren't what was written, and what is wrong with each; [] where all are."""
    folder = path_of(root, digest)
    try:
        description = describe(root, digest)
    except (LibraryDamaged, LibraryStale) as error:
        return [(folder / "segment.json", error.what)]
    return [
        (folder / file, what)
        for file, expected in description.files.items()
        if (what := files.integrity_error(folder / file, expected))
    ]


def read_bulletins(root: Path, digest: str) -> tuple[tuple[StoredBulletin, ...], tuple[frozenset[int], ...]]:
    """A segment's bulletins and their sentence digests, without its indexes.

    Raises:
        LibraryDamaged: a file is missing or isn't what was written.
    """
    folder = path_of(root, digest)
    description = describe(root, digest)
    bulletins = _read_lines(_checked(folder, "bulletins.jsonl", description), StoredBulletin)
    revisions = _read_index(folder / "revisions", _load_revisions)
    _compare(folder, description, bulletins, revisions)
    return bulletins, revisions


def read(root: Path, digest: str) -> Segment:
    """The segment, each file's digest checked before it is read.

    Raises:
        LibraryDamaged: a file is missing or isn't what was written. LibraryStale: written in another format.
    """
    folder = path_of(root, digest)
    description = describe(root, digest)
    for file in description.files:
        _checked(folder, file, description)
    segment = Segment(
        bulletins=_read_lines(folder / "bulletins.jsonl", StoredBulletin),
        corrections=tuple(source.corrections for source in description.sources.values()),
        passages=_read_lines(folder / "passages.jsonl", Passage),
        words=_read_words(folder / "words.txt"),
        revisions=_read_index(folder / "revisions", _load_revisions),
        passage_vectors=_read_index(folder / "passages", VectorIndex.load),
        sentence_vectors=_read_index(folder / "sentences", VectorIndex.load),
        tokens=_read_index(folder / "tokens", TokenIndex.load),
        postings=Postings.load(folder / "terms"),
        digest=digest,
        description=description,
    )
    _compare(folder, description, segment.bulletins, segment.revisions)
    held = {bulletin.name: len(bulletin.sections) for bulletin in segment.bulletins}
    if not all(0 <= passage.section < held.get(passage.bulletin, 0) for passage in segment.passages):
        what = "names a bulletin or a section that there isn't"
        raise LibraryDamaged(what, where=folder / "passages.jsonl", remedy=REBUILD)
    number = len(segment.passages)
    rows = (len(segment.passage_vectors), len(segment.tokens), len(segment.postings), len(segment.sentence_vectors))
    if rows != (number, number, number, sum(len(passage.sentences) for passage in segment.passages)):
        raise LibraryDamaged("vectors, terms and passages differ in number", where=folder, remedy=REBUILD)
    return segment


def _compare(
    folder: Path,
    description: Description,
    bulletins: Sequence[StoredBulletin],
    revisions: Sequence[frozenset[int]],
) -> None:
    if [bulletin.name for bulletin in bulletins] != list(description.sources) or len(revisions) != len(bulletins):
        raise LibraryDamaged("bulletins, revisions and sources differ", where=folder, remedy=REBUILD)


def remove(root: Path, digests: Sequence[str]) -> None:
    for digest in digests:
        shutil.rmtree(path_of(root, digest), ignore_errors=True)


def _checked(folder: Path, file: str, description: Description) -> Path:
    if what := files.integrity_error(folder / file, description.files.get(file, "")):
        raise LibraryDamaged(what, where=folder / file, remedy=REBUILD)
    return folder / file


def _revisions_stored(revisions: Sequence[frozenset[int]]) -> dict[str, npt.NDArray[Any]]:
    flat = [digest for own in revisions for digest in sorted(own)]
    counts = [len(own) for own in revisions]
    return {"digests": np.array(flat, dtype=np.uint64), "counts": np.array(counts, dtype=np.int64)}


def _load_revisions(folder: Path) -> tuple[frozenset[int], ...]:
    found = array_store.load(folder, REVISIONS, _REVISION_TYPES)
    ends = np.cumsum([0, *found["counts"]])
    if ends[-1] != len(found["digests"]):
        raise array_store.unreadable(folder, "the arrays don't fit one another")
    flat = found["digests"].tolist()
    return tuple(frozenset(flat[start:end]) for start, end in pairwise(ends))


def _lines(records: tuple[Any, ...], kind: type) -> bytes:
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
        raise LibraryDamaged(error.what, where=error.where, remedy=REBUILD) from error
