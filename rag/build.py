"""Folder of bulletins -> a new generation of the library, beside the old one, then switched to at one stroke."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from embeddings.index import VectorIndex
from rag import generation, store
from rag import library as lib
from rag.errors import (
    EncoderUnavailable,
    LibraryDamaged,
    LibraryMissing,
    LibraryStale,
    RemovalRefused,
    SeedsMissing,
)
from rag.folder import Progress, Reading, Skipped, read
from rag.library import Library, Manifest, ModelCard
from rag.parse import READERS
from rag.passages import clean, passages, search_text
from rag.records import Bulletin, Passage, Section, StoredBulletin
from rag.sections import sections

MOST_REMOVED = 0.2  # of the bulletins; more than that looks like a folder that isn't mounted


@dataclass(frozen=True, slots=True)
class Report:
    """What indexing did; names of bulletins, in order."""

    generation: str
    bulletins: int
    sections: int
    passages: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    seconds: float = 0.0
    embedded: int = 0
    notes: tuple[str, ...] = ()


def bring_up_to_date(
    seeds: Path,
    root: Path,
    encoder: Encoder,
    *,
    allow_removal: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Makes the library at ``root`` hold what the folder holds; texts already encoded are not encoded again.

    Raises:
        SeedsMissing: there is no such folder, or no readable bulletin in it and no library yet.
        RemovalRefused: no bulletin is left, or over a fifth have gone; nothing was changed.
        LibraryBusy: another process is indexing.
        LibraryUnwritable: the folder can't be written, or the disk is full; nothing was changed.
        EncoderUnavailable: the model can't be loaded.
    """
    began = time.perf_counter()
    tell = progress or (lambda what, done, whole: None)
    with generation.only_writer(root):
        sources = lib.known_sources(root)
        before, notes = _before(root)
        reading = read(seeds, tell)
        _refuse_removal(seeds, sources, reading, allow_removal)
        with _encoder_errors():
            usable = before if before and before.manifest.model.digest == encoder.digest else None
        changes = _changes(sources or {}, reading)
        if usable and usable.manifest.recipe == lib.RECIPE and not any(changes.values()):
            manifest, embedded = usable.manifest, 0
        else:
            previous = _current(root)
            with _encoder_errors(), store.writing_to(root):
                manifest, embedded = _publish(root, reading, encoder, usable, tell)
                generation.clear_away(root, keep=(manifest.generation, previous))
    return Report(
        generation=manifest.generation,
        bulletins=manifest.bulletins,
        sections=manifest.sections,
        passages=manifest.passages,
        added=changes["added"],
        changed=changes["changed"],
        removed=changes["removed"],
        unchanged=manifest.bulletins - len(changes["added"]) - len(changes["changed"]),
        skipped=tuple(reading.skipped),
        seconds=round(time.perf_counter() - began, 3),
        embedded=embedded,
        notes=notes,
    )


def _before(root: Path) -> tuple[Library | None, tuple[str, ...]]:
    """The library as it stands; one that can't be used is built anew, and that is said."""
    try:
        before = Library.open(root)
        for bulletin in before.bulletins:
            before.text(bulletin.sha256)
        return before, ()
    except LibraryMissing:
        return None, ()
    except (LibraryStale, LibraryDamaged) as error:
        return None, (f"{error.where}: {error.what}; everything was built anew",)


def _current(root: Path) -> str:
    """Name of the generation in use, "" where there is none."""
    try:
        return lib.current(root)
    except (LibraryMissing, LibraryDamaged):
        return ""


def _refuse_removal(seeds: Path, sources: dict[str, str] | None, reading: Reading, allowed: bool) -> None:
    """``sources`` are the bulletins that the library held, {} where there was none, None where it can't tell."""
    if not reading.bulletins and sources == {}:
        kinds = ", ".join(READERS)
        found = (
            f"none of its {len(reading.skipped)} files is a readable bulletin"
            if reading.skipped
            else "holds no bulletin"
        )
        raise SeedsMissing(found, where=seeds, remedy=f"Put bulletins ({kinds}) there and index again")
    if allowed:
        return
    if sources is None:
        raise RemovalRefused(
            "the library is damaged and no longer tells which bulletins it held; nothing was changed",
            where=seeds,
            remedy="If this folder holds them all, add --allow-removal",
        )
    names = {bulletin.name for bulletin in reading.bulletins}
    digests = {bulletin.file_sha256 for bulletin in reading.bulletins}
    gone = [name for name, digest in sources.items() if name not in names and digest not in digests]
    if gone and (not reading.bulletins or len(gone) > MOST_REMOVED * len(sources)):
        raise RemovalRefused(
            f"{len(gone)} of {len(sources)} bulletins have gone; nothing was changed",
            where=seeds,
            remedy="Check that the folder is the right one; if they are to go, add --allow-removal",
        )


def _changes(old: dict[str, str], reading: Reading) -> dict[str, tuple[str, ...]]:
    new = {bulletin.name: bulletin.file_sha256 for bulletin in reading.bulletins}
    return {
        "added": tuple(name for name in new if name not in old),
        "changed": tuple(name for name in new if name in old and old[name] != new[name]),
        "removed": tuple(name for name in old if name not in new),
    }


@contextmanager
def _encoder_errors() -> Iterator[None]:
    try:
        yield
    except EmbeddingError as error:
        raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error


def _publish(
    root: Path, reading: Reading, encoder: Encoder, before: Library | None, tell: Progress
) -> tuple[Manifest, int]:
    """Parse -> section -> passage -> embed -> write -> switch."""
    card = ModelCard.of(encoder)
    stored: list[StoredBulletin] = []
    found: list[Passage] = []
    words: list[str] = []
    parts: list[str] = []
    for number, bulletin in enumerate(reading.bulletins, 1):
        cut = sections(bulletin)
        own = passages(bulletin, cut, encoder.count_tokens, card.max_tokens)
        stored.append(_stored(bulletin, cut))
        found += own
        for passage in own:
            words.append(search_text(passage, bulletin.text))
            parts += [clean(sentence.of(bulletin.text)) for sentence in passage.sentences]
        tell("Cutting passages", number, len(reading.bulletins))
    rows, embedded = _vectors([*words, *parts], encoder, before, tell)
    sources = {bulletin.name: bulletin.file_sha256 for bulletin in stored}
    name = generation.free_name(root, generation.identity(card, sources))
    with generation.new_folder(root, name) as folder:
        store.write(folder / "bulletins.jsonl", lib.to_lines(tuple(stored), StoredBulletin))
        store.write(folder / "passages.jsonl", lib.to_lines(tuple(found), Passage))
        VectorIndex.build(rows[: len(words)]).save(folder / "passages")
        VectorIndex.build(rows[len(words) :]).save(folder / "sentences")
        generation.keep_texts(root, reading.bulletins)
        manifest = Manifest(
            format=lib.FORMAT,
            recipe=lib.RECIPE,
            generation=name,
            product=_product_version(),
            built_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            model=card,
            bulletins=len(stored),
            sections=sum(section.role == "event" for bulletin in stored for section in bulletin.sections),
            passages=len(found),
            sentences=len(parts),
            sources=sources,
            files={
                path.relative_to(folder).as_posix(): store.digest(path)
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            },
        )
        store.write(folder / "manifest.json", json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode())
    store.replace(root / "CURRENT", f"{name}\n".encode("ascii"))
    return manifest, embedded


def _stored(bulletin: Bulletin, cut: tuple[Section, ...]) -> StoredBulletin:
    return StoredBulletin(
        bulletin.name,
        bulletin.title,
        bulletin.date,
        bulletin.source,
        bulletin.url,
        bulletin.column,
        bulletin.encoding,
        bulletin.sha256,
        bulletin.file_sha256,
        cut,
    )


def _vectors(
    texts: list[str], encoder: Encoder, before: Library | None, tell: Progress
) -> tuple[npt.NDArray[np.float32], int]:
    """A unit row for each text, ``(texts, dimension)``, and how many texts had to be encoded."""
    known = _known(before) if before else {}
    missing = sorted({text for text in texts if text not in known}, key=len)
    done = 0

    def encoded(more: int) -> None:
        nonlocal done
        done += more
        tell("Encoding", done, len(missing))

    rows = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    fresh = dict(zip(missing, encoder.encode_passages(missing, progress=encoded), strict=True)) if missing else {}
    for number, text in enumerate(texts):
        rows[number] = fresh[text] if text in fresh else known[text]
    return rows, len(missing)


def _known(before: Library) -> dict[str, npt.NDArray[np.float32]]:
    """Each text that the generation before had encoded, and its row."""
    texts = {bulletin.name: before.text(bulletin.sha256) for bulletin in before.bulletins}
    rows = before.passage_vectors.rows(np.arange(len(before.passages)))
    known = {
        search_text(passage, texts[passage.bulletin]): row for passage, row in zip(before.passages, rows, strict=True)
    }
    sentences = (
        clean(sentence.of(texts[passage.bulletin])) for passage in before.passages for sentence in passage.sentences
    )
    rows = before.sentence_vectors.rows(np.arange(len(before.sentence_vectors)))
    return known | dict(zip(sentences, rows, strict=True))


def _product_version() -> str:
    try:
        return version("bulletin-desk")
    except PackageNotFoundError:
        return "checkout"
