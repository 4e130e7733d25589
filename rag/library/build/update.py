"""Folders of bulletins -> a new generation of the library, beside the one in use, then switched to at one stroke.

Bulletins that haven't changed stay in the segments that hold them; new ones are read, cut and encoded into a segment of
their own.  Small segments are merged as they become many, so that their number stays small.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from embeddings.late_interaction import FIT_TOKENS, TokenIndex
from rag import files
from rag.errors import (
    Cancelled,
    EncoderUnavailable,
    LibraryDamaged,
    LibraryMissing,
    LibraryStale,
    LibraryUnwritable,
    RemovalRefused,
    SeedsMissing,
)
from rag.ingest.folders import Folders, Progress, Skipped, as_folders
from rag.ingest.parse import READERS
from rag.ingest.passages import passages, search_pieces
from rag.library import generations as generation
from rag.library import manifest as manifests
from rag.library import quarantine, segment
from rag.library.build.index_passages import Encoded, Indexes, encoded, merged
from rag.library.build.plan import Found, Fresh, Key, Plan, Republished, look, plan, replaces
from rag.library.manifest import FORMAT, RECIPE, Manifest, ModelCard, Part
from rag.library.reader import text_path
from rag.library.segment import Content, Description, Segment
from rag.models import Passage, StoredBulletin
from rag.query.spelling import vocabulary

MOST_REMOVED = 0.2  # of the bulletins; more than that looks like a folder that isn't mounted
LARGEST = 1_000  # bulletins of a segment
MERGED = 512  # bulletins; larger segments aren't merged with others
MANY = 8  # segments of one order of size, which are then merged
_PASSAGE, _SENTENCE = 16_000, 2_000  # bytes that each takes on the disk, about

Cancel = Callable[[], bool]


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
    republished: tuple[Republished, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    seconds: float = 0.0
    embedded: int = 0
    notes: tuple[str, ...] = ()


def bring_up_to_date(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    *,
    allow_removal: bool = False,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Report:
    """Makes the library at ``root`` hold what the folders hold; bulletins that haven't changed are not read again.

    Raises:
        SeedsMissing: there is no such folder, or no readable bulletin in any and no library yet.
        RemovalRefused: no bulletin is left, over a fifth have gone, or all of one folder; nothing was changed.
        LibraryBusy: another process is indexing.
        LibraryUnwritable: the library can't be written, or the disk is full; nothing was changed.
        EncoderUnavailable: the model can't be loaded.
        Cancelled: ``cancelled`` said so; nothing was changed.
    """
    return _build(folders, root, encoder, None, allow_removal, progress, cancelled, use=True)


def prepare(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    *,
    overlay: Path | None = None,
    allow_removal: bool = False,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Report:
    """Builds the generation that ``bring_up_to_date`` would, with the files of ``overlay`` in the place of those with
    the same name, and leaves the one before in use; ``rag.library.generations.publish`` switches to it.

    Raises:
        As ``bring_up_to_date``.
    """
    return _build(folders, root, encoder, overlay, allow_removal, progress, cancelled, use=False)


def dry_run(folders: Folders, root: Path, *, overlay: Path | None = None, progress: Progress | None = None) -> Plan:
    """What indexing would add, change and remove.  Encodes nothing, writes nothing.

    Raises:
        SeedsMissing: there is no such folder.
    """
    before = _Before.read(root, None)
    found = _found(folders, root, before, overlay, progress or _silent)
    coming = _coming(before, found)
    return plan(found, before.old, coming.bulletins, replaces(coming.bulletins, coming.revisions))


def _build(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    overlay: Path | None,
    allow_removal: bool,
    progress: Progress | None,
    cancelled: Cancel | None,
    *,
    use: bool,
) -> Report:
    began = time.perf_counter()

    def tell(what: str, done: int, whole: int) -> None:
        if cancelled and cancelled():
            raise Cancelled("stopped; nothing was changed", where=root)
        if progress:
            progress(what, done, whole)

    with generation.only_writer(root), _encoder_errors():
        before = _Before.read(root, ModelCard.of(encoder))
        found = _found(folders, root, before, overlay, tell)
        _refuse_removal(as_folders(folders), root, before, found, allow_removal)
        coming = _coming(before, found)
        corrected = replaces(coming.bulletins, coming.revisions)
        wanted = plan(found, before.old, coming.bulletins, corrected)
        notes, embedded, own = (*before.notes, *wanted.notes), 0, before.manifest
        if own is None or before.damaged or before.other or wanted.added or wanted.changed or wanted.removed:
            own, embedded = _made(root, encoder, before, found, coming, wanted, corrected, tell)
        if overlay is None:  # what lies in one isn't in the folders yet
            with files.translate_os_errors(root):
                quarantine.write(root, wanted.skipped, found.digests, _version())
        if use and own.generation != generation.in_use(root):
            notes += generation.switch(root, own.generation, coming.bulletins)
        elif use:
            notes += generation.mend(root, coming.bulletins)
    return Report(
        generation=own.generation,
        bulletins=own.bulletins,
        sections=own.sections,
        passages=own.passages,
        added=wanted.added,
        changed=wanted.changed,
        removed=wanted.removed,
        republished=wanted.republished,
        unchanged=wanted.unchanged,
        skipped=wanted.skipped,
        seconds=round(time.perf_counter() - began, 3),
        embedded=embedded,
        notes=notes,
    )


@dataclass(slots=True)
class _Before:
    """What the library has that can be used again.

    ``segments`` are whole, made with this recipe and ``model`` (None: any), and share one projection, none of the
    ``given_up``; ``bulletins`` and ``revisions`` are theirs, by segment, and ``places`` says which holds a bulletin.
    ``old`` are the names of the generation in use, with the digests of file and corrections; ``untold`` says that
    nothing tells of them any more, ``damaged`` that the generation in use isn't whole, ``other`` that it was made with
    another recipe or model.
    """

    root: Path
    model: ModelCard | None
    manifest: Manifest | None = None
    old: dict[str, tuple[str, str]] = field(default_factory=dict)
    untold: bool = False
    segments: dict[str, Description] = field(default_factory=dict)
    bulletins: dict[str, dict[str, StoredBulletin]] = field(default_factory=dict)
    revisions: dict[str, dict[str, frozenset[int]]] = field(default_factory=dict)
    places: dict[Key, str] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    damaged: bool = False
    other: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, root: Path, model: ModelCard | None) -> _Before:
        before = cls(root, model)
        sources = manifests.known_sources(root)
        before.untold = sources is None
        before.old = {name: (digest, "") for name, digest in (sources or {}).items()}
        try:
            own = manifests.read_manifest(root, manifests.current(root))
            before.manifest = own
            before.old = {name: (digest, own.corrections.get(name, "")) for name, digest in own.sources.items()}
            before.other = own.recipe != RECIPE or (model is not None and own.model.digest != model.digest)
        except LibraryMissing:
            pass
        except (LibraryStale, LibraryDamaged) as error:
            before.damaged = True
            before.notes = (f"{error.where}: {error.what}; everything that is lost was built anew",)
        in_use = [part.segment for part in before.manifest.segments] if before.manifest else []
        before._take(in_use, own=True)
        before._take([digest for digest in before._latest() if digest not in in_use])
        before._place()
        return before

    def _latest(self) -> list[str]:
        """All segments there are, of other generations and of interrupted runs too, the latest first."""
        with suppress(OSError):
            folders = [folder for folder in os.scandir(self.root / "segments") if len(folder.name) == 64]
            return [folder.name for folder in sorted(folders, key=lambda one: -one.stat().st_mtime_ns)]
        return []

    def _take(self, digests: Sequence[str], *, own: bool = False) -> None:
        """``own`` are those of the generation in use; of others only those that have more bulletins."""
        known = {key for described in self.segments.values() for key in _keys(described)}
        for digest in digests:
            try:
                described = segment.describe(self.root, digest)
                if described.recipe != RECIPE or (self.model and described.model.digest != self.model.digest):
                    continue
                shared = next(iter(self.segments.values())).projection if self.segments else described.projection
                if described.projection != shared or described.projection in self.given_up:
                    continue
                if not own and known.issuperset(_keys(described)):
                    continue
                if wrong := segment.damage(self.root, digest):
                    self._lose(f"{wrong[0][0]}: {wrong[0][1]}", own)
                    continue
                bulletins, revisions = segment.read_bulletins(self.root, digest)
            except (LibraryDamaged, LibraryStale) as error:
                self._lose(f"{error.where}: {error.what}", own)
                continue
            self.segments[digest] = described
            self.bulletins[digest] = {bulletin.name: bulletin for bulletin in bulletins}
            self.revisions[digest] = dict(zip(described.sources, revisions, strict=True))

    def _lose(self, what: str, own: bool) -> None:
        if own:
            self.damaged = True
            self.notes += (f"{what}; its bulletins were built anew",)

    def _place(self) -> None:
        """Notes the segment that holds each bulletin; one whose text is missing or damaged is held by none."""
        for digest, described in self.segments.items():
            for key in _keys(described):
                sha256 = self.bulletins[digest][key[0]].sha256
                if key in self.places:
                    continue
                if not (what := files.integrity_error(text_path(self.root, sha256), sha256)):
                    self.places[key] = digest
                elif self.old.get(key[0]) == key[1:]:
                    self.damaged = True
                    self.notes += (f"{text_path(self.root, sha256)}: the stored text {what}; it was stored anew",)
        self.notes = tuple(dict.fromkeys(self.notes))  # two segments can have the same bulletin

    def begin_anew(self) -> None:
        """Gives the projection up: uses what an interrupted run has since made with another, else nothing."""
        self.given_up.add(next(iter(self.segments.values())).projection)
        for held in (self.segments, self.bulletins, self.revisions, self.places):
            held.clear()
        self._take(self._latest())
        self._place()


def _keys(described: Description) -> list[Key]:
    return [(name, source.file_sha256, source.corrections) for name, source in described.sources.items()]


@dataclass(slots=True)
class _Coming:
    """The generation to come: where each bulletin that stays is kept, and all its bulletins, by name."""

    places: dict[Key, str]
    bulletins: list[StoredBulletin]
    revisions: dict[str, frozenset[int]]


def _found(folders: Folders, root: Path, before: _Before, overlay: Path | None, tell: Progress) -> Found:
    unreadable = quarantine.reasons(root, _version())
    found = look(folders, overlay, frozenset(before.places), unreadable, tell)
    if not _outgrown(before, found.keys):
        return found
    while _outgrown(before, found.keys):
        before.begin_anew()
    return look(folders, overlay, frozenset(before.places), unreadable, tell)


def _outgrown(before: _Before, keys: Sequence[Key]) -> bool:
    """Whether the word pieces' projection was fitted on little, and that is the smaller part of these bulletins."""
    fitted = max((one.fitted for one in before.segments.values()), default=FIT_TOKENS)
    files = {source.file_sha256 for one in before.segments.values() for source in one.sources.values()}
    unseen = sum(digest not in files for _, digest, _ in keys)
    return fitted < FIT_TOKENS and (not fitted or unseen > len(keys) // 2)


def _coming(before: _Before, found: Found) -> _Coming:
    places = before.places
    kept = [(before.bulletins[places[key]][key[0]], before.revisions[places[key]][key[0]]) for key in found.kept]
    whole = [*kept, *((one.stored, one.revisions) for one in found.fresh)]
    whole.sort(key=lambda pair: pair[0].name)
    return _Coming(
        {key: places[key] for key in found.kept},
        [bulletin for bulletin, _ in whole],
        {bulletin.name: revisions for bulletin, revisions in whole},
    )


def _refuse_removal(folders: Sequence[Path], root: Path, before: _Before, found: Found, allowed: bool) -> None:
    where = ", ".join(map(str, folders))
    keys = found.keys
    if not keys and not before.old and not before.untold:
        kinds = ", ".join(READERS)
        none = f"none of its {len(found.skipped)} files is a readable bulletin"
        what = none if found.skipped else "holds no bulletin"
        raise SeedsMissing(what, where=where, remedy=f"Put bulletins ({kinds}) there and index again")
    if allowed:
        return
    if before.untold:
        raise RemovalRefused(
            "the library is damaged and no longer tells which bulletins it held; nothing was changed",
            where=where,
            remedy="If this folder holds them all, add --allow-removal",
        )
    names, digests = {name for name, _, _ in keys}, {digest for _, digest, _ in keys}
    gone = [name for name, (digest, _) in before.old.items() if name not in names and digest not in digests]
    if gone and (not keys or len(gone) > MOST_REMOVED * len(before.old)):
        raise RemovalRefused(
            f"{len(gone)} of {len(before.old)} bulletins have gone; nothing was changed",
            where=where,
            remedy="Check that the folder is the right one; if they are to go, add --allow-removal",
        )
    held = before.manifest.folders if before.manifest else {}
    for folder in map(os.path.abspath, folders):
        if gone and held.get(folder) and not found.folders.get(folder):
            raise RemovalRefused(
                f"all {held[folder]} bulletins of this folder have gone; nothing was changed",
                where=folder,
                remedy="Check that it is mounted; if they are to go, add --allow-removal",
            )


@contextmanager
def _encoder_errors() -> Iterator[None]:
    try:
        yield
    except EmbeddingError as error:
        raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error


def _made(
    root: Path,
    encoder: Encoder,
    before: _Before,
    found: Found,
    coming: _Coming,
    wanted: Plan,
    corrected: dict[str, tuple[str, ...]],
    tell: Progress,
) -> tuple[Manifest, int]:
    """The generation to come, on the disk; and how many texts were encoded for it."""
    card = ModelCard.of(encoder)
    sources = {name: digest for name, digest, _ in found.keys}
    beside = {name: digest for name, _, digest in found.keys if digest}
    name = generation.identity(card, sources, beside)
    if not before.damaged and (same := generation.following(root, name)):
        return same, 0  # gone back from, or prepared before
    there = {folder.name for folder in root.glob("segments/*")}
    written: list[str] = []
    texts: list[Path] = []
    try:
        with files.translate_os_errors(root):
            _keep_texts(root, found.fresh, texts)
            parts, embedded = _parts(root, encoder, before, found.fresh, coming, written, tell)
            described = {part.segment: segment.describe(root, part.segment) for part in parts}
            live = [
                source
                for part in parts
                for one, source in described[part.segment].sources.items()
                if one not in part.left_out
            ]
            now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
            own = Manifest(
                format=FORMAT,
                recipe=RECIPE,
                generation=generation.free_name(root, name),
                number=max((one.number for one in manifests.all_manifests(root).values()), default=0) + 1,
                previous=generation.in_use(root),
                product=_version(),
                built_at=now,
                model=card,
                bulletins=len(coming.bulletins),
                sections=sum(one.role == "event" for bulletin in coming.bulletins for one in bulletin.sections),
                passages=sum(source.passages for source in live),
                sentences=sum(source.sentences for source in live),
                sources=sources,
                corrections=beside,
                folders=found.folders,
                replaces=corrected,
                segments=tuple(parts),
                added=wanted.added,
                changed=wanted.changed,
                removed=wanted.removed,
            )
            generation.write(root, own)
    except LibraryUnwritable:
        # A full disk needs the room back; after any other interruption the next run goes on with what is written.
        # What was there already, and came out the same, stays: a generation may have it.
        segment.remove(root, [digest for digest in written if digest not in there])
        for path in texts:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    return own, embedded


def _parts(
    root: Path,
    encoder: Encoder,
    before: _Before,
    fresh: Sequence[Fresh],
    coming: _Coming,
    written: list[str],
    tell: Progress,
) -> tuple[list[Part], int]:
    """The segments of the generation to come, and how many texts were encoded; those ``written`` for it are named
    there."""
    card = ModelCard.of(encoder)
    old = _encoded_before(root, before, fresh, frozenset(coming.places))
    projection = _projection(root, before)
    fresh = sorted(fresh, key=lambda one: one.key)
    embedded = 0
    live: dict[str, set[str]] = {}
    for key, digest in coming.places.items():
        live.setdefault(digest, set()).add(key[0])
    for start in range(0, len(fresh), LARGEST):
        group = fresh[start : start + LARGEST]
        content, encoded_now = _content(root, encoder, group, old, projection, tell)
        projection = content.tokens
        embedded += encoded_now
        digest = segment.write(root, content, RECIPE, card)
        written.append(digest)
        live[digest] = {one.key[0] for one in group}
    return _tidied(root, card, live, written), embedded


def _encoded_before(root: Path, before: _Before, fresh: Sequence[Fresh], kept: frozenset[Key]) -> Encoded:
    """What was encoded of bulletins that have changed, or go by another name now."""
    names = {one.key[0] for one in fresh}
    digests = {one.key[1] for one in fresh}
    old = Encoded()
    for digest, described in before.segments.items():
        texts = {}
        for key in _keys(described):
            if key in before.places and key not in kept and (key[0] in names or key[1] in digests):
                sha256 = before.bulletins[digest][key[0]].sha256
                texts[key[0]] = text_path(root, sha256).read_bytes().decode("utf-8")
        if texts:
            old.add(segment.read(root, digest), texts)
    return old


def _projection(root: Path, before: _Before) -> TokenIndex | None:
    """An index with the projection that is shared, from the smallest segment, as it has to be read."""
    if not before.segments:
        return None
    smallest = min(before.segments, key=lambda digest: len(before.segments[digest].sources))
    try:
        return TokenIndex.load(segment.path_of(root, smallest) / "tokens")
    except EmbeddingError as error:
        raise LibraryDamaged(error.what, where=error.where, remedy=manifests.REBUILD) from error


def _content(
    root: Path, encoder: Encoder, group: Sequence[Fresh], old: Encoded, projection: TokenIndex | None, tell: Progress
) -> tuple[Content, int]:
    """What a segment of these bulletins holds, and how many texts were encoded for it."""
    own: list[Passage] = []
    pieces: list[tuple[str, ...]] = []
    for number, one in enumerate(group, 1):
        cut = passages(one.read.bulletin, one.read.sections, encoder.count_tokens, encoder.max_tokens)
        own += cut
        pieces += [search_pieces(passage, one.text) for passage in cut]
        tell("Cutting passages", number, len(group))
    files.require_free_space(root, len(own) * _PASSAGE + sum(map(len, pieces)) * _SENTENCE)
    indexes = encoded(pieces, encoder, old, projection, tell)
    content = _contents(
        [one.stored for one in group],
        [one.key[2] for one in group],
        own,
        frozenset(vocabulary(one.text for one in group)),
        [one.revisions for one in group],
        indexes,
    )
    return content, indexes.embedded


def _contents(
    bulletins: Sequence[StoredBulletin],
    corrections: Sequence[str],
    own: Sequence[Passage],
    words: frozenset[str],
    revisions: Sequence[frozenset[int]],
    indexes: Indexes,
) -> Content:
    return Content(
        tuple(bulletins),
        tuple(corrections),
        tuple(own),
        words,
        tuple(revisions),
        indexes.passages,
        indexes.sentences,
        indexes.tokens,
        indexes.postings,
    )


def _tidied(root: Path, card: ModelCard, live: dict[str, set[str]], written: list[str]) -> list[Part]:
    """The segments with their bulletins that live; of those of one order of size, if there are many, one is made, and
    one of which most has gone is written anew without it."""
    live = dict(live)
    sizes: dict[int, list[str]] = {}
    for digest, names in live.items():
        if len(names) < MERGED:
            sizes.setdefault(int(math.log(len(names), MANY)), []).append(digest)
    for group in [own for own in sizes.values() if len(own) >= MANY] + _mostly_gone(root, live):
        if all(digest in live for digest in group):
            digest = rewritten(root, card, {digest: live.pop(digest) for digest in group})
            written.append(digest)
            live[digest] = set(segment.describe(root, digest).sources)
    parts = []
    for digest, names in live.items():
        gone = tuple(name for name in segment.describe(root, digest).sources if name not in names)
        parts.append(Part(digest, gone))
    return sorted(parts, key=lambda part: part.segment)


def _mostly_gone(root: Path, live: dict[str, set[str]]) -> list[list[str]]:
    return [[digest] for digest, names in live.items() if 2 * len(names) < len(segment.describe(root, digest).sources)]


def rewritten(root: Path, card: ModelCard, live: dict[str, set[str]]) -> str:
    """One segment of the bulletins that live of one or several; nothing is encoded.  The only writer may.

    Raises:
        LibraryDamaged: one can't be read. LibraryUnwritable: there is no room.
    """
    opened: list[tuple[Segment, list[Passage]]] = []
    kept = []
    for digest, names in live.items():
        own = segment.read(root, digest)
        opened.append((own, [passage for passage in own.passages if passage.bulletin in names]))
        rows = zip(own.bulletins, own.corrections, own.revisions, strict=True)
        kept += [row for row in rows if row[0].name in names]
    own_passages = [passage for _, held in opened for passage in held]
    sentences = sum(len(passage.sentences) for passage in own_passages)
    files.require_free_space(root, len(own_passages) * _PASSAGE + sentences * _SENTENCE)
    content = _contents(
        [bulletin for bulletin, _, _ in kept],
        [beside for _, beside, _ in kept],
        own_passages,
        _words_of(root, [bulletin for bulletin, _, _ in kept]),
        [revisions for _, _, revisions in kept],
        merged(opened),
    )
    return segment.write(root, content, RECIPE, card)


def _words_of(root: Path, bulletins: Sequence[StoredBulletin]) -> frozenset[str]:
    return frozenset(vocabulary(text_path(root, one.sha256).read_bytes().decode("utf-8") for one in bulletins))


def _keep_texts(root: Path, fresh: Sequence[Fresh], written: list[Path]) -> None:
    """Stores the texts that are missing or damaged; those that were missing are named in ``written``."""
    folder = root / "texts"
    folder.mkdir(exist_ok=True)
    for one in fresh:
        data = one.text.encode("utf-8")
        path = text_path(root, one.stored.sha256)
        if files.integrity_error(path, one.stored.sha256):
            if not path.exists():
                written.append(path)
            files.write_atomic_unsynced(path, data)
    files.sync_folder(folder)


def _version() -> str:
    try:
        return version("bulletin-desk")
    except PackageNotFoundError:
        return "checkout"


def _silent(what: str, done: int, whole: int) -> None:
    pass
