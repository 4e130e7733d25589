"""Proves a receipt offline: each quote is compared with the text it was cut from, and the description of its source
with what is known of it.  The library's texts or the bulletins' files are enough; no model and no index is needed."""

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
from rag.ingest.formats import FORMATS
from rag.ingest.parse import parse
from rag.ingest.pipeline import correct
from rag.library import archive, receipts
from rag.library.reader import Library, districts_of, text_path
from rag.library.receipts import Receipt, ReceiptQuote
from rag.models import StoredBulletin, StoredText

EvidenceKind = Literal["library", "file"]


@dataclass(frozen=True, slots=True)
class QuoteProof:
    """The result for one quote.

    ``proved_by`` is the kind of evidence, None where the quote isn't proved; ``reason`` is a clause that says why.
    ``status`` is that of its bulletin today, None where neither library nor folder is there; ``current_name`` is the
    name of the bulletin that carries the text, or has taken its place.
    """

    quote: ReceiptQuote
    proved_by: EvidenceKind | None
    reason: str
    status: archive.State | None
    current_name: str | None

    @property
    def proved(self) -> bool:
        """Whether there is evidence for the quote, and none against it."""
        return self.proved_by is not None


@dataclass(frozen=True, slots=True)
class Proof:
    """The result for a receipt; ``notes`` are sentences about what could not be looked at.

    ``kept`` says that the library keeps this very receipt.  Without that, question and message are anybody's words: the
    digest has no key, and whoever changes them makes a new one.
    """

    receipt: Receipt
    quotes: tuple[QuoteProof, ...]
    kept: bool
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every quote is proved, or without a quote the receipt is kept."""
        return all(quote.proved for quote in self.quotes) and (bool(self.quotes) or self.kept)


def prove(receipt: Receipt, root: Path, seeds: Path) -> Proof:
    """Proves each quote by the text stored under its digest in the library at ``root``, else by a file in ``seeds``.

    The file is the one with its bulletin's name, else the one with its file's digest.  Either folder may be missing.
    """
    notes: list[str] = []
    library = _open_library(root, notes)
    folder = _Folder(seeds)
    if library is None and not seeds.is_dir():
        notes.append(f"{seeds}: there is no such folder of bulletins")
    quotes = tuple(_prove_quote(quote, root, library, folder) for quote in receipt.quotes)
    return Proof(receipt, quotes, _is_kept(receipt, root), tuple(notes))


def _is_kept(receipt: Receipt, root: Path) -> bool:
    with contextlib.suppress(LibraryDamaged):
        return receipts.load(root, receipt.identity) == receipt
    return False


def _open_library(root: Path, notes: list[str]) -> Library | None:
    try:
        return Library.open(root)
    except LibraryMissing as error:
        notes.append(f"{error.where}: {error.what}; the files are looked at alone")
    except (LibraryStale, LibraryDamaged) as error:
        notes.append(f"{error.where}: {error.what}; only its stored texts and the files are looked at")
    return None


class _Folder:
    """The bulletins' files, which are looked up one by one."""

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds

    def candidates(self, quote: ReceiptQuote) -> Iterator[Path]:
        """The file with the name of the quote's bulletin, then one with its digest."""
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
        paths = [path for path in sorted(self.seeds.rglob("*")) if path.suffix.lower() in FORMATS and path.is_file()]
        return {files.sha256_of(path): path for path in reversed(paths)}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A text with the quote's digest, and the bulletins that are known to carry it."""

    kind: EvidenceKind
    text: str
    carriers: tuple[StoredBulletin, ...]
    where: str


def _prove_quote(quote: ReceiptQuote, root: Path, library: Library | None, folder: _Folder) -> QuoteProof:
    stored, damage = _stored_evidence(quote, root, library)
    needs_file = stored is None or not stored.carriers or library is None
    file, mismatch = _file_evidence(quote, folder) if needs_file else (None, "")
    if library is not None:
        carriers = [(quote.bulletin, quote.url), *((c.name, c.url) for c in (stored.carriers if stored else ()))]
        status, current = archive.status(library, quote.sha256, carriers)
        name = current.name if current else None
    elif folder.seeds.is_dir():
        candidate = next(folder.candidates(quote), None)
        status = "current" if file else "changed" if candidate else "withdrawn"
        name = file.carriers[0].name if file else quote.bulletin if candidate else None
    else:
        status, name = None, None
    kind, reason = _weigh(quote, [evidence for evidence in (stored, file) if evidence], damage or mismatch)
    return QuoteProof(quote, kind, reason, status, name)


def _weigh(quote: ReceiptQuote, found: list[_Evidence], problem: str) -> tuple[EvidenceKind | None, str]:
    """The kind of evidence that proves the quote, None where it isn't proved, and the reason."""
    if not found:
        return None, problem or "neither the library nor the folder holds a text with its digest"
    for evidence in found:
        if wrong := _misplaced(quote, evidence.text):
            return None, f"{wrong} in {evidence.where}"
    known = next((evidence for evidence in found if evidence.carriers), None)
    if known is None:
        unknown = "; no record tells whose text it is, so title, date and source can't be compared"
        return found[0].kind, f"it stands so in {found[0].where}{unknown}"
    if wrong := _misdescribed(quote, known.carriers):
        return None, wrong
    return found[0].kind, f"it stands so in {found[0].where}"


def _stored_evidence(quote: ReceiptQuote, root: Path, library: Library | None) -> tuple[_Evidence | None, str]:
    """The text stored under the quote's digest, or what is wrong with it."""
    path = text_path(root, quote.sha256)
    try:
        text = StoredText(path.read_bytes())
    except OSError:
        return None, ""
    if text.sha256 != quote.sha256:
        return None, f"the stored text {path} was changed on the disk and the folder holds no other"
    carriers = [bulletin for bulletin in library.bulletins if bulletin.sha256 == quote.sha256] if library else []
    # A damaged record doesn't keep the words from being proved; python -m rag verify reports it.
    with contextlib.suppress(LibraryDamaged):
        carriers += [entry.bulletin for entry in reversed(archive.entries(root, quote.sha256))]
    return _Evidence("library", text, tuple(carriers), "the stored text"), ""


def _file_evidence(quote: ReceiptQuote, folder: _Folder) -> tuple[_Evidence | None, str]:
    """The first file with a text of the quote's digest, else what is wrong with the last candidate."""
    mismatch = ""
    for path in folder.candidates(quote):
        name = path.relative_to(folder.seeds).as_posix()
        try:
            bulletin = parse(path, name=name)
        except BulletinUnreadable as error:
            mismatch = f"{path} {error.what}"
            continue
        if bulletin.sha256 == quote.sha256:
            carrier = correct(bulletin).to_stored()
            return _Evidence("file", bulletin.text, (carrier,), f"the file {name}"), ""
        mismatch = (
            f"{path} is the file quoted, but this version of the desk reads another text from it"
            if bulletin.file_sha256 == quote.file_sha256
            else f"{path} holds another text than the one quoted"
        )
    return None, mismatch


def _misplaced(quote: ReceiptQuote, text: str) -> str | None:
    """What differs from the quote in the text; None for nothing."""
    if not quote.citation.stands_in(text):
        return f"other words stand at [{quote.start}:{quote.end}]"
    if (quote.prefix, quote.suffix) != prefix_and_suffix(text, quote.citation):
        return "other words stand around it"
    return None


def _misdescribed(quote: ReceiptQuote, carriers: Iterable[StoredBulletin]) -> str | None:
    """What the receipt says wrongly of the source; None where all of it is true of one of the carriers."""
    problems: list[str] = []
    for carrier in sorted(carriers, key=lambda carrier: carrier.name != quote.bulletin):
        sections = [s for s in carrier.sections if s.start < quote.end and quote.start < s.end]
        claims: dict[str, tuple[object, list[object]]] = {
            "title": (quote.title, [carrier.title]),
            "date": (quote.date, [carrier.date]),
            "source": (quote.source, [carrier.source]),
            "address": (quote.url, [carrier.url]),
            # None and () say nothing, so they are never wrong.
            "heading": (quote.heading, [None, *(section.heading for section in sections)]),
            "districts": (quote.districts, [(), *(districts_of(carrier, section) for section in [*sections, None])]),
        }
        differing = [name for name, (claimed, true) in claims.items() if claimed not in true]
        if not differing:
            return None
        problems.append(f"the words are there, but the receipt is wrong about its {' and '.join(differing)}")
    return problems[0]
