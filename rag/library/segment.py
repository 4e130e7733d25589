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
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from embeddings.late_interaction import TokenIndex
from embeddings.vector_index import VectorIndex
from rag import files
from rag.errors import LibraryDamaged, LibraryStale
from rag.library import segment_files
from rag.library.bm25 import Postings
from rag.library.manifest import FORMAT, REBUILD, ModelCard
from rag.models import Passage, StoredBulletin


@dataclass(frozen=True, slots=True)
class Source:
    """What a bulletin was made from, and its counts of passages and sentences.

    ``file_sha256`` is of its file, ``corrections`` the SHA-256 of the corrections beside it, "" for none.
    """

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


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a segment is written from.

    ``corrections`` are the SHA-256 of the corrections beside each bulletin's file, ``revisions`` the digests of each
    bulletin's sentences (``rag.ingest.near_duplicates``).
    """

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
    """A stored segment, read whole.  Its bulletins' texts lie in ``library/texts``."""

    digest: str
    description: Description


def path_of(root: Path, digest: str) -> Path:
    """Returns a segment's folder."""
    return root / "segments" / digest


def write(root: Path, content: Content, recipe: str, model: ModelCard) -> tuple[str, Description]:
    """Writes a segment; returns its digest and description once all of it is on the disk under that name.

    Raises:
        OSError: it can't be written; see ``files.translate_os_errors``.
    """
    temp_folder = root / "segments" / f"_{os.getpid()}"
    shutil.rmtree(temp_folder, ignore_errors=True)
    temp_folder.mkdir(parents=True)
    try:
        _write_files(temp_folder, content)
        description = Description(
            format=FORMAT,
            recipe=recipe,
            model=model,
            sources=_sources(content),
            projection=content.tokens.quantizer_digest,
            fitted=content.tokens.fitted_tokens,
            files={
                path.relative_to(temp_folder).as_posix(): files.sha256_of(path)
                for path in sorted(temp_folder.rglob("*"))
                if path.is_file()
            },
        )
        data = json.dumps(asdict(description), indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
        files.write_synced(temp_folder / "segment.json", data)
        digest = hashlib.sha256(data).hexdigest()
        _move_into_place(root, temp_folder, digest)
    finally:
        shutil.rmtree(temp_folder, ignore_errors=True)
    return digest, description


def _write_files(folder: Path, content: Content) -> None:
    files.write_synced(folder / "bulletins.jsonl", segment_files.dump_lines(content.bulletins, StoredBulletin))
    files.write_synced(folder / "passages.jsonl", segment_files.dump_lines(content.passages, Passage))
    files.write_synced(folder / "words.txt", "\n".join(sorted(content.words)).encode())
    segment_files.write_sentence_digests(folder / "revisions", content.revisions)
    for name, index in (
        ("passages", content.passage_vectors),
        ("sentences", content.sentence_vectors),
        ("tokens", content.tokens),
        ("terms", content.postings),
    ):
        (folder / name).mkdir(exist_ok=True)
        index.save(folder / name)


def _sources(content: Content) -> dict[str, Source]:
    passages, sentences = Counter[str](), Counter[str]()
    for passage in content.passages:
        passages[passage.bulletin] += 1
        sentences[passage.bulletin] += len(passage.sentences)
    return {
        bulletin.name: Source(bulletin.file_sha256, corrections, passages[bulletin.name], sentences[bulletin.name])
        for bulletin, corrections in zip(content.bulletins, content.corrections, strict=True)
    }


def _move_into_place(root: Path, temp_folder: Path, digest: str) -> None:
    """Gives the folder its name; a folder that has that name already stays, unless it is damaged."""
    files.sync_folder(temp_folder)
    folder = path_of(root, digest)
    if folder.exists():
        if not integrity_errors(root, digest):
            return
        shutil.rmtree(folder)  # a process that has it open keeps what it has read or mapped
    temp_folder.rename(folder)
    files.sync_folder(folder.parent)


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
        description: Description = segment_files.adapter(Description).validate_python(content)
        return description
    except (ValueError, AttributeError) as error:
        raise LibraryDamaged("is no description of a segment", where=path, remedy=REBUILD) from error


def integrity_errors(root: Path, digest: str, description: Description | None = None) -> list[tuple[Path, str]]:
    """Returns the files of a segment that aren't what was written, each with what is wrong with it.

    ``description`` is what ``describe`` has just returned; by default it is read here.
    """
    folder = path_of(root, digest)
    if description is None:
        try:
            description = describe(root, digest)
        except (LibraryDamaged, LibraryStale) as error:
            return [(folder / "segment.json", error.what)]
    return [
        (folder / file, what)
        for file, expected in description.files.items()
        if (what := files.integrity_error(folder / file, expected))
    ]


def read_bulletins(
    root: Path, digest: str, description: Description | None = None
) -> tuple[tuple[StoredBulletin, ...], tuple[frozenset[int], ...]]:
    """Reads a segment's bulletins and the digests of their sentences, without its indexes.

    ``description`` is what ``describe`` has just returned; by default it is read here.

    Raises:
        LibraryDamaged: a file is missing or isn't what was written.
        LibraryStale: it was written in another format.
    """
    folder = path_of(root, digest)
    description = description or describe(root, digest)
    _require_intact(folder, ["bulletins.jsonl"], description)
    bulletins = segment_files.read_lines(folder / "bulletins.jsonl", StoredBulletin)
    revisions = segment_files.read_sentence_digests(folder / "revisions")
    _require_sources(folder, description, bulletins, revisions)
    return bulletins, revisions


def read(root: Path, digest: str) -> Segment:
    """Reads a segment; the digest of each file is checked before it is read.

    Raises:
        LibraryDamaged: a file is missing or isn't what was written.
        LibraryStale: it was written in another format.
    """
    folder = path_of(root, digest)
    description = describe(root, digest)
    _require_intact(folder, description.files, description)
    segment = Segment(
        bulletins=segment_files.read_lines(folder / "bulletins.jsonl", StoredBulletin),
        corrections=tuple(source.corrections for source in description.sources.values()),
        passages=segment_files.read_lines(folder / "passages.jsonl", Passage),
        words=segment_files.read_words(folder / "words.txt"),
        revisions=segment_files.read_sentence_digests(folder / "revisions"),
        passage_vectors=segment_files.read_index(folder / "passages", VectorIndex.load),
        sentence_vectors=segment_files.read_index(folder / "sentences", VectorIndex.load),
        tokens=segment_files.read_index(folder / "tokens", TokenIndex.load),
        postings=Postings.load(folder / "terms"),
        digest=digest,
        description=description,
    )
    _require_sources(folder, description, segment.bulletins, segment.revisions)
    _require_rows(folder, segment)
    return segment


def remove(root: Path, digests: Iterable[str]) -> None:
    """Removes segments, as far as they are there."""
    for digest in digests:
        shutil.rmtree(path_of(root, digest), ignore_errors=True)


def _require_intact(folder: Path, names: Iterable[str], description: Description) -> None:
    for name in names:
        if what := files.integrity_error(folder / name, description.files.get(name, "")):
            raise LibraryDamaged(what, where=folder / name, remedy=REBUILD)


def _require_sources(
    folder: Path,
    description: Description,
    bulletins: Sequence[StoredBulletin],
    revisions: Sequence[frozenset[int]],
) -> None:
    if [bulletin.name for bulletin in bulletins] != list(description.sources) or len(revisions) != len(bulletins):
        raise LibraryDamaged("bulletins, revisions and sources differ", where=folder, remedy=REBUILD)


def _require_rows(folder: Path, segment: Segment) -> None:
    sections = {bulletin.name: len(bulletin.sections) for bulletin in segment.bulletins}
    if not all(0 <= passage.section < sections.get(passage.bulletin, 0) for passage in segment.passages):
        what = "names a bulletin or a section that there isn't"
        raise LibraryDamaged(what, where=folder / "passages.jsonl", remedy=REBUILD)
    number = len(segment.passages)
    rows = (len(segment.passage_vectors), len(segment.tokens), len(segment.postings), len(segment.sentence_vectors))
    if rows != (number, number, number, sum(len(passage.sentences) for passage in segment.passages)):
        raise LibraryDamaged("vectors, terms and passages differ in number", where=folder, remedy=REBUILD)
