"""Receipt -> Proof, offline: each quote is cut anew from the text it was cut from, and what is said of its source is
compared.  It needs the library's texts or the bulletins' files, one of the two; no model and no index."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from rag import files
from rag.answer.citation.source import prefix_and_suffix
from rag.errors import BulletinUnreadable, LibraryDamaged, LibraryMissing, LibraryStale
from rag.ingest.parse import parse
from rag.ingest.pipeline import correct
from rag.ingest.readers.registry import READERS
from rag.library import archive
from rag.library.reader import Library, districts_of, text_path
from rag.library.receipts import Receipt, ReceiptQuote
from rag.models import StoredBulletin, StoredText

Evidence = Literal["library", "file"]


@dataclass(frozen=True, slots=True)
class QuoteProof:
    """How one quote fared.  ``by`` is what proves it, None where nothing does; ``why`` is a clause that says so.
    ``standing`` is how its bulletin stands today, None where neither library nor folder tells; ``now`` is the name of
    the bulletin that carries the text, or has taken its place."""

    quote: ReceiptQuote
    by: Evidence | None
    why: str
    standing: archive.State | None
    now: str | None

    @property
    def proved(self) -> bool:
        return self.by is not None


@dataclass(frozen=True, slots=True)
class Proof:
    """``notes`` are sentences about what could not be looked at."""

    receipt: Receipt
    quotes: tuple[QuoteProof, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return all(quote.proved for quote in self.quotes)


def prove(receipt: Receipt, root: Path, seeds: Path) -> Proof:
    """Each quote against the text stored under its digest in the library at ``root``, else against the files in
    ``seeds``: the one of its bulletin's name, else the one with its file's digest.  Either may be missing."""
    notes: list[str] = []
    library = _opened(root, notes)
    folder = _Folder(seeds)
    if library is None and not seeds.is_dir():
        notes.append(f"{seeds}: there is no such folder of bulletins")
    return Proof(receipt, tuple(_proved(quote, root, library, folder) for quote in receipt.quotes), tuple(notes))


def _opened(root: Path, notes: list[str]) -> Library | None:
    try:
        return Library.open(root)
    except LibraryMissing as error:
        notes.append(f"{error.where}: {error.what}; the files are looked at alone")
    except (LibraryStale, LibraryDamaged) as error:
        notes.append(f"{error.where}: {error.what}; only its stored texts and the files are looked at")
    return None


class _Folder:
    """The bulletins' files, read as they are asked for."""

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds

    def found(self, quote: ReceiptQuote) -> Iterator[Path]:
        # The name comes from the receipt: it must not lead out of the folder.
        name = PurePosixPath(quote.bulletin)
        if not name.is_absolute() and ".." not in name.parts and "\0" not in quote.bulletin:
            path = self.seeds / name
            if path.is_file():
                yield path
        if quote.file_sha256 in self._by_digest:
            yield self._by_digest[quote.file_sha256]

    @cached_property
    def _by_digest(self) -> dict[str | None, Path]:
        paths = [path for path in sorted(self.seeds.rglob("*")) if path.suffix.lower() in READERS and path.is_file()]
        return {files.sha256_of(path): path for path in reversed(paths)}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A text with the quote's digest, and the bulletins that are known to carry it."""

    by: Evidence
    text: str
    carriers: tuple[StoredBulletin, ...]
    where: str


def _proved(quote: ReceiptQuote, root: Path, library: Library | None, folder: _Folder) -> QuoteProof:
    stored, damage = _stored(quote, root, library)
    files, unfit = _files(quote, folder) if stored is None or not stored.carriers or library is None else (None, "")
    if library is not None:
        carriers = [(quote.bulletin, quote.url), *((c.name, c.url) for c in (stored.carriers if stored else ()))]
        standing, now = archive.status(library, quote.sha256, carriers)
        name = now.name if now else None
    elif folder.seeds.is_dir():
        named = next(folder.found(quote), None)
        standing = "current" if files else "changed" if named else "withdrawn"
        name = files.carriers[0].name if files else quote.bulletin if named else None
    else:
        standing, name = None, None
    by, why = _verdict(quote, [one for one in (stored, files) if one], damage or unfit)
    return QuoteProof(quote, by, why, standing, name)


def _verdict(quote: ReceiptQuote, evidence: list[_Evidence], missing: str) -> tuple[Evidence | None, str]:
    if not evidence:
        return None, missing or "neither the library nor the folder holds a text with its digest"
    for one in evidence:
        if wrong := _misplaced(quote, one.text):
            return None, f"{wrong} in {one.where}"
    known = next((one for one in evidence if one.carriers), None)
    if known is None:
        unknown = "; no record tells whose text it is, so title, date and source can't be compared"
        return evidence[0].by, f"it stands so in {evidence[0].where}{unknown}"
    if wrong := _misdescribed(quote, known.carriers):
        return None, wrong
    return evidence[0].by, f"it stands so in {evidence[0].where}"


def _stored(quote: ReceiptQuote, root: Path, library: Library | None) -> tuple[_Evidence | None, str]:
    """The text stored under the digest, or what is wrong with it."""
    path = text_path(root, quote.sha256)
    try:
        text = StoredText(path.read_bytes())
    except OSError:
        return None, ""
    if text.sha256 != quote.sha256:
        return None, f"the stored text {path} was changed on the disk and the folder holds no other"
    carriers = [bulletin for bulletin in library.bulletins if bulletin.sha256 == quote.sha256] if library else []
    # Without its record the words are proved all the same; python -m rag verify names it.
    with contextlib.suppress(LibraryDamaged):
        carriers += [entry.bulletin for entry in reversed(archive.entries(root, quote.sha256))]
    return _Evidence("library", text, tuple(carriers), "the stored text"), ""


def _files(quote: ReceiptQuote, folder: _Folder) -> tuple[_Evidence | None, str]:
    """The first file with a text of that digest, else what is wrong with the last that was tried."""
    unfit = ""
    for path in folder.found(quote):
        name = path.relative_to(folder.seeds).as_posix()
        try:
            bulletin = parse(path, name=name)
        except BulletinUnreadable as error:
            unfit = f"{path} {error.what}"
            continue
        if bulletin.sha256 == quote.sha256:
            carrier = correct(bulletin).to_stored()
            return _Evidence("file", bulletin.text, (carrier,), f"the file {name}"), ""
        unfit = (
            f"{path} is the file quoted, but this version of the desk reads another text from it"
            if bulletin.file_sha256 == quote.file_sha256
            else f"{path} holds another text than the one quoted"
        )
    return None, unfit


def _misplaced(quote: ReceiptQuote, text: str) -> str | None:
    if not quote.citation.stands_in(text):
        return f"other words stand at [{quote.start}:{quote.end}]"
    if (quote.prefix, quote.suffix) != prefix_and_suffix(text, quote.citation):
        return "other words stand around it"
    return None


def _misdescribed(quote: ReceiptQuote, carriers: Iterable[StoredBulletin]) -> str | None:
    """What the receipt says wrongly of the source; one bulletin that bears all of it out is enough."""
    wrong: list[str] = []
    for carrier in sorted(carriers, key=lambda one: one.name != quote.bulletin):
        parts = [s for s in carrier.sections if s.start < quote.end and quote.start < s.end]
        told: dict[str, tuple[object, list[object]]] = {
            "title": (quote.title, [carrier.title]),
            "date": (quote.date, [carrier.date]),
            "source": (quote.source, [carrier.source]),
            "address": (quote.url, [carrier.url]),
            # None and () say nothing, so they are never wrong.
            "heading": (quote.heading, [None, *(part.heading for part in parts)]),
            "districts": (quote.districts, [(), *(districts_of(carrier, part) for part in [*parts, None])]),
        }
        differing = [what for what, (claimed, true) in told.items() if claimed not in true]
        if not differing:
            return None
        wrong.append(f"the words are there, but the receipt is wrong about its {' and '.join(differing)}")
    return wrong[0]
