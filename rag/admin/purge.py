"""Takes a text out of the library for good: the only thing that ever removes one."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

from rag import files
from rag.admin import feedback
from rag.errors import LibraryDamaged, OperatorRefused, ReceiptUnusable
from rag.library import archive, generations, manifest, publishing, receipts, retention, segment
from rag.library.build.segment_writer import SegmentWriter
from rag.library.manifest import Part
from rag.library.reader import text_path
from rag.models import StoredBulletin

FILE = "purged.json"


def purge(root: Path, given: str) -> str:
    """Removes the text with that digest, or of the bulletin with that name: its words and record, every receipt and
    every reader's feedback that quotes it, every generation but the one in use that has it, and what segments hold of
    it.  Says which it was.

    Raises:
        OperatorRefused: no text is meant, several are, or a bulletin of the library carries it.
        LibraryMissing, LibraryDamaged, LibraryStale: the library can't be read.
        LibraryBusy, LibraryUnwritable: see ``generations.write_lock``.
    """
    with generations.write_lock(root):
        sha256 = _meant(root, given)
        own = manifest.read_manifest(root, manifest.current(root))
        dirty = []
        for part in own.segments:
            bulletins, _ = segment.read_bulletins(root, part.segment)
            carriers = {bulletin.name for bulletin in bulletins if bulletin.sha256 == sha256}
            if carriers - set(part.left_out):
                raise OperatorRefused(
                    f"is carried by {sorted(carriers - set(part.left_out))[0]}, a bulletin of the library",
                    where=sha256[:12],
                    remedy="Remove its file and index first",
                )
            if carriers:
                dirty.append(part)
        with files.translate_os_errors(root):
            if dirty:
                parts = [_without(root, own, part) if part in dirty else part for part in own.segments]
                now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
                name = generations.unused_name(root, own.generation.partition(".")[0])
                number = manifest.next_number(root)
                new = replace(own, generation=name, number=number, previous=own.generation, built_at=now)
                new = replace(new, segments=tuple(parts), added=(), changed=(), removed=())
                generations.write(root, new)
                publishing.switch(root, new, list(generations.read_bulletins(root, new)))
            _forget(root, sha256)
        return sha256


def _meant(root: Path, given: str) -> str:
    if archive.is_digest(given) and text_path(root, given).exists():
        return given
    found = set()
    for path in root.glob("texts/*.json"):
        try:
            bulletins: list[StoredBulletin] = [entry.bulletin for entry in archive.entries(root, path.stem)]
        except LibraryDamaged:
            continue
        if any(bulletin.name == given for bulletin in bulletins):
            found.add(path.stem)
    if len(found) == 1:
        return found.pop()
    if found:
        several = f"has carried {len(found)} texts: {', '.join(sorted(found))}"
        raise OperatorRefused(several, where=given, remedy="Name one by its digest")
    raise OperatorRefused("is no text of the library, by digest or name", where=given, remedy="Check it")


def _without(root: Path, own: manifest.Manifest, part: Part) -> Part:
    """The part's bulletins that live, in a segment of their own."""
    live = {name for name in segment.describe(root, part.segment).sources if name not in part.left_out}
    return Part(SegmentWriter(root, own.model).rewrite({part.segment: live}))


def _holds(root: Path, part: Part, sha256: str) -> bool:
    """Also of a bulletin that is left out: its words are in the segment."""
    bulletins, _ = segment.read_bulletins(root, part.segment)
    return any(bulletin.sha256 == sha256 for bulletin in bulletins)


def _forget(root: Path, sha256: str) -> None:
    """Order matters where it is interrupted: the words go last, so that purging can be asked for again."""
    now = generations.in_use(root)
    for name, own in manifest.all_manifests(root).items():
        if name != now and any(_holds(root, part, sha256) for part in own.segments):
            shutil.rmtree(manifest.path_of(root, name).parent)
    retention.remove_unused(root)
    for path in root.glob("receipts/*.json"):
        try:
            if any(quote.sha256 == sha256 for quote in receipts.read(path).quotes):
                path.unlink()
        except ReceiptUnusable:
            continue
    feedback.forget(root, sha256)
    content = files.read_checksummed(root / FILE, "Remove it") or {"texts": []}
    told = [*content["texts"], {"sha256": sha256, "on": dt.date.today().isoformat()}]
    files.write_checksummed(root / FILE, {"texts": told})
    archive.record_path(root, sha256).unlink(missing_ok=True)
    text_path(root, sha256).unlink(missing_ok=True)
