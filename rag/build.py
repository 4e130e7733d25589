"""Folder of bulletins -> a new generation of the library, beside the old one, then switched to at one stroke."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from rag import generation, history, store
from rag import manifest as manifests
from rag.asking.spelling import vocabulary
from rag.errors import (
    EncoderUnavailable,
    LibraryDamaged,
    LibraryMissing,
    LibraryStale,
    RemovalRefused,
    SeedsMissing,
)
from rag.folder import Progress, Reading, Skipped, read
from rag.indexes import encoded
from rag.library import Library, to_lines
from rag.manifest import Manifest, ModelCard
from rag.parse import READERS
from rag.passages import passages, search_pieces
from rag.records import Passage, Span, StoredBulletin
from rag.revisions import replaced, sentence_digests
from rag.sections import sections
from rag.stored import stored as as_stored

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
        sources = manifests.known_sources(root)
        before, notes = _before(root)
        reading = read(seeds, tell)
        _refuse_removal(seeds, sources, reading, allow_removal)
        with _encoder_errors():
            usable = before if before and before.manifest.model.digest == encoder.digest else None
        changes = _changes(sources or {}, reading)
        if usable and usable.manifest.recipe == manifests.RECIPE and not any(changes.values()):
            manifest, embedded = usable.manifest, 0
        else:
            previous = _current(root)
            with _encoder_errors(), store.writing_to(root):
                # A library of a version that kept no records gets them now, before its bulletins change.
                old = before.bulletins if before else ()
                unkept = [bulletin for bulletin in old if not history.record_path(root, bulletin.sha256).exists()]
                renewed = history.keep(root, unkept, previous, before.manifest.built_at) if before else ()
                manifest, embedded, also = _publish(root, reading, encoder, usable, tell)
                notes += tuple(f"{path}: could not be read; it was begun anew" for path in (*renewed, *also))
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
        return manifests.current(root)
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
) -> tuple[Manifest, int, tuple[Path, ...]]:
    """Parse -> section -> passage -> embed -> write -> switch.  Says how many texts were embedded, and which records of
    texts were unreadable."""
    card = ModelCard.of(encoder)
    stored: list[StoredBulletin] = []
    found: list[Passage] = []
    pieces: list[tuple[str, ...]] = []
    for number, bulletin in enumerate(reading.bulletins, 1):
        cut = sections(bulletin)
        own = passages(bulletin, cut, encoder.count_tokens, card.max_tokens)
        stored.append(as_stored(bulletin, cut))
        found += own
        pieces += [search_pieces(passage, bulletin.text) for passage in own]
        tell("Cutting passages", number, len(reading.bulletins))
    stored = _with_revisions(stored, found, reading)
    vectors = encoded(pieces, encoder, before, tell)
    sources = {bulletin.name: bulletin.file_sha256 for bulletin in stored}
    name = generation.free_name(root, generation.identity(card, sources))
    with generation.new_folder(root, name) as folder:
        store.write(folder / "bulletins.jsonl", to_lines(tuple(stored), StoredBulletin))
        store.write(folder / "passages.jsonl", to_lines(tuple(found), Passage))
        words = sorted(vocabulary(bulletin.text for bulletin in reading.bulletins))
        store.write(folder / "words.txt", "\n".join(words).encode())
        for part, index in vectors.parts():
            (folder / part).mkdir(exist_ok=True)
            index.save(folder / part)
        generation.keep_texts(root, reading.bulletins)
        built_at = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")  # two generations may share a second
        renewed = history.keep(root, stored, name, built_at)
        manifest = Manifest(
            format=manifests.FORMAT,
            recipe=manifests.RECIPE,
            generation=name,
            product=_product_version(),
            built_at=built_at,
            model=card,
            bulletins=len(stored),
            sections=sum(section.role == "event" for bulletin in stored for section in bulletin.sections),
            passages=len(found),
            sentences=len(vectors.sentences),
            sources=sources,
            files={
                path.relative_to(folder).as_posix(): store.digest(path)
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            },
        )
        store.write(folder / "manifest.json", json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode())
    store.replace(root / "CURRENT", f"{name}\n".encode("ascii"))
    return manifest, vectors.embedded, renewed


def _with_revisions(
    stored: Sequence[StoredBulletin], found: Sequence[Passage], reading: Reading
) -> list[StoredBulletin]:
    """The bulletins, each with those it replaces."""
    texts = {bulletin.name: bulletin.text for bulletin in reading.bulletins}
    sentences: dict[str, list[Span]] = {bulletin.name: [] for bulletin in stored}
    for passage in found:
        sentences[passage.bulletin] += passage.sentences
    old = replaced(
        {name: sentence_digests(texts[name], own) for name, own in sentences.items()},
        {bulletin.name: bulletin.body for bulletin in stored},
        {bulletin.name: bulletin.date for bulletin in stored},
    )
    return [replace(bulletin, replaces=old.get(bulletin.name, ())) for bulletin in stored]


def _product_version() -> str:
    try:
        return version("bulletin-desk")
    except PackageNotFoundError:
        return "checkout"
