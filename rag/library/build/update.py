"""Brings a library up to date with its folders: a new generation is written beside the one in use, then switched to.

Bulletins that haven't changed stay in the segments that hold them; new ones are read, cut and encoded into a segment of
their own.  Small segments are merged as they become many, so that their number stays small.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingError
from rag import files
from rag.errors import Cancelled, EncoderUnavailable
from rag.ingest.folders import Folders, ProgressCallback
from rag.library import generations, publishing, quarantine
from rag.library.build.plan import Plan, propose, refuse_mistakes
from rag.library.build.recover import Recovered
from rag.library.build.write_generation import product_version, write_generation
from rag.library.manifest import Manifest, ModelCard

IsCancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Plan):
    """What indexing did, and the size of the generation that it led to."""

    generation: str
    bulletins: int
    sections: int
    passages: int
    seconds: float = 0.0
    embedded: int = 0


def update_library(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    *,
    allow_removal: bool = False,
    progress: ProgressCallback | None = None,
    cancelled: IsCancelled | None = None,
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
    on_progress = _cancellable(root, progress, cancelled)
    return _update(folders, root, encoder, None, on_progress, allow_removal=allow_removal, is_switched=True)


def prepare(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    *,
    overlay: Path | None = None,
    allow_removal: bool = False,
    progress: ProgressCallback | None = None,
    cancelled: IsCancelled | None = None,
) -> Report:
    """Writes the generation that ``update_library`` would, raising as it does, and leaves the one before in use.

    A file of ``overlay`` takes the place of the file with the same name in ``folders``.
    ``rag.library.publishing.publish`` switches to the generation.
    """
    on_progress = _cancellable(root, progress, cancelled)
    return _update(folders, root, encoder, overlay, on_progress, allow_removal=allow_removal, is_switched=False)


def dry_run(
    folders: Folders, root: Path, *, overlay: Path | None = None, progress: ProgressCallback | None = None
) -> Plan:
    """Returns what indexing would add, change and remove.  It encodes nothing and writes nothing.

    Raises:
        SeedsMissing: there is no such folder.
    """
    recovered = Recovered.read(root, None)
    return propose(folders, overlay, recovered, product_version(), _cancellable(root, progress, None)).plan


def _update(
    folders: Folders,
    root: Path,
    encoder: Encoder,
    overlay: Path | None,
    on_progress: ProgressCallback,
    *,
    allow_removal: bool,
    is_switched: bool,
) -> Report:
    began, embedded = time.perf_counter(), 0
    with generations.write_lock(root), _translate_encoder_errors():
        recovered = Recovered.read(root, ModelCard.of(encoder))
        proposal = propose(folders, overlay, recovered, product_version(), on_progress)
        refuse_mistakes(folders, recovered, proposal.scan, allow_removal=allow_removal)
        plan, manifest, notes = proposal.plan, recovered.manifest, (*recovered.notes, *proposal.plan.notes)
        is_stale = recovered.is_damaged or recovered.is_outdated or plan.added or plan.changed or plan.removed
        if manifest is None or is_stale:
            manifest, embedded = write_generation(root, encoder, recovered, proposal, on_progress)
        if overlay is None:  # what lies in one isn't in the folders yet
            with files.translate_os_errors(root):
                quarantine.write(root, plan.skipped, proposal.scan.skipped_digests, product_version())
        if is_switched:
            is_new = manifest.generation != generations.in_use(root)
            notes += (publishing.switch if is_new else publishing.repair)(root, manifest, proposal.bulletins)
    return _report(manifest, plan, began, embedded, notes)


def _report(manifest: Manifest, plan: Plan, began: float, embedded: int, notes: tuple[str, ...]) -> Report:
    changes = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return Report(
        **changes | {"notes": notes},
        generation=manifest.generation,
        bulletins=manifest.bulletins,
        sections=manifest.sections,
        passages=manifest.passages,
        seconds=round(time.perf_counter() - began, 3),
        embedded=embedded,
    )


def _cancellable(root: Path, progress: ProgressCallback | None, cancelled: IsCancelled | None) -> ProgressCallback:
    """Returns a callback that passes progress on and raises ``Cancelled`` as soon as that is wished."""

    def on_progress(stage: str, done: int, total: int) -> None:
        if cancelled and cancelled():
            raise Cancelled("stopped; nothing was changed", where=root)
        if progress:
            progress(stage, done, total)

    return on_progress


@contextmanager
def _translate_encoder_errors() -> Iterator[None]:
    try:
        yield
    except EmbeddingError as error:
        raise EncoderUnavailable(error.what, where=error.where, remedy=error.remedy) from error
