"""Removes a text from the library for good; nothing else ever does."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

from rag import files
from rag.admin import feedback
from rag.errors import LibraryDamaged, OperatorRefused, ReceiptUnusable
from rag.library import archive, generations, manifest, publishing, receipts, segment
from rag.library.build.segment_writer import SegmentWriter
from rag.library.manifest import Manifest, Part
from rag.library.reader import text_path

FILE = "purged.json"


def purge(root: Path, name_or_digest: str) -> str:
    """Removes the text with that digest, or of the bulletin with that name; returns the digest.

    With it go its record, every receipt and every reader's feedback that quotes it, every generation but the one in use
    that has it, and what segments hold of it.

    Raises:
        OperatorRefused: no text is meant, several are, or a bulletin of the library carries it.
        LibraryMissing, LibraryDamaged, LibraryStale: the library can't be read.
        LibraryBusy, LibraryUnwritable: see ``generations.write_lock``.
    """
    with generations.write_lock(root):
        sha256 = _find_digest(root, name_or_digest)
        current = manifest.read_manifest(root, manifest.current_generation(root))
        dirty = _parts_to_rewrite(root, current, sha256)
        with files.translate_os_errors(root):
            if dirty:
                _publish_without(root, current, dirty)
            _remove_everywhere(root, sha256)
        return sha256


def _parts_to_rewrite(root: Path, current: Manifest, sha256: str) -> list[Part]:
    """The parts whose segments hold the text for a bulletin that is left out of the generation."""
    parts = []
    for part in current.segments:
        bulletins, _ = segment.read_bulletins(root, part.segment)
        carriers = {bulletin.name for bulletin in bulletins if bulletin.sha256 == sha256}
        if live := carriers - set(part.left_out):
            raise OperatorRefused(
                f"is carried by {sorted(live)[0]}, a bulletin of the library",
                where=sha256[:12],
                remedy="Remove its file and index first",
            )
        if carriers:
            parts.append(part)
    return parts


def _publish_without(root: Path, current: Manifest, dirty: list[Part]) -> None:
    """Publishes a generation like the current one, with these segments rewritten to their live bulletins."""
    parts = [_rewritten(root, current, part) if part in dirty else part for part in current.segments]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
    name = generations.unused_name(root, current.generation.partition(".")[0])
    number = manifest.next_number(root)
    new = replace(current, generation=name, number=number, previous=current.generation, built_at=now)
    new = replace(new, segments=tuple(parts), added=(), changed=(), removed=())
    generations.write(root, new)
    publishing.switch(root, new, list(generations.read_bulletins(root, new)))


def _rewritten(root: Path, current: Manifest, part: Part) -> Part:
    live = {name for name in segment.describe(root, part.segment).sources if name not in part.left_out}
    return Part(SegmentWriter(root, current.model).rewrite({part.segment: live}))


def _find_digest(root: Path, name_or_digest: str) -> str:
    if archive.is_digest(name_or_digest) and text_path(root, name_or_digest).exists():
        return name_or_digest
    digests = set()
    for path in root.glob("texts/*.json"):
        try:
            entries = archive.entries(root, path.stem)
        except LibraryDamaged:
            continue
        if any(entry.bulletin.name == name_or_digest for entry in entries):
            digests.add(path.stem)
    if len(digests) == 1:
        return digests.pop()
    if digests:
        several = f"has carried {len(digests)} texts: {', '.join(sorted(digests))}"
        raise OperatorRefused(several, where=name_or_digest, remedy="Name one by its digest")
    raise OperatorRefused("is no text of the library, by digest or name", where=name_or_digest, remedy="Check it")


def _holds(root: Path, part: Part, sha256: str) -> bool:
    """Whether the segment has the text, also for a bulletin that is left out of the generation."""
    bulletins, _ = segment.read_bulletins(root, part.segment)
    return any(bulletin.sha256 == sha256 for bulletin in bulletins)


def _remove_everywhere(root: Path, sha256: str) -> None:
    """Removes the text last, so that a purge that was interrupted can be repeated."""
    in_use = generations.in_use(root)
    for name, generation in manifest.all_manifests(root).items():
        if name != in_use and any(_holds(root, part, sha256) for part in generation.segments):
            shutil.rmtree(manifest.manifest_path(root, name).parent)
    publishing.remove_unused(root)
    for path in root.glob("receipts/*.json"):
        try:
            if any(quote.sha256 == sha256 for quote in receipts.read(path).quotes):
                path.unlink()
        except ReceiptUnusable:
            continue
    feedback.remove_quoting(root, sha256)
    content = files.read_checksummed(root / FILE, "Remove it") or {"texts": []}
    texts = [*content["texts"], {"sha256": sha256, "on": dt.date.today().isoformat()}]
    files.write_checksummed(root / FILE, {"texts": texts})
    archive.record_path(root, sha256).unlink(missing_ok=True)
    text_path(root, sha256).unlink(missing_ok=True)
